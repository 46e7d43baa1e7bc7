"""What holds for every alert, however hostile its words."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import safe
from crawler.alert import blocks
from crawler.alert.digest import Digest, bundle, digest_message, gather
from crawler.alert.mail import Letter, compose, serialise
from crawler.alert.message import message
from crawler.alert.render import Templates
from crawler.alert.retry import backoff
from crawler.alert.rules import Verdict, route
from crawler.config.models import AlertRule
from crawler.demo.blockkit import complaint
from crawler.types import AlertKind
from tests.fakes.deals import NOON, alert, deal, event, report, update

PIECES = [
    "<!channel>", "&", "|", "=?utf-8?q?=0D=0ABcc:_x=40y?=", "=?", "?=", "\r\n", "\n.\r\n",
    "\u202e", "\x1b[31m", "<script>", "{{ 7 }}", "智谱", "x" * 700, "Bcc: a@b", ">", "*", "\x00",
]  # fmt: skip
hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=12).map("".join)
quick = settings(max_examples=60, deadline=None)


@st.composite
def alerts(draw):
    words = [draw(hostile) for _ in range(5)]
    told = event(
        company=words[0] or "X",
        evidence=words[1],
        lead_investors=(words[2],),
        use_of_proceeds=words[3],
    )
    url = "https://x.example/" + draw(hostile)
    about = deal(told, reports=(report(told, title=words[4], source=words[2], url=url),) * 3)
    made = alert(about, rule=words[3])
    return draw(st.sampled_from([made, update(made, amount=(words[1], words[2]))]))


@quick
@given(alerts(), st.sampled_from([None, "https://desk.example"]))
def test_slack_takes_every_message(made, dashboard):
    said = message(made, "en", dashboard)

    for drawn in (blocks.deal(said), blocks.follow_up(said)):
        payload = {"text": blocks.text(said), "blocks": [block.to_dict() for block in drawn]}
        assert complaint(payload) is None
        assert "<!" not in json.dumps(payload)


@quick
@given(alerts())
def test_slack_takes_every_digest(made):
    told = digest_message(bundle("desk", [made], NOON))

    payload = {"text": blocks.text(told), "blocks": [b.to_dict() for b in blocks.digest(told)]}
    assert complaint(payload) is None


@quick
@given(hostile, hostile, hostile)
def test_no_title_writes_a_header(subject, channel, text):
    letter = Letter(
        sender="rw@example.org", to=["a@example.org"], subject=subject, text=text,
        html=text, key="k", channel=channel, date=NOON,
    )  # fmt: skip

    got = message_from_bytes(serialise(compose(letter), "mail"), policy=policy.default)

    assert got["To"] == "a@example.org"
    assert got["Bcc"] is None
    assert len(got.keys()) == len(set(got.keys())) == 11


@quick
@given(alerts())
def test_html_has_no_tag_that_is_not_ours(made):
    html = Templates("mail").render("deal.html", message(made))

    assert "<script" not in html
    assert "<!channel" not in html


@given(hostile)
def test_a_link_is_safe_in_every_place_or_none(text):
    made = safe.link("https://x.example/" + text)

    assert not set(made) & set("<>|\"'` \r\n\\")
    assert safe.link("javascript:" + text) == ""


@given(
    st.lists(st.sampled_from(["", "daily", "weekly", "quiet"]), max_size=120), st.integers(1, 30)
)
def test_every_alert_leaves_in_exactly_one_message(windows, burst):
    waiting = [
        alert(deal(event(company=f"C{n}"), id=f"d{n}"), digest=window)
        for n, window in enumerate(windows)
    ]

    sent = gather("desk", waiting, NOON, burst=burst)

    covered = [a.key for m in sent for a in (m.alerts if isinstance(m, Digest) else (m,))]
    assert Counter(covered) == Counter(a.key for a in waiting)
    assert all(len(m.alerts) <= 40 for m in sent if isinstance(m, Digest))


rules = st.lists(
    st.builds(
        lambda name, to, digest, low: AlertRule.model_validate(
            {"name": name, "to": to, "digest": digest, "when": {"min_usd": low}}
        ),
        st.sampled_from("abc"),
        st.lists(st.sampled_from(["desk", "mail", "gone"]), min_size=1, max_size=3, unique=True),
        st.sampled_from(["none", "hourly", "daily"]),
        st.sampled_from([0, 10**8, 10**9]),
    ),
    max_size=6,
)


@quick
@given(rules, st.sets(st.sampled_from(["desk", "mail"])), st.booleans(), st.booleans())
def test_every_rule_and_channel_is_answered_and_no_channel_is_told_twice(
    given_rules, told, changed, quiet
):
    answers = route(
        deal(),
        kind=AlertKind.NEW,
        changed={"status": ("1", "2")} if changed else {},
        rules=given_rules,
        channels=["desk", "mail"],
        told=dict.fromkeys(told),
        now=NOON,
        quiet=quiet,
    )

    assert len(answers) == sum(len(rule.to) for rule in given_rules)
    assert all(answer.reason for answer in answers)
    spoken = Counter(answer.channel for answer in answers if answer.alert)
    assert not spoken or max(spoken.values()) == 1
    assert not (quiet and spoken)
    for answer in answers:
        assert (answer.alert is not None) == (answer.verdict in {Verdict.SEND, Verdict.UPDATE})


@given(st.integers(1, 10_000), st.integers())
def test_no_wait_is_longer_than_a_quarter_of_an_hour(attempts, seed):
    assert timedelta() <= backoff(attempts, random.Random(seed)) <= timedelta(minutes=15)


@given(st.integers(1, 50))
def test_the_key_changes_with_the_revision_alone(revision):
    one, again = alert(deal(revision=revision)), alert(deal(revision=revision))

    assert one.key == replace(again, created=NOON + timedelta(days=1)).key
    assert one.key != alert(deal(revision=revision + 1)).key
