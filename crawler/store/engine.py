"""One database, opened: transactions, schema, backup."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql import FromClause

from crawler.errors import SchemaError, StoreBusyError, StoreError
from crawler.store.columns import dumps
from crawler.store.sql import alone
from crawler.store.tables import VERSIONS

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-32000",
    "mmap_size=268435456",
)
# Words in an error that say the database may be well again soon.
_PASSING = (
    "locked", "deadlock", "disk is full", "disk i/o", "connect", "closed", "terminat",
    "shutting down",
)  # fmt: skip
_SMALL = 200_000_000  # bytes that are read and checked within half a second
_CORRUPT = ("malformed", "not a database", "corrupt")


class Store:
    """
    A database by its URL, `sqlite:///file.db` or `postgresql+psycopg://…`.

    Raises:
        StoreError: the URL is none of these, or the driver is not installed.
    """

    def __init__(self, url: str, *, busy: float = 15.0) -> None:
        try:
            self.url: URL = make_url(url)
        except SQLAlchemyError as e:
            raise StoreError(f"database: {e}") from e
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._memory = self.sqlite and self.url.database in (None, "", ":memory:")
        self._alone = threading.RLock() if self._memory else nullcontext()
        self.engine = _sqlite(self.url, busy, self._memory) if self.sqlite else _postgres(self.url)
        self._readers = self.engine.execution_options(begin="BEGIN")

    @property
    def path(self) -> Path | None:
        """The database's file, if it is one."""
        if self._memory or not self.sqlite:
            return None
        return Path(str(self.url.database))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """
        Open a transaction that may write; it commits when the block ends well.

        Raises:
            StoreBusyError: locked, full or away; the same may work later.
            StoreError: the file is corrupt.
        """
        with self._alone, _translated(self), self.engine.begin() as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment and blocks nobody; raises as `write`."""
        with self._alone, _translated(self), self._readers.begin() as conn:
            yield conn

    def version(self) -> str | None:
        """Return the schema's version, None if the database is empty."""
        with self.read() as conn:
            if not inspect(conn).has_table("alembic_version"):
                return None
            found = conn.scalar(text("SELECT version_num FROM alembic_version"))
            return None if found is None else str(found)

    def check(self, *, integrity: bool | None = None) -> None:
        """
        Refuse a database that this code cannot work with.

        `integrity` also reads the whole file; by default only where that takes no time.

        Raises:
            SchemaError: it has no tables yet, or those of another version.
            StoreError: the file is corrupt; tells how to restore it.
        """
        if self._is_small() if integrity is None else integrity:
            self.check_integrity()
        _check_version(self.version())

    def _is_small(self) -> bool:
        return self.path is not None and self.path.exists() and self.path.stat().st_size < _SMALL

    def check_integrity(self, *, full: bool = False) -> None:
        """
        Read the whole file and check that its structure is sound.

        Raises:
            StoreError: it is not; tells how to restore it.
        """
        if not self.sqlite:
            return
        with self.read() as conn:
            pragma = "integrity_check" if full else "quick_check"
            found = conn.exec_driver_sql(f"PRAGMA {pragma}(1)").scalar()
        if found != "ok":
            raise StoreError(_restore(self, str(found)))

    def upgrade(self) -> None:
        """
        Bring the schema to this code's version; the file is copied beside itself before.

        Raises:
            SchemaError: the schema is newer than this code.
        """
        from crawler.store.migrations import run

        found = self.version()
        if found == VERSIONS[-1]:
            return
        if found is not None:
            _check_version(found, older=True)
            self._copy_before(found)
        with self.write() as conn:
            alone(conn, "schema")  # several processes may start on an empty database at once
            run(conn)

    def _copy_before(self, version: str) -> None:
        if self.path is not None:
            self.backup(self.path.with_name(f"{self.path.name}.before-{version}"))

    def backup(self, target: Path) -> None:
        """
        Copy a live SQLite database to `target` through the online backup API.

        Raises:
            StoreError: the database is PostgreSQL's (use pg_dump), or the copy is not sound.
        """
        if not self.sqlite:
            raise StoreError("a PostgreSQL database is backed up with pg_dump")
        part = target.with_name(target.name + ".part")
        with self._alone, _translated(self), self.engine.connect() as conn:
            driver = conn.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            copy = sqlite3.connect(part)
            try:
                driver.backup(copy)
                sound = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            finally:
                copy.close()
        if sound != "ok":
            raise StoreError(f"the backup {part} is not sound: {sound}")
        part.replace(target)

    def ping(self) -> None:
        """Raise what `read` raises if the database does not answer."""
        with self.read() as conn:
            conn.execute(select(1))

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _check_version(found: str | None, *, older: bool = False) -> None:
    if found == VERSIONS[-1] or (older and found in VERSIONS):
        return
    if found is None:
        raise SchemaError("the database has no tables yet: run `raisewire db upgrade`")
    if found in VERSIONS:
        raise SchemaError(
            f"the database has schema {found}, this version needs {VERSIONS[-1]}:"
            " run `raisewire db upgrade`"
        )
    raise SchemaError(
        f"the database has schema {found}, newer than this version knows ({VERSIONS[-1]}):"
        " install the newer raisewire again, or restore an older backup"
    )


def _restore(store: Store, found: str) -> str:
    first = " ".join(found.split())[:200]
    return (
        f"the database {store.path} is corrupt ({first}): stop raisewire, keep the file aside,"
        " and restore a backup with `raisewire db restore BACKUP`"
    )


@contextmanager
def _translated(store: Store) -> Iterator[None]:
    """Say in one plain line what the driver says in many."""
    try:
        yield
    except DBAPIError as e:
        line = " ".join(str(e.orig).split())[:300]
        words = line.lower()
        if any(word in words for word in _CORRUPT):
            raise StoreError(_restore(store, line)) from e
        if e.connection_invalidated or any(word in words for word in _PASSING):
            raise StoreBusyError(f"the database cannot be used just now: {line}") from e
        if "unable to open" in words:
            raise StoreError(f"cannot open the database {store.url.database}: {line}") from e
        raise


def _sqlite(url: URL, busy: float, memory: bool) -> Engine:
    options: dict[str, Any] = {"poolclass": StaticPool} if memory else {"pool_size": 8}
    engine = create_engine(
        url,
        json_serializer=dumps,
        connect_args={"timeout": busy, "check_same_thread": False},
        **options,
    )
    engine.dialect.statement_compiler = _Hinted
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begun)
    return engine


class _Hinted(SQLiteCompiler):
    """Writes `INDEXED BY …` of `Select.with_hint` behind the table."""

    def get_from_hint_text(self, _table: FromClause, text: str | None) -> str | None:
        """Return the hint as it is to be written."""
        return text


def _connected(driver: sqlite3.Connection, _record: object) -> None:
    driver.isolation_level = None  # the driver's own BEGIN comes too late and too weak
    for pragma in _PRAGMAS:
        driver.execute(f"PRAGMA {pragma}")


def _begun(conn: Connection) -> None:
    # A deferred transaction that reads first and writes later cannot wait for another
    # writer ("database is locked" at once); an immediate one queues.
    conn.exec_driver_sql(conn.get_execution_options().get("begin", "BEGIN IMMEDIATE"))


def _postgres(url: URL) -> Engine:
    if url.get_backend_name() != "postgresql":
        raise StoreError(
            f"database {url.get_backend_name()!r} is not known: write sqlite:///FILE"
            " or postgresql+psycopg://USER@HOST/NAME"
        )
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        return create_engine(
            url,
            json_serializer=dumps,
            pool_size=8,
            pool_pre_ping=True,
            # a transaction pooler between us hands every transaction another session
            connect_args={"connect_timeout": 10, "prepare_threshold": None},
        )
    except ModuleNotFoundError as e:
        raise StoreError("PostgreSQL needs its driver: pip install 'raisewire[postgres]'") from e
