"""
The dashboard at full size: fill a database with made-up deals and articles, time every page.

    python bench/screen.py fill sqlite:////tmp/screen.db
    python bench/screen.py fill postgresql+psycopg://postgres@127.0.0.1/screen
    python bench/screen.py time URL [--rounds 20]

`time` prints for each page p50 and p95 of the server's time, and its weight; it exits with 1
when a page is over its yardstick (p95 150 ms, search 200 ms, 100 KB).
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table, text

from crawler.app import open_house
from crawler.config import loads
from crawler.store import Store
from crawler.store import tables as t
from crawler.store.search import POSTGRES_INDEXES
from crawler.types import (
    BondType,
    Conflict,
    Deal,
    DealType,
    Event,
    Qualifier,
    Review,
    Revision,
    Round,
    Status,
    Tranche,
    UsdBasis,
)
from crawler.wire import plain

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
YEARS = 3
SEARCH, PAGE, WEIGHT = 0.200, 0.150, 100_000
SYLLABLES = tuple(
    f"{first}{last}"
    for first in ("k", "l", "m", "r", "t", "v", "qu", "d", "s", "n", "b", "gr", "str", "z")
    for last in ("a", "o", "i", "en", "ar", "ul", "in")
)
HAN = "兰亭智算云海极夜汽车电子星河数据量子未来深蓝科技光明能源北斗华信天元"
KANA = "翔和北斗新星東光大洋未来通信電機製造資本"
LANGS = ("en", "en", "en", "zh", "zh", "it", "de", "ja", "fr", "es", "ko", "pt")
NEWS = """said on Tuesday that it had agreed the terms of a transaction which the market expected
for weeks as demand for computing and data centres keeps rising while investors look for yield and
founders for patience analysts pointed to margins revenue guidance and the next quarter"""
WORDS = NEWS.split()
RULES = """
alerts: [{name: big, when: {min_usd: 50_000_000}, to: [desk]}]
channels: {desk: {type: webhook, url: "http://127.0.0.1:9/"}}
web: {requests_per_minute: 100000}
"""
CURRENCIES = (("USD", 1.0), ("EUR", 1.09), ("CNY", 0.14), ("JPY", 0.0067), ("GBP", 1.27))
ROUNDS = tuple(Round)[1:10]


class World:
    """Invented names, and deals between them. The same seed makes the same world."""

    def __init__(self, deals: int, articles: int, seed: int = 7) -> None:
        self.rng = random.Random(seed)
        self.deals, self.articles = deals, articles
        self.companies = [self._name(n) for n in range(max(deals // 3, 10))]
        self.investors = [
            f"{self._word()} {self._pick('Capital Ventures Partners Fund')}" for _ in range(4000)
        ]
        self.banks = [f"{self._word()} {self._pick('Securities Bank Markets')}" for _ in range(80)]
        self.outlets = [f"{self._word().lower()}-{n}" for n in range(400)]
        self._heavy = list(accumulate(1 / (n + 3) for n in range(len(self.investors))))

    def _pick(self, words: str) -> str:
        return self.rng.choice(words.split())

    def _word(self) -> str:
        return "".join(self.rng.choices(SYLLABLES, k=self.rng.randint(2, 3))).capitalize()

    def _name(self, n: int) -> str:
        if n % 5 == 0:
            return "".join(self.rng.sample(HAN, 4))
        if n % 11 == 0:
            return "".join(self.rng.sample(KANA, 4))
        return f"{self._word()} {self._pick('AI Labs Robotics Systems Cloud Energy Bio Networks')}"

    def event(self, bond: bool) -> Event:
        rng = self.rng
        company = rng.choice(self.companies)
        currency, rate = rng.choice(CURRENCIES)
        amount = int(10 ** rng.uniform(6, 9.7)) // 1000 * 1000
        known = rng.random() < 0.93
        people = tuple(
            dict.fromkeys(rng.choices(self.investors, cum_weights=self._heavy, k=rng.randint(1, 4)))
        )
        sentence = (
            f"{company} {'priced' if bond else 'raised'} {currency} {amount:,} {self.line(24)}."
        )
        return Event(
            type=DealType.BOND if bond else DealType.FUNDING,
            status=rng.choice(tuple(Status)),
            company=company,
            amount=Decimal(amount) if known else None,
            qualifier=Qualifier.EXACT if known else Qualifier.UNDISCLOSED,
            currency=currency,
            amount_usd=Decimal(int(amount * rate)) if known else None,
            amount_usd_basis=UsdBasis.FX_TABLE,
            round=None if bond else rng.choice(ROUNDS),
            lead_investors=() if bond else people[:1],
            investors=() if bond else people,
            bookrunners=tuple(rng.sample(self.banks, 3)) if bond else (),
            bond_types=(rng.choice(tuple(BondType)),) if bond else (),
            tranches=self._tranches(amount, currency) if bond else (),
            evidence=sentence,
            confidence=rng.choice((0.97, 0.95, 0.9, 0.75)),
            why=("raise “raised”", "sum +0.78", "rule_score +2.66"),
        )

    def _tranches(self, amount: int, currency: str) -> tuple[Tranche, ...]:
        year = str(self.rng.randint(2027, 2040))
        due = self.rng.choice((year, f"{year}-06", f"{year}-06-15"))
        return (
            Tranche(
                amount=Decimal(amount),
                currency=currency,
                tenor_years=5,
                maturity=due,
                coupon_pct=Decimal("4.5"),
            ),
        )

    def line(self, words: int) -> str:
        return " ".join(self.rng.choices(WORDS, k=words))


def rows(world: World) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield every row, table by table within each deal."""
    rng, article = world.rng, 0
    for n in range(1, world.deals + 1):
        at = NOW - timedelta(seconds=rng.random() ** 1.2 * YEARS * 365 * 86_400)
        event = world.event(bond=n % 4 == 0)
        many = world.articles * n // world.deals - article
        seen = range(article + 1, article + many + 1)
        article += many
        yield from _deal(world, n, at, event, seen)


def _deal(
    world: World, n: int, at: datetime, event: Event, seen: range
) -> Iterator[tuple[Table, dict[str, Any]]]:
    rng, ident = world.rng, f"{n:08x}{world.rng.getrandbits(32):08x}"
    url = f"https://{rng.choice(world.outlets)}.example/{n}"
    first = Revision(
        number=1,
        at=at,
        known_at=at,
        changed={"status": ('"rumoured"', f'"{event.status}"')},
        material=True,
        url=url,
        quote=event.evidence,
    )
    odd = n % 40 == 0
    conflict = Conflict(
        slot="amount", values=(("5000000", event.evidence, url), ("6000000", event.evidence, url))
    )
    deal = Deal(
        id=ident,
        revision=1,
        event=event,
        first_seen=at,
        updated=at,
        history=(first,),
        conflicts=(conflict,) if odd else (),
        review=Review.AUTO,
    )
    document = {k: v for k, v in plain(deal).items() if v not in ([], {}, None)}
    langs = sorted({rng.choice(LANGS) for _ in seen} or {"en"})
    people = {
        "lead": event.lead_investors,
        "investor": event.investors,
        "bookrunner": event.bookrunners,
    }
    doubt = "conflict" if odd else "unsure" if event.confidence < 0.8 and n % 5 == 0 else ""
    yield (
        t.deal,
        {
            "n": n,
            "id": ident,
            "revision": 1,
            "type": event.type.value,
            "status": event.status.value,
            "company": event.company,
            "company_fold": event.company.casefold(),
            "amount": _float(event.amount),
            "currency": event.currency,
            "amount_usd": _float(event.amount_usd),
            "round": event.round.value if event.round else None,
            "country": rng.choice(("US", "CN", "IT", "DE", None)),
            "confidence": event.confidence,
            "review": "auto",
            "merged_into": None,
            "first_seen": at,
            "updated": at,
            "first_at": at,
            "last_at": at,
            "langs": " ".join(["", *langs, ""]),
            "reports": len(seen),
            "doubt": doubt,
            "words": "\n".join(
                [event.company, *event.investors, *event.bookrunners, event.evidence]
            ),
            "document": document,
        },
    )
    for role, names in people.items():
        for name in names:
            yield (
                t.deal_party,
                {"deal_id": ident, "role": role, "name": name, "name_fold": name.casefold()},
            )
    for one, part in enumerate(event.tranches):
        yield (
            t.deal_tranche,
            {
                "deal_id": ident,
                "n": one,
                "due": part.maturity,
                "printed": True,
                "amount": _float(part.amount),
                "currency": part.currency,
                "coupon": 4.5,
            },
        )
    yield (
        t.deal_key,
        {
            "deal_id": ident,
            "key": event.company.casefold(),
            "type": event.type.value,
            "last_at": at,
            "first_at": at,
        },
    )
    yield (
        t.deal_revision,
        {"deal_id": ident, "revision": 1, "known_at": at, "document": document, "report_ids": []},
    )
    if n % 3 == 0:
        yield (
            t.outbox,
            {
                "key": f"k{n}",
                "channel": "desk",
                "kind": "new",
                "rule": "big",
                "digest": "",
                "state": "dead" if n % 9000 == 0 else "delivered",
                "attempts": 1,
                "created": at,
                "ended": at,
                "reason": "",
                "document": {},
            },
        )
    for number in seen:
        yield from _article(world, number, ident, at, event)


def _article(
    world: World, n: int, ident: str, at: datetime, event: Event
) -> Iterator[tuple[Table, dict[str, Any]]]:
    rng = world.rng
    outlet, lang = rng.choice(world.outlets), rng.choice(LANGS)
    url, title = f"https://{outlet}.example/{n}", f"{event.company}: {world.line(5)}"
    han = "".join(rng.choices(HAN, k=60)) if lang in {"zh", "ja"} else ""
    body = f"{event.evidence} {world.line(45)} {han}"
    yield (
        t.article,
        {
            "id": n,
            "url": url,
            "title": title,
            "text": body,
            "lang": lang,
            "seen_at": at,
            "published": at,
            "source": outlet,
            "source_class": "outlet",
            "content_hash": f"{n:x}",
            "restrictions": [],
            "updated_at": at,
        },
    )
    yield (
        t.page,
        {
            "url": url,
            "url_key": url,
            "host": f"{outlet}.example",
            "source_id": outlet,
            "entry": {},
            "state": "done",
            "outcome": "ok",
            "queued_at": at,
            "done_at": at,
            "article_id": n,
        },
    )
    told = {
        "event": {**plain(event), "quotes": {}},
        "role": "report",
        "url": url,
        "title": title,
        "source": outlet,
        "source_class": "outlet",
        "lang": lang,
        "published": at.isoformat(),
        "seen_at": at.isoformat(),
    }
    yield (
        t.report,
        {
            "article_id": n,
            "deal_id": ident,
            "role": "report",
            "type": event.type.value,
            "company": event.company,
            "published": at,
            "document": told,
            "sketch": None,
        },
    )


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


# --- fill ---------------------------------------------------------------------------


def fill(url: str, deals: int, articles: int) -> None:
    store, world = Store(url), World(deals, articles)
    store.upgrade()
    began = time.monotonic()
    with store.write() as conn:
        for name in () if store.sqlite else POSTGRES_INDEXES:
            conn.execute(text(f"DROP INDEX {name}"))
        made = [
            {
                "id": name,
                "kind": "feed",
                "url": f"https://{name}.example/feed",
                "host": f"{name}.example",
                "every": timedelta(minutes=15),
                "source_class": "outlet",
                "enabled": True,
                "allow_private": [],
                "options": {},
                "last_outcome": "dead" if n % 40 == 0 else "ok",
                "last_success": NOW,
                "next_poll_at": NOW,
                "last_new_entry": NOW,
            }
            for n, name in enumerate(world.outlets)
        ]
        conn.execute(t.source.insert(), made)
    flow, order, done = rows(world), t.metadata.sorted_tables, 0
    while some := list(islice(flow, 60_000)):
        waiting: dict[Table, list[dict[str, Any]]] = {}
        for table, row in some:
            waiting.setdefault(table, []).append(row)
        with store.write() as conn:
            for table in sorted(waiting, key=order.index):
                conn.execute(table.insert(), waiting[table])
        done += len(some)
        print(f"{done:,} rows, {time.monotonic() - began:.0f} s", flush=True)
    with store.write() as conn:
        for definition in () if store.sqlite else POSTGRES_INDEXES.values():
            conn.execute(text(definition))
    with store.write() as conn:
        conn.execute(text("ANALYZE"))
    if not store.sqlite:
        with store.engine.connect() as conn:
            conn.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    store.close()


# --- time ---------------------------------------------------------------------------


def pages(store: Store, world: World) -> dict[str, list[str]]:
    """Return what is asked for by kind of page, several of each: no row stays warm."""
    with store.read() as conn:
        ids = list(conn.scalars(text("SELECT id FROM deal WHERE n % 9973 = 5 LIMIT 20")))
    return {
        "today": ["/"],
        "deals": ["/deals"],
        "deals: page 2 of sums": ["/deals?sort=amount_usd"],
        "deals: filtered": [
            "/deals?type=bond&status=priced&currency=CNY&min_usd=50m",
            "/deals?country=IT&lang=ja&type=funding",
            "/deals?since=2025-01-01&until=2025-03-31&round=seed",
        ],
        "deals: company": [f"/deals?company={name[:5]}" for name in world.companies[1:9]],
        "deals: investor": [f"/deals?investor={name}" for name in world.investors[:8]],
        "deals: by name": ["/deals?sort=company&type=bond"],
        "deal": [f"/deals/{ident}" for ident in ids],
        "companies": ["/companies", "/companies?order=recent", "/companies?q=rob"],
        "company": [f"/companies/{name}" for name in world.companies[:12]],
        "investors": ["/investors", "/investors?role=bookrunner", "/investors?q=ventures"],
        "investor": [f"/investors/{name}" for name in world.investors[:12]],
        "trends": ["/trends?weeks=13", "/trends", "/trends?weeks=52"],
        "chart data": [
            "/charts/weekly-type.csv?weeks=52",
            "/charts/investors.csv?weeks=52",
            "/charts/maturities.csv",
        ],
        "review": ["/review", "/review?kind=unsure"],
        "alerts": ["/alerts", "/alerts?state=dead"],
        "alerts: try": ["/alerts/try"],
        "sources": ["/sources"],
        "source": [f"/sources/{name}" for name in world.outlets[:6]],
        "search": [
            "/search?q=" + q
            for q in (
                "raised",
                "兰亭",
                "星河数据",
                "東光",
                "Kalo Robotics",
                '"priced EUR"',
                "zzzz",
                "margins quantum",
                "AI",
            )
        ],
        "settings": ["/settings"],
    }


def measure(url: str, deals: int, articles: int, rounds: int) -> int:
    from fastapi.testclient import TestClient

    from crawler.web.app import make_app

    config = loads(f"database: {url}\n{RULES}", Path("bench.yaml"), {}).config
    failed = 0
    with open_house(config, lambda: NOW, create=False) as house:
        client = TestClient(make_app(house), base_url="http://127.0.0.1")
        for name, addresses in pages(house.store, World(deals, articles)).items():
            for address in addresses:  # a league table is made behind the reader's back
                client.get(address)
            took, busy, weights = [], [], []
            for number in range(max(rounds, len(addresses))):
                began, ours = time.perf_counter(), time.process_time()
                answer = client.get(addresses[number % len(addresses)])
                took.append(time.perf_counter() - began)
                busy.append(time.process_time() - ours)
                weights.append(len(answer.content))
                assert answer.status_code in {200, 404}, (
                    addresses[number % len(addresses)],
                    answer.status_code,
                )
            took, busy = sorted(took), sorted(busy)
            p95, most = took[int(0.95 * (len(took) - 1))], SEARCH if name == "search" else PAGE
            bad = p95 > most or max(weights) > WEIGHT
            failed += bad
            cpu = busy[int(0.95 * (len(busy) - 1))]
            print(
                f"{name:24} p50 {_ms(statistics.median(took))}  p95 {_ms(p95)}  cpu p95 {_ms(cpu)}"
                f"  {max(weights) / 1000:5.0f} KB{'   OVER' if bad else ''}",
                flush=True,
            )
    return failed


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:5.0f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("act", choices=("fill", "time"))
    parser.add_argument("url")
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    if given.act == "fill":
        fill(given.url, given.deals, given.articles)
        return 0
    return 1 if measure(given.url, given.deals, given.articles, given.rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
