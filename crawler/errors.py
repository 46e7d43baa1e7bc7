"""
Everything that can go wrong and is somebody's to fix.

    RaisewireError
    ├── UsageError        the command line asks for something that is not there
    ├── ConfigError       file, line, column, what to write instead
    ├── StoreError        the database cannot be used
    │   ├── SchemaError   it needs `raisewire db upgrade`, or is newer than this code
    │   └── StoreBusyError  locked, full or away: the same may work later
    ├── SourceError       a source or page cannot be had; carries an `Outcome`
    ├── ExtractError      a page cannot be read
    └── DeliveryError     a channel did not take a message; says whether to try again
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from crawler.types import Outcome


class RaisewireError(Exception):
    """Base of all our errors. `str()` is one line a user can act on."""


class UsageError(RaisewireError):
    """The command line asks for something that is not there."""


class ConfigError(RaisewireError):
    """A config file is wrong at a known place (line and column count from 1)."""

    def __init__(
        self, message: str, *, file: Path | str = "", line: int = 0, column: int = 0
    ) -> None:
        self.message, self.file, self.line, self.column = message, str(file), line, column
        super().__init__(message)

    def __str__(self) -> str:
        """Print `config.yaml:12:5: message`, as editors and compilers do."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place}: {self.message}" if place else self.message


class StoreError(RaisewireError):
    """The database cannot be used."""


class SchemaError(StoreError):
    """The database's schema is not the one this code was written for."""


class StoreBusyError(StoreError):
    """The database cannot be used just now: locked, full or away. Try again later."""


class SourceError(RaisewireError):
    """A source or page cannot be had."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        self.outcome = outcome
        super().__init__(message)

    def __reduce__(self) -> tuple[type[SourceError], tuple[Outcome, str]]:
        """Let it cross to another process."""
        return type(self), (self.outcome, str(self))


class ExtractError(RaisewireError):
    """A page cannot be read."""


class Scope(StrEnum):
    """What a failed delivery says: about this message, or about the whole channel."""

    MESSAGE = "message"
    CHANNEL = "channel"


class DeliveryError(RaisewireError):
    """
    A channel did not take a message.

    `retry` may the same message be tried again; `scope` CHANNEL means every message would
    fail alike (the queue is paused or held, not burnt); `retry_after` is what the server
    asked for; `unknown` the message may have been accepted (acknowledgement lost);
    `receipt` what was done before it failed, to be handed to the next try (JSON-able).
    """

    def __init__(  # noqa: PLR0913 - a verdict has this many sides
        self,
        channel: str,
        message: str,
        *,
        retry: bool,
        scope: Scope = Scope.MESSAGE,
        retry_after: timedelta | None = None,
        unknown: bool = False,
        code: int | None = None,
        receipt: dict[str, Any] | None = None,
    ) -> None:
        self.channel, self.retry, self.scope, self.receipt = channel, retry, scope, receipt
        self.retry_after, self.unknown, self.code = retry_after, unknown, code
        super().__init__(f"{channel}: {message}")
