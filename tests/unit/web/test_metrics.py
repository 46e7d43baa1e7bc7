"""What is counted at each station: the numbers say what happened."""

from __future__ import annotations

from crawler import metrics


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"raisewire_{name}", labels) or 0.0


def test_news_is_timed_from_its_publication_and_from_when_it_was_seen(nouns):
    report = nouns.report(published=nouns.later(minutes=-30), seen_at=nouns.later(minutes=-2))
    alert = nouns.alert(deal=nouns.deal(reports=(report,)))
    metrics.delivered("clock", [alert], nouns.now)

    assert value("published_to_delivered_seconds_sum", channel="clock") == 1800
    assert value("seen_to_delivered_seconds_sum", channel="clock") == 120


def test_a_clock_that_is_ahead_counts_as_at_once(nouns):
    report = nouns.report(published=nouns.later(hours=2), seen_at=nouns.now)
    metrics.delivered("ahead", [nouns.alert(deal=nouns.deal(reports=(report,)))], nouns.now)

    assert value("published_to_delivered_seconds_sum", channel="ahead") == 0


def test_a_config_that_does_not_hold_shows():
    metrics.reloaded(well=False)
    assert value("config_reload_success") == 0
    metrics.reloaded(well=True)
    assert value("config_reload_success") == 1
