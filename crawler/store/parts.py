"""What tables are made of: the columns and indexes that stand in many of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, false, text

from crawler.store.columns import Instant, Words

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite's rowid must be INTEGER
NONE = text("''")
ZERO = text("0")


def ident() -> Column[int]:
    """Return the key that counts up."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def at(name: str, **options: Any) -> Column[Any]:  # noqa: ANN401 - Column's own options
    """Return an instant that is always known, unless the options say otherwise."""
    return Column(name, Instant, **{"nullable": False, **options})


def maybe_at(name: str) -> Column[Any]:
    """Return an instant that may be unknown."""
    return Column(name, Instant)


def words(name: str, **options: Any) -> Column[str]:  # noqa: ANN401 - as above
    """Return text, empty where nothing is said."""
    return Column(name, Words, **{"nullable": False, "server_default": NONE, **options})


def count(name: str) -> Column[int]:
    """Return a number from 0."""
    return Column(name, Integer, nullable=False, server_default=ZERO)


def flag(name: str) -> Column[bool]:
    """Return a switch that is off."""
    return Column(name, Boolean, nullable=False, server_default=false())


def lease() -> tuple[Column[Any], ...]:
    """Return what work needs to be lent: when it is due, to whom it is out, until when."""
    return (
        maybe_at("due_at"),
        Column("lease_token", Words),
        Column("lease_owner", Words),
        maybe_at("lease_until"),
    )


def index_where(table: Table, condition: str, *columns: str, name: str) -> Index:
    """Index only the rows where `condition` holds."""
    return Index(
        f"ix_{table.name}_{name}",
        *(table.c[column] for column in columns),
        sqlite_where=text(condition),
        postgresql_where=text(condition),
    )
