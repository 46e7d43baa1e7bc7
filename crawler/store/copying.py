"""
Copy one database into another, from SQLite to PostgreSQL or back.

Rows go table by table in the order of their keys, some thousands to a transaction, so a copy
that was interrupted goes on behind the last row that arrived. In the end both sides are read
again and compared by count and checksum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, Table, func, literal, select, text, tuple_

from crawler.errors import StoreError
from crawler.store.columns import Words
from crawler.store.engine import Store
from crawler.store.search import POSTGRES_INDEXES
from crawler.store.tables import metadata

STEP = 2000
Told = Callable[[str, int], None]  # a table's name, and how many of its rows are there now


def copy(source: Store, target: Store, told: Told = lambda _name, _rows: None) -> dict[str, int]:
    """
    Copy every row of `source` into `target`; return how many rows each table has.

    Both must have this code's schema, and `target` must be empty or hold an earlier part of
    the same copy. `told` hears of progress.

    Raises:
        SchemaError: one of them has another schema.
        StoreError: they differ in the end: `target` held something else, or `source` changed.
    """
    source.check()
    target.check()
    _search_indexes(target, wanted=False)
    with source.read() as conn:
        for table in metadata.sorted_tables:
            for rows in _missing(conn, target, table):
                told(table.name, rows)
        _search_indexes(target, wanted=True)
        _sequences(target)
        return {table.name: _compared(conn, target, table) for table in metadata.sorted_tables}


def _missing(conn: Connection, target: Store, table: Table) -> Iterator[int]:
    """Copy what `target` lacks of a table; yield the number of rows after each step."""
    with target.read() as there:
        last: Any = there.execute(_keys(there, table).limit(1)).first()
        count = there.scalar(select(func.count()).select_from(table)) or 0
    while rows := conn.execute(_behind(conn, table, last).limit(STEP)).all():
        with target.write() as there:
            _put(there, table, rows)
        last = _key(table, rows[-1])
        count += len(rows)
        yield count


def _put(conn: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    """Add rows: to PostgreSQL by COPY, which costs a third of what INSERT does."""
    if conn.dialect.name == "sqlite":
        conn.execute(table.insert(), [dict(row._mapping) for row in rows])  # noqa: SLF001 - SQLAlchemy's public name
        return
    quote = conn.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    say = [_sayer(column, conn) for column in table.columns]
    driver: Any = conn.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {quote(table.name)} ({names}) FROM STDIN") as into,
    ):
        for row in rows:
            into.write_row([one(value) for one, value in zip(say, row, strict=True)])


def _sayer(column: Column[Any], conn: Connection) -> Callable[[Any], Any]:
    """Return how values of a column are given to the driver."""
    kind = column.type.dialect_impl(conn.dialect)
    return kind.bind_processor(conn.dialect) or (lambda value: value)


def _columns(conn: Connection, table: Table) -> list[Any]:
    """Return the key's columns as both databases sort them: text byte by byte."""
    binary = conn.dialect.name == "postgresql"
    return [
        column.collate("C") if binary and isinstance(column.type, Words) else column
        for column in table.primary_key.columns
    ]


def _keys(conn: Connection, table: Table) -> Select[Any]:
    """Select the keys of a table, the last first."""
    order = [column.desc() for column in _columns(conn, table)]
    return select(*table.primary_key.columns).order_by(*order)


def _key(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, column.key) for column in table.primary_key.columns)


def _behind(conn: Connection, table: Table, last: Any) -> Select[Any]:  # noqa: ANN401 - a key
    """Select the rows behind the key `last`, in order."""
    columns = _columns(conn, table)
    query = select(table).order_by(*columns)
    if last is None:
        return query
    types = [column.type for column in table.primary_key.columns]
    bound = (literal(value, kind) for value, kind in zip(last, types, strict=True))
    return query.where(tuple_(*columns) > tuple_(*bound))


def _search_indexes(target: Store, *, wanted: bool) -> None:
    """Without search indexes rows go in ten times faster; they are made once at the end."""
    if target.sqlite:
        return
    with target.write() as conn:
        for name, definition in POSTGRES_INDEXES.items():
            conn.execute(text(definition if wanted else f"DROP INDEX IF EXISTS {name}"))


def _sequences(target: Store) -> None:
    """Let PostgreSQL count on from the rows that brought their numbers along."""
    if target.sqlite:
        return
    with target.write() as conn:
        for table in metadata.sorted_tables:
            column = table.autoincrement_column
            if column is not None:
                name = func.pg_get_serial_sequence(table.name, column.name)
                most = select(func.max(column)).scalar_subquery()
                conn.execute(select(func.setval(name, func.coalesce(most, 1), most.is_not(None))))


def _compared(conn: Connection, target: Store, table: Table) -> int:
    """Return how many rows a table has on both sides, if they are the same rows."""
    with target.read() as there:
        ours, theirs = _sum(conn, table), _sum(there, table)
    if ours != theirs:
        raise StoreError(
            f"table {table.name} differs after the copy ({ours[0]} rows, and {theirs[0]} there):"
            " stop what writes to the database, and copy into an empty one"
        )
    return ours[0]


def _sum(conn: Connection, table: Table) -> tuple[int, str]:
    """Return the number of rows of a table, and a checksum of what they hold."""
    count, digest, last = 0, hashlib.sha256(), None
    while rows := conn.execute(_behind(conn, table, last).limit(STEP)).all():
        for row in rows:
            line = json.dumps(list(row), default=_said, sort_keys=True, ensure_ascii=True)
            digest.update(line.encode())
        count, last = count + len(rows), _key(table, rows[-1])
    return count, digest.hexdigest()


def _said(value: object) -> str | float:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return hashlib.sha256(value).hexdigest()
    raise TypeError(type(value).__name__)
