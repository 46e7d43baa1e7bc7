import json
from decimal import Decimal

import pytest

from crawler.alert import blocks
from crawler.alert.digest import bundle, digest_message
from crawler.alert.message import message
from crawler.demo.blockkit import complaint, weight
from crawler.types import Qualifier
from tests.fakes.deals import NOON, alert, bond, deal, event, report, update

NASTY = "<!channel> & <https://evil.example|click> *x* \u202e" + "&" * 4000


def payload(made):
    return {"text": "x", "blocks": [block.to_dict() for block in made]}


def test_a_deal_is_a_header_facts_proof_and_sources():
    made = payload(blocks.deal(message(alert())))

    assert complaint(made) is None
    assert [block["type"] for block in made["blocks"]] == [
        "header", "section", "section", "context", "context",
    ]  # fmt: skip


def test_the_key_is_in_the_payload():
    assert alert().key in json.dumps(payload(blocks.deal(message(alert()))))


def test_a_dashboard_gives_buttons():
    made = payload(blocks.deal(message(alert(), dashboard="https://desk.example")))

    assert complaint(made) is None
    assert [e["text"]["text"] for e in made["blocks"][-1]["elements"]] == [
        "Open the deal", "Mute Zhipu AI", "Mark as wrong",
    ]  # fmt: skip


def test_a_follow_up_is_shorter_and_begins_with_the_change():
    said = message(update(alert(), amount=("1", "2")))
    short = payload(blocks.follow_up(said))

    assert complaint(short) is None
    assert "was CNY 1" in short["blocks"][1]["text"]["text"]
    assert len(short["blocks"]) < len(payload(blocks.deal(said))["blocks"])


@pytest.mark.parametrize("make", [blocks.deal, blocks.follow_up])
def test_hostile_words_stay_within_the_limits_and_are_escaped(make):
    told = event(company=NASTY, evidence=NASTY, lead_investors=(NASTY,) * 9, use_of_proceeds=NASTY)
    about = deal(told, reports=(report(told, title=NASTY, source=NASTY),) * 30)
    later = update(alert(about, earlier=(about,) * 9), amount=(NASTY, NASTY))

    made = payload(make(message(later, dashboard="https://desk.example")))

    assert complaint(made) is None
    assert weight(made["blocks"]) <= 12_000
    assert "<!" not in json.dumps(made)


def test_a_page_of_the_longest_deals_has_room_for_all_of_them():
    told = [
        deal(
            event(
                company=f"C{n:02}" + "&" * 200, amount=Decimal(10) ** 14, qualifier=Qualifier.UP_TO
            ),
            id=f"d{n}",
            reports=(report(event(), url="https://x.example/" + "a" * 80),),
        )
        for n in range(40)
    ]

    made = payload(blocks.digest(digest_message(bundle("desk", [alert(d) for d in told], NOON))))

    assert complaint(made) is None
    assert all(f"C{n:02}" in json.dumps(made) for n in range(40))


def test_a_digest_says_how_many_had_no_room():
    told = [deal(bond(company=f"Company {n}"), id=f"d{n}") for n in range(400)]

    made = payload(blocks.digest(digest_message(bundle("desk", [alert(d) for d in told], NOON))))

    assert complaint(made) is None
    shown = sum(json.dumps(b).count("\\u2022") for b in made["blocks"])
    assert f"{400 - shown} more" in json.dumps(made["blocks"][-1])


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        ([], "invalid_payload"),
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": "bare"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        (
            {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]},
            "invalid_blocks",
        ),
        (
            {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]},
            "invalid_blocks",
        ),
        (
            {"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]},
            "invalid_blocks",
        ),
        ({"blocks": [{"type": "divider", "block_id": "a"}] * 2}, "invalid_blocks"),
        (
            {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5},
            "msg_blocks_too_long",
        ),
        ({"text": "fine"}, None),
    ],
)
def test_the_sink_refuses_what_slack_refuses(payload, word):
    assert complaint(payload) == word


def test_a_text_is_cut_after_it_is_escaped():
    assert blocks.fit("a&b", 50) == "a&amp;b"
    assert blocks.fit("&" * 10, 12) == "&amp;&amp;…"


def test_a_person_s_own_template_becomes_sections():
    made = payload(blocks.own("*hello* " * 1000, "k"))

    assert complaint(made) is None
    assert len(made["blocks"]) == 3
