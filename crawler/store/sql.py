"""The few statements that SQLite and PostgreSQL spell in their own ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
MANY = 500  # values in one IN: SQLite refuses 32,767 and plans badly long before


def insert(conn: Connection, table: Table) -> Any:  # noqa: ANN401 - two classes, no base
    """Return the dialect's INSERT, which knows ON CONFLICT."""
    made = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    return made(table)


def upsert(conn: Connection, table: Table, row: Mapping[str, Any], unique: Sequence[str]) -> None:
    """Insert `row`, or overwrite the one that has the same values in `unique`."""
    conn.execute(_upsert(conn.dialect.name, table, tuple(row), tuple(unique)), row)


@cache
def _upsert(dialect: str, table: Table, columns: tuple[str, ...], unique: tuple[str, ...]) -> Any:  # noqa: ANN401 - two classes, no base
    made = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    statement = made.values({name: bindparam(name) for name in columns})
    changed = {name: statement.excluded[name] for name in columns if name not in unique}
    return statement.on_conflict_do_update(index_elements=unique, set_=changed)


def missing(conn: Connection, table: Table, unique: Sequence[str]) -> Insert:
    """Return an INSERT that leaves rows alone which are there already."""
    made: Insert = insert(conn, table).on_conflict_do_nothing(index_elements=unique)
    return made


def alone(conn: Connection, name: str) -> None:
    """
    Let no other process be at `name` until this transaction ends.

    A transaction that writes to SQLite is alone anyway. The lock is the transaction's and not
    the session's, so a pooler between us and PostgreSQL does no harm.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"raisewire {name}"))))


def parts(values: Iterable[T], size: int = MANY) -> Iterable[list[T]]:
    """Cut `values` into lists that fit into one IN."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
