from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from crawler.alert.chart import chart
from crawler.alert.digest import Digest, Stream, bundle, digest_message, gather
from crawler.types import DealType
from tests.fakes.deals import NOON, alert, bond, deal, event, update


def alerts(count, **fields):
    return [alert(deal(event(company=f"C{n}"), id=f"d{n}"), **fields) for n in range(count)]


def covered(messages):
    return Counter(
        one.key for m in messages for one in (m.alerts if isinstance(m, Digest) else (m,))
    )


def test_a_few_alerts_leave_one_by_one_oldest_first():
    late, early = alert(created=NOON + timedelta(hours=1)), alert(deal(id="d"))

    assert gather("desk", [late, early], NOON) == [early, late]


def test_a_burst_leaves_as_digests_that_cover_every_deal_once():
    waiting = alerts(1000)

    messages = gather("desk", waiting, NOON, burst=20, page=40)

    assert len(messages) == 25
    assert covered(messages) == Counter(one.key for one in waiting)


def test_exactly_the_burst_is_no_burst():
    assert len(gather("desk", alerts(20), NOON, burst=20)) == 20


def test_each_window_is_a_digest_of_its_own():
    daily, weekly = alerts(2, digest="daily"), [alert(digest="weekly")]

    messages = gather("desk", [*daily, *weekly], NOON)

    assert [(m.window, len(m.alerts)) for m in messages] == [("daily", 2), ("weekly", 1)]


def test_one_alert_after_quiet_hours_is_no_digest():
    assert gather("desk", [alert(digest="quiet")], NOON) == [alert(digest="quiet")]
    assert isinstance(gather("desk", alerts(2, digest="quiet"), NOON)[0], Digest)


def test_the_key_of_a_digest_depends_on_its_members_alone():
    one = bundle("desk", alerts(3), NOON)

    assert one.key == bundle("desk", alerts(3)[::-1], NOON + timedelta(hours=1)).key
    assert one.key != bundle("mail", alerts(3), NOON).key
    assert one.key != bundle("desk", alerts(4), NOON).key


def test_the_largest_deals_come_first_and_the_sums_are_right():
    loan = deal(event(type=DealType.LOAN, amount_usd=None, currency=None), id="d3")
    told = digest_message(
        bundle("desk", [alert(), alert(deal(bond(), id="d2")), alert(loan)], NOON)
    )

    assert [row.company for row in told.rows][:2] == ["Baidu", "Zhipu AI"]
    assert [(t.name, t.count, t.disclosed, t.text, t.share) for t in told.by_type] == [
        ("bond", 1, 1, "US$1.4 billion", 100),
        ("funding", 1, 1, "US$137.22 million", 10),
        ("loan", 1, 0, "US$0", 0),
    ]
    assert [t.name for t in told.by_currency] == ["CNY", "?"]
    assert told.headline == "3 deals at once"


def test_a_deal_that_changed_while_it_waited_is_told_once_as_it_is_now():
    later = update(alert(), amount=("1", "2"))
    later = replace(later, deal=replace(later.deal, event=event(amount=Decimal(2_000_000_000))))

    told = digest_message(bundle("desk", [alert(), later], NOON))

    assert [row.figure for row in told.rows] == ["over CNY 2 billion (US$137.22 million)"]
    assert told.headline == "1 deal"


def test_the_chart_is_a_png_and_absent_without_sums():
    told = digest_message(bundle("desk", alerts(3), NOON))

    assert chart(told.by_currency).startswith(b"\x89PNG")
    unknown = deal(event(amount_usd=None))
    assert chart(digest_message(bundle("desk", [alert(unknown)], NOON)).by_currency) == b""


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def stream(*seconds):
    made = Stream()
    for second in seconds:
        made = made.after(alert(), at(second), burst=3)
    return made


def test_three_messages_within_five_minutes_are_a_flood_where_three_are_allowed():
    assert not stream(0, 1).floods(at(2), burst=3)
    assert stream(0, 1, 2).floods(at(3), burst=3)
    assert not stream(0, 1, 2).floods(at(301), burst=3)


def test_in_a_flood_what_comes_waits_for_half_a_minute_after_the_last():
    flood = stream(0, 1, 2)

    assert flood.gathers(at(31), burst=3)
    assert not flood.gathers(at(32), burst=3)
    assert not stream(0, 1).gathers(at(2), burst=3)


def test_digests_count_only_once_it_floods():
    many = bundle("desk", [alert()], NOON)

    assert Stream().after(many, at(0), burst=3) == Stream()
    assert stream(0, 1, 2).after(many, at(40), burst=3).gathers(at(60), burst=3)


def test_a_clock_that_was_set_back_ends_the_flood():
    assert not stream(0, 1, 2).floods(at(-1), burst=3)
