"""
What resolving costs: one event before a company with many reports, and a long backfill.

    python bench/backfill.py --articles 50000

Prints milliseconds of processor time: for the last events of a company with 100 reports, and
for each tenth of the backfill (article, report, deal, revision, keys, in one transaction each).
The last tenth costs what the first did if the cost does not grow with what is stored.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median

from crawler.pipeline import Ingest, Policy
from crawler.reading import Reading
from crawler.resolve import Fx, Names, resolve
from crawler.store import Store
from crawler.types import (
    Analysis,
    Article,
    Deal,
    DealType,
    Event,
    Qualifier,
    Report,
    Role,
    Round,
    SourceClass,
    Status,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
ROUNDS = (Round.SERIES_A, Round.SERIES_B, Round.SERIES_C, Round.SERIES_D)


def event(company: str, number: int) -> Event:
    """Return round `number` of a company; sums as news has them, many of them round."""
    rng = random.Random(f"{company} {number}")
    million = rng.choice((5, 10, 12, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300))
    if rng.random() < 0.5:
        million = rng.randrange(3, 400)
    return Event(
        type=DealType.FUNDING,
        status=Status.COMPLETED,
        company=company,
        amount=Decimal(million * 1_000_000),
        currency="USD",
        qualifier=Qualifier.EXACT,
        round=ROUNDS[number % 4],
        lead_investors=(f"Fund {company[-2:]}{number}",),
        evidence=f"{company} raised its round number {number}.",
        confidence=0.9,
    )


def name(number: int) -> str:
    """Return a company's name, unlike that of most others."""
    rng = random.Random(number)
    return "".join(rng.choice("bcdfglmnprstvz") + rng.choice("aeiou") for _ in range(4)).title()


def sketch(rng: random.Random) -> tuple[int, ...]:
    """Return the sketch of a text like no other."""
    return tuple(rng.randrange(2**60) for _ in range(64))


def report(rng: random.Random, number: int, told: Event, day: float) -> Report:
    """Return one more outlet's report of an event."""
    at = START + timedelta(days=day)
    return Report(
        id=number, event=told, role=Role.REPORT, url=f"https://o{number}.example/", title="",
        source=f"o{number % 20}", source_class=SourceClass.OUTLET, lang="en", published=at,
        seen_at=at, sketch=sketch(rng),
    )  # fmt: skip


def block(deals: int, outlets: int, apart: int) -> float:
    """Return milliseconds for one more report of a company with deals x outlets reports."""
    rng, names, fx = random.Random(3), Names.load(), Fx()
    known: dict[str, Deal] = {}
    took: list[float] = []
    for number in range(deals * outlets):
        deal, place = divmod(number, outlets)
        one = report(rng, number + 1, event("Quillmind", deal), deal * apart + place / 4)
        began = time.process_time()
        found = resolve(one, list(known.values()), names=names, fx=fx)
        took.append(time.process_time() - began)
        known |= {made.id: made for made in found.deals}
        known = {ident: made for ident, made in known.items() if not made.merged_into}
    return median(took[-20:]) * 1000


def readings(articles: int) -> Iterator[Reading]:
    """Yield articles as a year of news brings them: five outlets tell each round."""
    rng = random.Random(5)
    companies = max(1, articles // 25)
    for number in range(articles):
        deal, place = divmod(number, 5)
        company, nth = deal % companies, deal // companies
        at = START + timedelta(days=730 * deal * 5 / articles, hours=place)
        told = event(name(company), nth)
        yield Reading(
            Article(
                url=f"https://o{number % 20}.example/{number}", title=told.evidence,
                text=told.evidence, lang="en", seen_at=at, published=at, source="o",
                content_hash=str(number),
            ),
            Analysis(lang="en", events=(told,)),
            sketch(rng),
        )  # fmt: skip


def backfill(articles: int) -> None:
    """Print what each tenth of a backfill costs an article."""
    ingest = Ingest(Names.load(()), Fx(), Policy())
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/backfill.db")
        store.upgrade()
        began, tenth = time.process_time(), max(1, articles // 10)
        for number, reading in enumerate(readings(articles), 1):
            with store.write() as conn:
                ingest.store(conn, reading, quiet=True, now=reading.article.seen_at)
            if number % tenth == 0:
                now = time.process_time()
                print(f"{number:>7} articles  {(now - began) / tenth * 1000:.2f} ms each")
                began = now
        store.close()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=50_000)
    arguments = parser.parse_args()
    for shape in ((10, 10, 30), (4, 25, 30), (1, 100, 0), (25, 4, 10)):
        print(f"{shape[0]} deals of {shape[1]} reports: {block(*shape):.1f} ms for one more")
    backfill(arguments.articles)


if __name__ == "__main__":
    main()
