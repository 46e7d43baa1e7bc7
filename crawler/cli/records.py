"""Articles as JSON Lines, for `analyze`, `explain` and `import`: checked line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from crawler.cli import parquet
from crawler.errors import UsageError
from crawler.types import SourceClass

MAX_LINE = 20_000_000  # characters; a record is one article, not a library


class Record(BaseModel):
    """One article of somebody else's making. Either `text` or `html` is there."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str = ""
    url: str = ""
    title: str = ""
    text: str | None = None
    html: str | None = None
    lang: str | None = None
    published: datetime | None = None
    source: str = ""
    source_class: SourceClass = SourceClass.OUTLET
    country: str | None = None

    @model_validator(mode="after")
    def _has_words(self) -> Record:
        if self.text is None and self.html is None and not self.title:
            raise ValueError('needs "title", "text" or "html"')
        return self

    def words(self) -> tuple[str, str]:
        """Return title and text, extracted from `html` where that is what there is."""
        if self.text is not None or self.html is None:
            return self.title, self.text or ""
        from crawler.extract import text_of

        title, text = text_of(self.html)
        return self.title or title, text

    def instant(self) -> datetime | None:
        """Return `published` in UTC; a bare date is midnight UTC."""
        if self.published is None or self.published.tzinfo:
            return self.published
        return self.published.replace(tzinfo=UTC)


class Line(NamedTuple):
    """A line's number and its record, or what is wrong with it."""

    number: int
    record: Record | None
    problem: str = ""


def opened(file: str) -> IO[str]:
    """
    Open a file, or standard input for `-`.

    Raises:
        UsageError: it cannot be read.
    """
    if file == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        return sys.stdin
    try:
        return Path(file).open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


@contextmanager
def rows(file: str) -> Iterator[Iterable[str]]:
    """
    Open a file of many articles, JSON Lines or Parquet, as lines of JSON.

    Raises:
        UsageError: it cannot be read.
    """
    if file.endswith(".parquet"):
        if not Path(file).is_file():
            raise UsageError(f"{file}: no such file")
        yield parquet.lines(file)
        return
    with opened(file) as stream:
        yield stream


def lines(stream: Iterable[str]) -> Iterator[Line]:
    """Yield each line as a record; a bad one is told, and the rest go on."""
    for number, text in enumerate(stream, 1):
        if text.strip():
            yield _line(number, text)


def _line(number: int, text: str) -> Line:
    if len(text) > MAX_LINE:
        return Line(number, None, f"longer than {MAX_LINE:,} characters")
    try:
        data: Any = json.loads(text)
        return Line(number, Record.model_validate(data))
    except (json.JSONDecodeError, RecursionError) as error:
        return Line(number, None, f"not JSON: {error}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        return Line(number, None, f"{where}: {message}" if where else message)
