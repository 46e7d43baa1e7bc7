"""From what a person writes (paths, globs, addresses, dates) to a list of archives."""

from __future__ import annotations

import glob
import gzip
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from crawler.errors import UsageError
from crawler.history import wire

COMMON_CRAWL = "https://data.commoncrawl.org"
_BUCKET = "s3://commoncrawl/"
_DAY = re.compile(r"-(\d{4})(\d\d)(\d\d)\d{6}-")  # CC-NEWS-20260131012345-00042.warc.gz
_MOST = 20 * 1024**2  # bytes of a month's list, unpacked; real ones have 60 KiB


def archives(
    named: Sequence[str],
    since: date | None,
    until: date | None,
    *,
    base: str = COMMON_CRAWL,
    allow: Sequence[str] = (),
) -> list[str]:
    """
    Return every archive that is meant, each once, in order.

    Globs are looked up on disk; `s3://commoncrawl/` is read over HTTPS, as it is public there.
    With no name but a span of days, the month lists of CC-NEWS at `base` say which there are.

    Raises:
        UsageError: a path leads nowhere, or nothing is meant at all.
        SourceError: a month's list cannot be had.
    """
    if not named and since is None:
        raise UsageError("name archives (files, globs or URLs), or days by --since and --until")
    last = until or since
    found = [place for one in named for place in _places(one)]
    if not named and since and last:
        found = [place for month in _months(since, last) for place in _listed(month, base, allow)]
    return list(dict.fromkeys(place for place in found if _within(place, since, last)))


def _places(named: str) -> list[str]:
    if named.startswith(_BUCKET):
        return [f"{COMMON_CRAWL}/{named.removeprefix(_BUCKET)}"]
    if named.startswith(("http://", "https://")):
        return [named]
    if "://" in named:
        raise UsageError(f"{named}: only files, http(s):// and {_BUCKET} can be read")
    found = sorted(glob.glob(named, recursive=True))  # noqa: PTH207 - absolute and relative alike
    if not found:
        raise UsageError(f"{named}: no such file")
    return [str(Path(one).resolve()) for one in found if Path(one).is_file()]


def _within(place: str, since: date | None, until: date | None) -> bool:
    """Tell whether an archive's name lies in the span; one without a day always does."""
    match = _DAY.search(place)
    if match is None or since is None:
        return True
    day = date(int(match[1]), int(match[2]), int(match[3]))
    return since <= day <= (until or since)


def _months(since: date, until: date) -> Iterator[date]:
    month = since.replace(day=1)
    while month <= until:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _listed(month: date, base: str, allow: Sequence[str]) -> list[str]:
    url = f"{base}/crawl-data/CC-NEWS/{month:%Y/%m}/warc.paths.gz"
    try:
        with wire.ask(url, allow) as answer, gzip.GzipFile(fileobj=answer) as unpacked:
            paths = unpacked.read(_MOST).decode("ascii", "replace").split()
    except (OSError, EOFError) as error:
        raise wire.failure(url, error) from error
    return [f"{base}/{path}" for path in paths]
