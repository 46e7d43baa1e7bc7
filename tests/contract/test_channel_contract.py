"""What every channel promises, asked of each of them."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from crawler.alert.channels import Channel, channel
from crawler.alert.digest import bundle
from crawler.alert.notice import dead_letters
from crawler.config import models
from crawler.errors import DeliveryError, SourceError
from crawler.types import Outcome
from tests.fakes.deals import NOON, alert, bond, deal, event, report, update
from tests.fakes.hook_server import Hang, HookServer, Reset, Say
from tests.fakes.slack_server import SlackServer
from tests.fakes.smtp_server import HANG, SmtpServer

CANARIES = ("CANARY-HOOK", "CANARY-TOKEN", "CANARY-PATH", "CANARY-PASSWORD", "CANARY-SECRET")
PATIENCE = {"timeout": "700ms"}
NASTY = (
    "<!channel> *Acme* =?utf-8?q?x=0D=0ABcc:_evil=40evil.example?= \r\nBcc: evil@evil.example"
    "\u202e</script><script>alert(1)</script>\x1b[31m=HYPERLINK(1)|&" + "A" * 9000
)


@dataclass
class Rig:
    """A channel, and how to look at what arrived."""

    channel: Channel
    arrived: Callable[[], list[str]]
    break_it: Callable[[str], None]


def slack_webhook(stack: ExitStack, **given: Any) -> Rig:
    server = stack.enter_context(SlackServer())
    cfg = models.SlackChannel(type="slack", webhook_url=server.url, **PATIENCE)
    made = channel("desk", cfg, **given)
    return Rig(made, lambda: list(map(json.dumps, server.received)), _moods(server))


def slack_bot(stack: ExitStack, **given: Any) -> Rig:
    server = stack.enter_context(SlackServer())
    cfg = models.SlackChannel(
        type="slack", bot_token=server.token, channel="C1", api_url=server.api_url, **PATIENCE
    )
    made = channel("bot", cfg, **given)
    return Rig(made, lambda: list(map(json.dumps, server.received)), _moods(server))


def webhook(stack: ExitStack, **given: Any) -> Rig:
    server = stack.enter_context(HookServer())
    cfg = models.WebhookChannel(type="webhook", url=server.url, secret="CANARY-SECRET", **PATIENCE)
    made = channel("hook", cfg, **given)
    return Rig(made, lambda: [got.body.decode() for got in server.requests], _moods(server))


def email(stack: ExitStack, **given: Any) -> Rig:
    server = stack.enter_context(SmtpServer(extensions=["AUTH PLAIN"]))
    url = server.url(user="me:CANARY-PASSWORD")
    cfg = models.EmailChannel(
        type="email", smtp=url, sender="Desk <rw@example.org>", to=["a@example.org"], **PATIENCE
    )
    made = channel("mail", cfg, **given)

    def break_it(how: str) -> None:
        replies = {"refuse": "554 no", "later": "450 later", "hang": HANG, "reset": "DROP"}
        server.script["MAIL"] = [replies[how].replace("no", "no to CANARY-PASSWORD")]

    return Rig(made, lambda: [letter.raw.decode() for letter in server.letters], break_it)


def command(stack: ExitStack, **given: Any) -> Rig:
    del stack
    got: list[str] = []
    argv = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    cfg = models.CommandChannel(type="command", argv=argv, timeout="5s")
    made = channel("prog", cfg, **{k: v for k, v in given.items() if k != "guard"})

    def break_it(how: str) -> None:
        codes = {
            "refuse": "import sys; sys.exit(65)",
            "later": "import sys; sys.exit(75)",
            "hang": "import time; time.sleep(60)",
            "reset": "import os; os.kill(os.getpid(), 9)",
        }
        changed = cfg.model_copy(update={"argv": (sys.executable, "-c", codes[how])})
        rig.channel = channel("prog", models.CommandChannel.model_validate(
            {**changed.model_dump(), "timeout": "1s"}
        ))  # fmt: skip

    rig = Rig(made, lambda: got, break_it)
    return rig


def _moods(server: HookServer) -> Callable[[str], None]:
    def break_it(how: str) -> None:
        moods = {"refuse": Say(404), "later": Say(503), "hang": Hang(), "reset": Reset()}
        server.moods.append(moods[how])

    return break_it


KINDS = [slack_webhook, slack_bot, webhook, email, command]
WIRED = KINDS[:-1]


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("make", KINDS)
def test_a_message_arrives_and_the_receipt_is_json(make, stack):
    rig = make(stack)

    receipt = rig.channel.send(alert())

    assert receipt["key"] == alert().key
    assert json.loads(json.dumps(receipt)) == receipt


@pytest.mark.parametrize("make", KINDS)
def test_an_update_and_a_digest_arrive(make, stack):
    rig = make(stack)
    first = rig.channel.send(alert())

    rig.channel.send(update(alert(), amount=("1", "2")), first)
    rig.channel.send(bundle("desk", [alert(), alert(deal(bond(), id="deal-2"))], NOON))


@pytest.mark.parametrize("make", KINDS)
def test_a_notice_of_the_house_arrives(make, stack):
    notice = dead_letters(NOON, "other", 3, "HTTP 404")

    assert make(stack).channel.send(notice)["key"] == notice.key


@pytest.mark.parametrize("make", WIRED)
def test_the_key_travels_with_the_message(make, stack):
    rig = make(stack)

    rig.channel.send(alert())

    assert alert().key in rig.arrived()[0]


@pytest.mark.parametrize("make", KINDS)
def test_hostile_words_arrive_as_words(make, stack):
    rig = make(stack)
    told = event(
        company=NASTY, evidence=NASTY, lead_investors=(NASTY,) * 9, investors=(NASTY,) * 40,
        use_of_proceeds=NASTY,
    )  # fmt: skip
    about = deal(
        told,
        reports=tuple(
            report(told, title=NASTY, source=NASTY, url=url)
            for url in ("javascript:alert(1)", "https://x.example/" + NASTY, "https://y.example/|<")
        )
        * 10,
    )

    receipt = rig.channel.send(alert(about, rule=NASTY))
    rig.channel.send(update(alert(about), amount=(NASTY, NASTY), status=("[", NASTY)), receipt)
    rig.channel.send(bundle("desk", [alert(about)], NOON))


@pytest.mark.parametrize("how", ["refuse", "later", "hang", "reset"])
@pytest.mark.parametrize("make", KINDS)
def test_a_broken_channel_raises_our_error_and_names_no_secret(make, how, stack, caplog):
    caplog.set_level(logging.DEBUG)
    rig = make(stack)
    rig.break_it(how)

    with pytest.raises(DeliveryError) as e:
        rig.channel.send(alert())

    assert e.value.retry == (how != "refuse")
    told = "".join(traceback.format_exception(e.value)) + caplog.text
    assert not [canary for canary in CANARIES if canary in told]


@pytest.mark.parametrize("make", [slack_webhook, slack_bot, webhook])
def test_an_address_that_the_guard_refuses_is_not_contacted(make, stack):
    asked = []

    def guard(url: str) -> list[str]:
        asked.append(url)
        raise SourceError(Outcome.REFUSED, "a private address")

    rig = make(stack, guard=guard)

    with pytest.raises(DeliveryError, match="not allowed: a private address") as e:
        rig.channel.send(alert())

    assert not e.value.retry
    assert asked
    assert not rig.arrived()
