from __future__ import annotations

import hashlib
import hmac
import os
import sys
import time
from pathlib import Path

import pytest

from crawler.alert.channels import channel
from crawler.alert.digest import bundle
from crawler.config import models
from crawler.errors import DeliveryError, Scope
from tests.fakes.certificates import papers
from tests.fakes.deals import NOON, alert, bond, deal, update
from tests.fakes.hook_server import Drip, HookServer, Say

# Apprise loads a module that Python 3.11 has deprecated.
apprise = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def webhook(url, **fields):
    return channel("hook", models.WebhookChannel(type="webhook", url=url, **fields))


def program(code, timeout="20s"):
    argv = [sys.executable, "-c", code]
    return channel("prog", models.CommandChannel(type="command", argv=argv, timeout=timeout))


def refused(made):
    with pytest.raises(DeliveryError) as e:
        made.send(alert())
    return e.value


def test_a_receiver_can_verify_who_sent_it_and_when():
    with HookServer() as hook:
        webhook(hook.url, secret="s3cret").send(alert())

    (got,) = hook.requests
    signed = got.headers["x-timestamp"].encode() + b"." + got.body
    mine = hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert got.headers["x-signature"] == f"sha256={mine}"
    assert abs(int(got.headers["x-timestamp"]) - time.time()) < 60
    assert got.headers["idempotency-key"] == alert().key


def test_without_a_secret_there_is_no_signature():
    with HookServer() as hook:
        webhook(hook.url).send(alert())

    assert "x-signature" not in hook.requests[0].headers


def test_the_json_of_an_alert():
    with HookServer() as hook:
        webhook(hook.url).send(update(alert(), amount=("1", "2")))

    told = hook.requests[0].json
    assert told["schema"] == "raisewire.alert.v1"
    assert told["kind"] == "update"
    assert told["changed"] == {"amount": {"before": "1", "after": "2"}}
    assert told["deal"]["amount"] == 1_000_000_000
    assert told["deal"]["articles"][0]["lang"] == "it"
    assert told["url"] == "https://milano.example/zhipu"
    assert told["headline"].startswith("Update: Zhipu AI")


def test_the_json_of_a_digest_covers_every_alert():
    with HookServer() as hook:
        webhook(hook.url).send(bundle("hook", [alert(), alert(deal(bond(), id="d2"))], NOON))

    told = hook.requests[0].json
    assert told["schema"] == "raisewire.digest.v1"
    assert [one["deal"]["company"] for one in told["alerts"]] == ["Baidu", "Zhipu AI"]
    assert told["by_currency"] == [
        {"name": "CNY", "deals": 2, "disclosed": 2, "usd": 1_537_220_000}
    ]


def test_a_server_that_drips_is_cut_off_in_time():
    with HookServer() as hook:
        hook.moods.append(Drip())
        begun = time.monotonic()
        error = refused(webhook(hook.url, timeout="600ms"))

    assert time.monotonic() - begun < 5
    assert error.retry
    assert error.unknown


def test_a_server_that_is_not_there_has_certainly_not_got_it():
    with HookServer() as hook:
        url = hook.url

    error = refused(webhook(url))

    assert error.retry
    assert not error.unknown
    assert error.scope is Scope.CHANNEL


def test_https_to_somebody_whom_nobody_vouches_for_holds_the_channel(tmp_path):
    mine = papers(tmp_path)
    with HookServer() as hook:
        hook._server.socket = mine.server.wrap_socket(hook._server.socket, server_side=True)
        url = hook.url.replace("http:", "https:")
        error = refused(webhook(url))
        webhook(url, ca=mine.ca).send(alert())

    assert (error.retry, error.scope) == (False, Scope.CHANNEL)
    assert len(hook.requests) == 1


def test_a_program_reads_json_and_knows_the_key(tmp_path):
    out = tmp_path / "got"
    code = (
        "import json, os, sys; told = json.load(sys.stdin); "
        f"open({str(out)!r}, 'w').write(told['key'] + os.environ['RAISEWIRE_KEY'])"
    )

    program(code).send(alert())

    assert out.read_text() == alert().key * 2


def test_a_program_does_not_inherit_our_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "CANARY")
    out = tmp_path / "env"

    program(f"import os; open({str(out)!r},'w').write(str(dict(os.environ)))").send(alert())

    assert "CANARY" not in out.read_text()


@pytest.mark.parametrize(
    ("code", "again", "scope"),
    [
        (1, True, Scope.MESSAGE),
        (75, True, Scope.MESSAGE),
        (65, False, Scope.MESSAGE),
        (64, False, Scope.CHANNEL),
        (78, False, Scope.CHANNEL),
    ],
)
def test_an_exit_code_is_an_answer(code, again, scope):
    error = refused(program(f"import sys; print('what went wrong'); sys.exit({code})"))

    assert (error.retry, error.scope, error.code) == (again, scope, code)
    assert "what went wrong" in str(error)


def test_a_crash_may_have_happened_after_the_deed():
    error = refused(program("import os; os.kill(os.getpid(), 11)"))

    assert error.retry
    assert error.unknown
    assert "signal 11" in str(error)


def test_a_program_that_is_not_there_holds_the_channel():
    cfg = models.CommandChannel(type="command", argv=["/nowhere/at-all"])

    error = refused(channel("prog", cfg))

    assert (error.retry, error.scope) == (False, Scope.CHANNEL)
    assert "No such file" in str(error)


def test_a_program_that_hangs_ends_with_all_its_children(tmp_path):
    pid = tmp_path / "pid"
    child = f"import os,time; open({str(pid)!r},'w').write(str(os.getpid())); time.sleep(60)"
    code = f"import subprocess,sys; subprocess.run([sys.executable, '-c', {child!r}])"

    error = refused(program(code, timeout="3s"))

    assert error.unknown
    assert not alive(int(pid.read_text()))


def test_a_program_that_leaves_a_child_behind_does_not_hold_us_up(tmp_path):
    pid = tmp_path / "pid"
    code = (
        "import subprocess,sys; "
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        f"open({str(pid)!r},'w').write(str(p.pid))"
    )
    begun = time.monotonic()

    program(code).send(alert())

    assert time.monotonic() - begun < 10
    assert not alive(int(pid.read_text()))


def test_a_flood_of_words_is_neither_kept_nor_a_stop():
    code = "import sys; sys.stdin.read(); [print('x' * 1000) for _ in range(20_000)]"

    assert program(code).send(alert())


def test_a_program_that_does_not_listen_is_judged_by_its_exit():
    assert program("import sys; sys.stdin.close()").send(alert())


def alive(pid: int) -> bool:
    """Tell whether a process still runs; a zombie does not."""
    for _ in range(40):
        try:
            os.kill(pid, 0)
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (ProcessLookupError, FileNotFoundError):
            return False
        if stat.rpartition(")")[2].split()[0] == "Z":
            return False
        time.sleep(0.05)
    return True


@apprise
def test_apprise_posts_to_one_of_its_services():
    with HookServer() as hook:
        url = hook.url.replace("http://", "json://")
        channel("more", models.AppriseChannel(type="apprise", url=url)).send(alert())
        hook.moods.append(Say(500))
        error = refused(channel("more", models.AppriseChannel(type="apprise", url=url)))

    told = hook.requests[0].json
    assert "Zhipu AI" in told["title"]
    assert "1,000,000,000" in told["message"]
    assert error.retry


@apprise
def test_an_apprise_address_of_no_service_holds_the_channel():
    error = refused(channel("more", models.AppriseChannel(type="apprise", url="nonsense://x")))

    assert (error.retry, error.scope) == (False, Scope.CHANNEL)
    assert "nonsense" not in str(error)
