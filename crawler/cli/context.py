"""What every command shares: the global options, the config, the database, the clock."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.config import Loaded
    from crawler.store import Store


def now() -> datetime:
    """Read the clock; only the command line and the scheduler do."""
    return datetime.now(UTC)  # noqa: TID251 - this is the door through which time comes in


@dataclass
class Context:
    """The global options, and what is opened from them when first asked for."""

    file: Path | None = None
    verbose: bool = False
    log_format: str = "console"

    @cached_property
    def loaded(self) -> Loaded:
        """
        The config.

        Raises:
            ConfigError: one clear line, with file, line and column.
        """
        from crawler.config import load

        loaded = load(self.file)
        for warning in loaded.warnings:
            say(f"warning: {warning}")
        return loaded

    @contextmanager
    def store(self, *, create: bool = False) -> Iterator[Store]:
        """
        Open the configured database; `create` makes or upgrades its schema first.

        Raises:
            SchemaError: it is not there yet, or is of another version.
        """
        from crawler.store import Store

        store = Store(self.loaded.config.database)
        try:
            if create:
                store.upgrade()
            store.check()
            yield store
        finally:
            store.close()


def current(ctx: typer.Context) -> Context:
    """Return the shared context of a command."""
    found = ctx.find_object(Context)
    assert found is not None
    return found


def say(text: str) -> None:
    """Tell the user something that is not data: on standard error."""
    from crawler.safe import one_line

    print(one_line(text, 2000), file=sys.stderr)


def span(text: str) -> timedelta:
    """
    Return `7d` as a timedelta.

    Raises:
        UsageError: it is no duration.
    """
    from crawler.config.units import duration

    try:
        return duration(text)
    except ValueError as error:
        raise UsageError(str(error)) from None
