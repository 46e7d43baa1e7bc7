"""Why was I told, why not: for every rule and channel, and as it was decided then."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import timedelta

import pytest

from crawler.cli import main
from crawler.config.models import AlertRule
from crawler.pipeline import Ingest, Policy
from crawler.reading import Reading
from crawler.resolve import Fx, Names
from crawler.review import Reviewer
from crawler.store import Store, deals, outbox, routing
from crawler.telling import explain, replay
from crawler.types import Analysis, DealType, Qualifier
from tests.fakes.live import raisewire

RULES = (
    AlertRule.model_validate({"name": "all", "to": ["desk", "mail"]}),
    AlertRule.model_validate({"name": "huge", "to": ["desk"], "when": {"min_usd": 900_000_000}}),
)


@pytest.fixture
def street(store, nouns):
    return Street(store, nouns)


class Street:
    """An ingest with two rules; articles about one company come in."""

    def __init__(self, store, nouns):
        self.store, self.nouns = store, nouns
        self.policy = Policy(rules=RULES, channels=("desk", "mail"))
        self.count = 0

    def tell(self, *, minutes=0, quiet=False, **about):
        """Let another outlet report the deal; return it."""
        self.count += 1
        now = self.nouns.later(minutes=minutes)
        event = self.nouns.event(**{"qualifier": Qualifier.EXACT, "confidence": 0.9} | about)
        article = self.nouns.article(
            f"https://outlet-{self.count}.example/a", source=f"outlet-{self.count}", published=now
        )
        reading = Reading(article, Analysis(lang="en", events=(event,)), ())
        ingest = Ingest(Names.load(()), Fx(), self.policy)
        with self.store.write() as conn:
            (deal,) = ingest.store(conn, reading, quiet=quiet, now=now).deals.values()
        return deal

    def answers(self, rule, channel, *, minutes=30):
        with self.store.read() as conn:
            (deal,) = deals.listing(conn)
            found = explain(conn, deal, self.policy, self.nouns.later(minutes=minutes))
        return [(a.verdict, a.at is None) for a in found if (a.rule, a.channel) == (rule, channel)]

    def deliver(self):
        now = self.nouns.later(minutes=1)
        with self.store.write() as conn:
            for name in ("desk", "mail"):
                for claim in outbox.claim_many(conn, name, "me", now, timedelta(1), limit=9):
                    outbox.finish(conn, claim, "ok", 200, "", None, now, receipt={})


def test_every_rule_and_channel_has_an_answer(street):
    street.tell()
    street.deliver()

    assert street.answers("all", "desk") == [
        ("send", False), ("delivered", False), ("repeat", True),
    ]  # fmt: skip
    assert street.answers("all", "mail")[1] == ("delivered", False)
    assert street.answers("huge", "desk") == [("filtered", False), ("repeat", True)]


def test_a_quiet_first_poll_is_still_the_reason_days_later(street):
    street.tell(quiet=True)

    assert street.answers("all", "desk", minutes=3 * 1440) == [("quiet", False), ("old", True)]


def test_an_unsure_deal_says_so_and_a_second_witness_is_told(street):
    street.policy = Policy(rules=RULES, channels=("desk", "mail"), sure={DealType.FUNDING: 0.8})
    street.tell(confidence=0.3)
    assert street.answers("all", "desk") == [("unsure", False), ("unsure", True)]

    street.policy = Policy(rules=RULES, channels=("desk", "mail"))
    street.tell(minutes=5, confidence=0.3)
    assert [verdict for verdict, _ in street.answers("all", "desk")] == [
        "unsure", "send", "pending", "repeat",
    ]  # fmt: skip


def test_a_silence_in_force_when_it_came_is_the_reason_when_it_is_over(street):
    with street.store.write() as conn:
        until = street.nouns.later(minutes=10)
        outbox.silence(conn, {"channel": "desk"}, street.nouns.now, until, comment="holidays")
    street.tell()

    assert street.answers("all", "desk") == [("silenced", False), ("send", True)]
    with street.store.read() as conn:
        (deal,) = deals.listing(conn)
        (first, *_) = routing.decisions(conn, deal.id)
    assert first.reason == "silenced until 2026-03-02 09:10 UTC (holidays)"


def test_repeats_are_kept_once_however_many_outlets_tell_it(street):
    for minute in range(5):
        street.tell(minutes=minute)

    assert [verdict for verdict, _ in street.answers("all", "desk")] == [
        "send", "pending", "repeat", "repeat",
    ]  # fmt: skip


def test_whoever_was_told_of_a_merged_deal_is_not_told_of_it_as_new(street):
    kept = street.tell(quiet=True)
    gone = street.tell(company="Zenith Robotics")
    reviewer = Reviewer(Ingest(Names.load(()), Fx(), street.policy), "ada", street.nouns.now)
    with street.store.write() as conn:
        reviewer.merge(conn, kept.id, gone.id, "a new name")
    street.tell(minutes=5)

    with street.store.read() as conn:
        kinds = [row.kind for row in outbox.listing(conn, channel="desk")]
        (left,) = deals.listing(conn)
        told = explain(conn, left, street.policy, street.nouns.now)
    assert kinds.count("new") == 1
    assert {"quiet", "send", "pending"} <= {answer.verdict for answer in told}


def test_what_was_decided_first_stays_however_often_it_changes(store, nouns):
    def turn(n):
        return [
            routing.Decision(
                at=nouns.later(minutes=n), revision=n, rule="all", channel="desk",
                verdict=f"v{n}", reason="",
            )
        ]  # fmt: skip

    with store.write() as conn:
        for n in range(40):
            routing.keep_decisions(conn, "d", turn(n))
        kept = [decision.verdict for decision in routing.decisions(conn, "d")]

    assert (kept[0], kept[-1], len(kept)) == ("v0", "v39", routing.MOST)


def test_a_replay_asks_as_if_nobody_knew_and_a_queueing_one_tells_nobody_twice(street):
    street.tell()
    since = street.nouns.later(days=-1)
    with street.store.read() as conn:
        fresh = [a.verdict for _, found in replay(conn, street.policy, since) for a in found]
        again = replay(conn, street.policy, since, told=True)
        known = [a.verdict for _, found in again for a in found]

    assert fresh == ["send", "send", "filtered"]
    assert known == ["repeat", "repeat", "repeat"]


# --- the commands -------------------------------------------------------------------

ROUND = {
    "url": "https://ledger.example/a",
    "title": "Corvid Robotics raises $85 million in Series C round",
    "text": "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures.",
    "published": "2026-03-02T09:00:00Z",
    "source": "ledger",
    "lang": "en",
}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """Return a config whose database has one imported deal."""
    folder = tmp_path_factory.mktemp("desk")
    file, articles = folder / "config.yaml", folder / "a.jsonl"
    file.write_text(
        f"database: sqlite:///{folder}/explain.db\n"
        "channels: {desk: {type: command, argv: [/bin/true]}}\n"
        "alerts: [{name: all, to: [desk]}]\n"
    )
    articles.write_text(json.dumps(ROUND) + "\n")
    assert raisewire("import", str(articles), "--config", str(file)).returncode == 0
    return file


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def desk(config, monkeypatch, capsys):
    """Run `raisewire …` in this process."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["raisewire", "--config", str(config), *words])
        with pytest.raises(SystemExit) as end:
            main()
        return Done(int(end.value.code or 0), *capsys.readouterr())

    return run


def test_the_command_explains_an_import_that_was_quiet(desk):
    (deal,) = [json.loads(line) for line in desk("deals", "--json").stdout.splitlines()]
    lines = desk("alerts", "explain", deal["id"][:8], "--json").stdout.splitlines()
    first = json.loads(lines[0])

    assert (first["rule"], first["channel"], first["verdict"]) == ("all", "desk", "quiet")
    assert first["reason"] == "it came with a first poll, an import or a backfill"


def test_a_silence_is_listed_shown_with_the_alerts_and_ended(desk):
    assert desk("alerts", "silence", "--for", "2h", "--company", "Acme").returncode == 0

    assert "company Acme" in desk("alerts", "silences").stdout
    assert "silences in force: 1" in desk("alerts", "list").stderr
    assert desk("alerts", "unsilence", "1").returncode == 0
    assert "Acme" not in desk("alerts", "silences").stdout
    assert desk("alerts", "unsilence", "1").returncode == 2


def test_a_replay_queues_what_nobody_was_told_once(desk):
    assert "1 messages would go out" in desk("alerts", "replay", "--since", "9999d").stderr
    assert "1 of them queued" in desk("alerts", "replay", "--since", "9999d", "--queue").stderr
    assert "0 messages, 0" in desk("alerts", "replay", "--since", "9999d", "--queue").stderr
    assert "pending" in desk("alerts", "show", "1").stdout


def test_a_held_channel_is_shown_and_released_once(desk, config):
    store = Store(f"sqlite:///{config.parent}/explain.db")
    with store.write() as conn:
        outbox.hold_channel(conn, "desk", None, "HTTP 404")
    store.close()

    assert "desk is held until it is released: HTTP 404" in desk("alerts", "list").stderr
    assert "released" in desk("alerts", "release", "desk").stderr
    assert "not held; held: none" in desk("alerts", "release", "desk").stderr
