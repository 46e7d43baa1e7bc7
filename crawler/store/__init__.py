"""
The store: the only room that speaks SQL.

`Store` opens a database and hands out transactions, `Writer` is the one thread that writes.
What is said in a transaction lives in plain functions, a module for each subject
(`frontier`, `articles`, `deals`, `reviews`, `outbox`, `search`, `archive`, `upkeep`), whose
first argument is the connection. SQLAlchemy is imported when the first name is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crawler.store.engine import Store
    from crawler.store.writer import Writer

__all__ = ["Connection", "Store", "Writer"]

_HOMES = {
    "Connection": "sqlalchemy",
    "Store": "crawler.store.engine",
    "Writer": "crawler.store.writer",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type is told under TYPE_CHECKING
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(_HOMES[name]), name)
