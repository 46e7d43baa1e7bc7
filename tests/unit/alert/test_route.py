from datetime import timedelta
from typing import Any

import pytest

from crawler.alert.rules import Silence, Verdict, route
from crawler.config.models import AlertRule, Watch
from crawler.types import AlertKind, Review, Revision
from tests.fakes.deals import NOON, deal, event, report

CHANGED = {"amount": ("1000000000", "1200000000")}


def rule(name="big", to=("desk",), **fields: Any) -> AlertRule:
    return AlertRule.model_validate({"name": name, "to": list(to), **fields})


def decide(about=None, rules=None, **given: Any):
    usual: dict[str, Any] = {
        "kind": AlertKind.NEW,
        "changed": {},
        "rules": rules or [rule()],
        "channels": ["desk", "mail"],
        "told": {},
        "now": NOON,
    }
    return route(about or deal(), **usual | given)


def only(answers):
    (answer,) = answers
    return answer


def test_a_new_deal_that_meets_the_rule_is_told():
    answer = only(decide())

    assert answer.verdict is Verdict.SEND
    assert answer.alert.kind is AlertKind.NEW
    assert answer.alert.channel == "desk"


def test_the_key_is_the_same_on_every_repeat_and_differs_by_channel_and_revision():
    keys = {
        only(decide(deal(revision=r), [rule(to=[to])])).alert.key
        for r in (1, 1, 2)
        for to in ("desk", "desk", "mail")
    }

    assert len(keys) == 4


def test_a_deal_that_misses_the_rule_says_which_condition():
    answer = only(decide(rules=[rule(when={"min_usd": 200_000_000})]))

    assert answer.verdict is Verdict.FILTERED
    assert answer.reason == "US$137,220,000 is under min_usd 200,000,000"
    assert answer.alert is None


def test_a_first_poll_is_quiet():
    assert only(decide(quiet=True)).verdict is Verdict.QUIET


def test_news_older_than_a_day_is_not_told():
    old = deal(reports=(report(event(), published=NOON - timedelta(hours=25)),))

    answer = only(decide(old))

    assert answer.verdict is Verdict.OLD
    assert answer.reason == "the news is 25 h old"


def test_a_late_repeat_of_old_news_is_old_too():
    first = report(event(), published=NOON - timedelta(days=3))
    repeat = report(event(), published=NOON)

    assert only(decide(deal(reports=(repeat, first)))).verdict is Verdict.OLD


def test_a_change_is_as_fresh_as_the_article_that_brings_it():
    old = report(event(), published=NOON - timedelta(days=9))
    change = Revision(
        number=2, at=NOON, known_at=NOON, changed=CHANGED, material=True, url="", quote=""
    )
    about = deal(revision=2, reports=(old,), history=(change,))

    assert only(decide(about, changed=CHANGED)).verdict is Verdict.SEND


def test_several_rules_for_one_channel_are_one_message():
    answers = decide(rules=[rule("a"), rule("b", to=["desk", "mail"])])

    assert [(a.rule, a.channel, a.verdict) for a in answers] == [
        ("a", "desk", Verdict.SEND),
        ("b", "desk", Verdict.COVERED),
        ("b", "mail", Verdict.SEND),
    ]


def test_the_rule_that_speaks_first_wins_over_a_digest():
    answers = decide(rules=[rule("slow", digest="daily"), rule("fast")])

    assert [a.rule for a in answers if a.alert] == ["fast"]


def test_a_repeat_changes_nothing():
    answer = only(decide(told={"desk": object()}, kind=AlertKind.UPDATE))

    assert answer.verdict is Verdict.REPEAT


def test_a_material_change_follows_up_even_when_the_rule_no_longer_matches():
    shrunk = [rule(when={"min_usd": 900_000_000})]

    answer = only(decide(rules=shrunk, told={"desk": 1}, changed=CHANGED))

    assert answer.verdict is Verdict.UPDATE
    assert answer.alert.kind is AlertKind.UPDATE
    assert answer.alert.changed == CHANGED


def test_a_change_tells_the_deal_as_new_where_it_was_never_told():
    answer = only(decide(kind=AlertKind.UPDATE, changed=CHANGED))

    assert answer.alert.kind is AlertKind.NEW
    assert answer.alert.changed == {}


def test_muted_companies_are_known_by_any_of_their_names():
    assert only(decide(muted=["智谱ai"])).verdict is Verdict.MUTED
    assert only(decide(rules=[rule(mute=["ZHIPU  AI, Inc."])])).verdict is Verdict.MUTED


def test_a_silence_covers_what_it_names_and_ends():
    hour = timedelta(hours=1)
    silence = Silence(until=NOON + hour, company="Zhipu AI", comment="rumours")

    assert only(decide(silences=[silence])).reason == (
        "silenced until 2026-11-24 13:00 UTC (rumours)"
    )
    assert only(decide(silences=[silence], now=NOON + hour)).verdict is Verdict.SEND
    assert only(decide(silences=[Silence(until=None, channel="mail")])).alert
    assert not only(decide(silences=[Silence(until=None)])).alert


def test_a_silence_read_from_a_matcher_names_what_it_knows():
    assert Silence.of({"rule": "big"}, None, None).rule == "big"
    with pytest.raises(ValueError, match="names company, channel or rule, not 'deal'"):
        Silence.of({"deal": "d1"}, None, None)


def test_a_silence_without_an_end_says_no_time():
    assert only(decide(silences=[Silence(until=None, comment="gone")])).reason == "silenced (gone)"


def test_rejected_and_merged_deals_are_not_told():
    assert only(decide(deal(review=Review.REJECTED))).verdict is Verdict.CLOSED
    assert "merged into deal-9" in only(decide(deal(merged_into="deal-9"))).reason


def test_a_channel_that_is_gone_from_the_config_says_so():
    assert only(decide(channels=["mail"])).verdict is Verdict.NO_CHANNEL


def test_quiet_hours_hold_the_message_until_they_end():
    answer = only(decide(rules=[rule(quiet_hours="12:30-14:00 Europe/Rome")]))

    assert answer.alert.not_before == NOON.replace(hour=13)
    assert answer.alert.digest == "quiet"
    assert answer.reason.endswith("held until 2026-11-24 13:00 UTC (quiet)")


def test_market_hours_hold_the_message_until_they_open():
    answer = only(decide(rules=[rule(market_hours="mon-fri 09:30-16:00 America/New_York")]))

    assert answer.alert.not_before == NOON.replace(hour=14, minute=30)


def test_market_hours_that_open_inside_quiet_hours_wait_for_their_end():
    hours = {"quiet_hours": "11:00-15:00 UTC", "market_hours": "14:30-16:00 UTC"}

    assert only(decide(rules=[rule(**hours)])).alert.not_before == NOON.replace(hour=15)


def test_a_digest_waits_for_its_time():
    daily = only(decide(rules=[rule(digest="daily", digest_at="08:00 Asia/Tokyo")])).alert

    assert daily.not_before == NOON.replace(hour=23)
    assert daily.digest == "daily"


def test_a_watchlist_rule_knows_the_aliases():
    watch = [Watch(name="Z.ai", aliases=("智谱AI",))]
    rules = [rule(when={"watchlist": True})]

    assert only(decide(rules=rules, watch=watch)).verdict is Verdict.SEND
    assert only(decide(rules=rules)).verdict is Verdict.FILTERED
