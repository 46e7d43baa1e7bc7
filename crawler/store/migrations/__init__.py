"""
Schema changes, run by Alembic inside one transaction of ours.

A version is `versions/NNNN.py` and, where it is plain DDL, an SQL file for each database
beside it. Alembic is imported here and nowhere else: it is slow to load and seldom needed.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

HERE = Path(__file__).parent


def config(conn: Connection) -> Config:
    """Return Alembic's configuration; there is no ini file."""
    made = Config()
    made.set_main_option("script_location", str(HERE).replace("%", "%%"))
    made.attributes["connection"] = conn
    return made


def run(conn: Connection, revision: str = "head") -> None:
    """Bring the schema behind `conn` to `revision`."""
    command.upgrade(config(conn), revision)


def statements(version: str, dialect: str) -> list[str]:
    """Return the statements of `versions/VERSION.DIALECT.sql`; a `;` line ends each."""
    written = (HERE / "versions" / f"{version}.{dialect}.sql").read_text(encoding="utf-8")
    return [part.strip() for part in written.split("\n;\n") if part.strip()]
