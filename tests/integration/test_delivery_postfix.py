"""Letters through a real mail server: Debian's Postfix."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.alert.channels import channel
from crawler.alert.digest import bundle
from crawler.config import models
from crawler.delivery import Post
from crawler.errors import DeliveryError
from crawler.store.outbox import State
from tests.conftest import absent
from tests.fakes.certificates import papers
from tests.fakes.courier import Clock, house, states, told, until
from tests.fakes.deals import NOON, alert, bond, deal, update
from tests.fakes.postfix import PROGRAM, Postfix


@pytest.fixture(scope="module")
def postfix():
    if not PROGRAM.exists():
        absent(f"no {PROGRAM} (apt-get install postfix)")
    if os.geteuid() != 0:
        absent("Postfix starts only as root")
    home = Path(tempfile.mkdtemp(prefix="raisewire-postfix-"))
    home.chmod(0o755)
    made = papers(home)
    try:
        boxes = ["anna", "desk", "early", "late"]
        with Postfix(home, home / "server.pem", mailboxes=boxes, later=["slow"]) as server:
            server.ca = made.ca
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def letterbox(postfix, *names, scheme="smtp+starttls"):
    to = [f"{name}@example.org" for name in names]
    about = {"smtp": postfix.url(scheme), "sender": "Raisewire <rw@example.org>", "to": to}
    cfg = models.EmailChannel(type="email", ca=postfix.ca, **about)
    return channel("mail", cfg)


def test_a_letter_arrives_over_starttls_as_it_was_written(postfix):
    first = alert(deal(), "mail")
    made = letterbox(postfix, "anna")
    receipt = made.send(first)
    made.send(update(first, status=("planned", "announced")), receipt)

    new, changed = postfix.letters("anna", 2)
    assert "Zhipu AI" in new["Subject"]
    assert new["Message-ID"] == receipt["message_id"]
    assert new["Auto-Submitted"] == "auto-generated"
    assert new["List-Id"].endswith("<mail.raisewire.example.org>")
    assert "with ESMTPS" in new["Received"]
    assert [part.get_content_type() for part in new.iter_parts()] == ["text/plain", "text/html"]
    assert "Hangzhou City Investment Group" in new.get_body(("plain",)).get_content()
    assert changed["In-Reply-To"] == new["Message-ID"]
    assert changed["References"] == new["Message-ID"]


def test_a_digest_arrives_with_its_chart(postfix):
    many = [alert(deal(), "mail"), alert(deal(bond(), id="d2"), "mail")]
    letterbox(postfix, "desk").send(bundle("mail", many, NOON))

    (letter,) = postfix.letters("desk")
    kinds = [part.get_content_type() for part in letter.walk()]
    assert "image/png" in kinds


def test_each_recipient_is_judged_alone(postfix):
    with pytest.raises(DeliveryError) as e:
        letterbox(postfix, "early", "ghost", "slow", scheme="smtp").send(alert(deal(), "mail"))

    said = e.value.receipt["recipients"]
    assert said["early@example.org"] == "ok"
    assert said["ghost@example.org"].startswith("dead 550 5.1.1")
    assert said["slow@example.org"].startswith("later 450 4.2.0")
    assert e.value.retry
    assert e.value.retry_after == timedelta(minutes=5)
    assert len(postfix.letters("early")) == 1


async def test_the_courier_writes_again_only_to_who_was_put_off(postfix, tmp_path):
    made = letterbox(postfix, "late", "slow", scheme="smtp")
    posts = {"mail": Post(channel=made, kind="email", per_minute=6000)}
    async with house(tmp_path, posts, told(1, "mail"), Clock(speed=900)) as store:
        await until(lambda: postfix.log().count("<slow@example.org>: Recipient address") > 3)
        assert states(store)["mail", State.DELIVERED] == 0

    assert len(postfix.letters("late")) == 1
