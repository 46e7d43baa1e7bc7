"""Fixtures for every test: nouns to play with, and a database of each kind."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crawler.store import Store
from crawler.types import (
    Alert,
    AlertKind,
    Article,
    Deal,
    DealType,
    Entry,
    Event,
    Report,
    Role,
    Source,
    SourceClass,
    Status,
)

POSTGRES = os.environ.get("RAISEWIRE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Nouns:
    """Makes values of which a test names only what it is about."""

    now: datetime = NOW

    def source(self, ident: str = "wire", **about: Any) -> Source:
        return Source(id=ident, **{"kind": "feed", "url": f"https://{ident}.example/feed"} | about)

    def entry(self, url: str = "https://wire.example/a", **about: Any) -> Entry:
        return Entry(url=url, **{"title": "Acme AI raises"} | about)

    def article(self, url: str = "https://wire.example/a", **about: Any) -> Article:
        plain = {
            "url": url,
            "title": "Acme AI raises $40m",
            "text": "Acme AI raised $40m, led by Northwind.",
            "lang": "en",
            "seen_at": self.now,
            "published": self.now,
            "source": "wire",
            "content_hash": f"hash of {url}",
        }
        return Article(**plain | about)

    def event(self, **about: Any) -> Event:
        plain = {
            "type": DealType.FUNDING,
            "status": Status.ANNOUNCED,
            "company": "Acme AI",
            "amount": Decimal(40_000_000),
            "currency": "USD",
            "amount_usd": Decimal(40_000_000),
            "lead_investors": ("Northwind",),
            "evidence": "Acme AI raised $40m, led by Northwind.",
        }
        return Event(**plain | about)

    def report(self, event: Event | None = None, **about: Any) -> Report:
        plain = {
            "id": 0,
            "event": event or self.event(),
            "role": Role.REPORT,
            "url": "https://wire.example/a",
            "title": "Acme AI raises $40m",
            "source": "wire",
            "source_class": SourceClass.WIRE,
            "lang": "en",
            "published": self.now,
            "seen_at": self.now,
        }
        return Report(**plain | about)

    def deal(self, ident: str = "acme", event: Event | None = None, **about: Any) -> Deal:
        plain = {
            "id": ident,
            "revision": 1,
            "event": event or self.event(),
            "first_seen": self.now,
            "updated": self.now,
        }
        return Deal(**plain | about)

    def alert(self, key: str = "k1", deal: Deal | None = None, **about: Any) -> Alert:
        plain = {
            "key": key,
            "kind": AlertKind.NEW,
            "channel": "desk",
            "rule": "big",
            "deal": deal or self.deal(),
            "created": self.now,
        }
        return Alert(**plain | about)

    def later(self, **span: float) -> datetime:
        return self.now + timedelta(**span)


@pytest.fixture
def nouns() -> Nouns:
    return Nouns()


@pytest.fixture
def now() -> datetime:
    return NOW


def absent(reason: str) -> None:
    """Skip, but never in CI: there everything is present, or something is wrong."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


# --- a database of each kind --------------------------------------------------------


@pytest.fixture(scope="session")
def fresh_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty database with its schema, to be copied by whoever needs one."""
    path = tmp_path_factory.mktemp("store") / "fresh.db"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.backup(path.with_suffix(".copy"))
    store.close()
    return path.with_suffix(".copy")


@pytest.fixture
def sqlite_store(fresh_sqlite: Path, tmp_path: Path) -> Iterator[Store]:
    """Return a store on a SQLite file of the test's own."""
    path = tmp_path / "raisewire.db"
    shutil.copy(fresh_sqlite, path)
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return a PostgreSQL database of this session's own, with its schema."""
    psycopg = pytest.importorskip("psycopg") if not os.environ.get("CI") else _psycopg()
    name = f"raisewire_test_{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as e:
        absent(f"no PostgreSQL at {POSTGRES}: {e}")
    server.execute(f"CREATE DATABASE {name}")
    server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    url = f"{POSTGRES.replace('postgresql:', 'postgresql+psycopg:')}/{name}"
    store = Store(url)
    store.upgrade()
    store.close()
    yield url
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


def _psycopg() -> Any:
    import psycopg

    return psycopg


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """Return a store on PostgreSQL, emptied for this test."""
    from crawler.store.tables import metadata

    store = Store(postgres_url)
    with store.write() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(table.delete())
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Return a store, once of each kind: what holds for one must hold for the other."""
    kind = {"sqlite": "sqlite_store", "postgresql": "postgres_store"}[request.param]
    made: Store = request.getfixturevalue(kind)
    return made
