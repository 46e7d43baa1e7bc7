"""One archive becomes a part: a file of the articles in it that hold deals, and the counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.classify import Classifier
from crawler.errors import ExtractError
from crawler.extract import parse, read
from crawler.history import gate
from crawler.history.archive import Record
from crawler.reading import Reading, read_article
from crawler.types import DealType, Entry, Fetch, Page, Quality, Source, SourceClass

DEALS = frozenset({DealType.FUNDING, DealType.BOND})
_WIRES = ("businesswire.com", "prnewswire.com", "globenewswire.com", "accesswire.com")


@dataclass(frozen=True, slots=True)
class Part:
    """Where the finds of one archive lie. `counts` is there when the archive was read whole."""

    found: Path
    counts: Path

    @classmethod
    def of(cls, place: str, folder: Path) -> Part:
        """Name the part of an archive: the same place always has the same part."""
        name = f"{Path(urlsplit(place).path).name}-{sha256(place.encode()).hexdigest()[:12]}"
        return cls(folder / f"{name}.jsonl", folder / f"{name}.counts.json")

    @property
    def done(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.counts.exists()

    def count(self) -> Counter[str]:
        """Return how many records met which fate."""
        return Counter(json.loads(self.counts.read_text()))


def find(
    archive: Iterable[Record],
    part: Part,
    classifier: Classifier,
    *,
    skip: Collection[int] = (),
    watched: Callable[[int], AbstractContextManager[object]] = nullcontext,
) -> Counter[str]:
    """
    Read an archive through and write its part; a part is there whole or not at all.

    `skip` names records that killed a reader before; each is read within `watched(number)`.

    Raises:
        SourceError: the archive cannot be read to its end.
        OSError: the part cannot be written.
    """
    counts: Counter[str] = Counter()
    unfinished = part.found.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as out:
        for record in archive:
            if record.number in skip:
                counts["poison"] += 1
                continue
            with watched(record.number):
                fate, line = fated(record, classifier)
            counts[fate] += 1
            if line is not None:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
    unfinished.replace(part.found)
    told = part.counts.with_suffix(".unfinished")
    told.write_text(json.dumps(counts))
    told.replace(part.counts)
    return counts


def fated(record: Record, classifier: Classifier) -> tuple[str, dict[str, Any] | None]:
    """Return what becomes of a record, and its article as `raisewire import` reads it."""
    if why := gate.refused_unread(record):
        return why, None
    parsed = parse(record.body, record.headers)
    if gate.refused_by_words(parsed):
        return "words", None
    page = _page(record)
    try:
        reading = read_article(read(page, parsed), classifier)
    except ExtractError:
        return "unreadable", None
    if reading.article.quality is Quality.GARBLED:
        return "garbled", None
    return ("deal", _line(reading, record)) if _tells(reading) else ("no deal", None)


def _tells(reading: Reading) -> bool:
    told = reading.analysis
    everything = (*told.events, *told.restatements, *told.denials)
    return any(event.type in DEALS for event in everything)


def _page(record: Record) -> Page:
    host = (urlsplit(record.url).hostname or "").removeprefix("www.")
    wire = SourceClass.WIRE if host.endswith(_WIRES) else SourceClass.OUTLET
    source = Source(id=host, kind="warc", url=record.url, source_class=wire)
    fetch = Fetch(page_id=0, source=source, entry=Entry(url=record.url), token="", quiet=True)
    return Page(
        fetch=fetch,
        url=record.url,
        status=record.status,
        headers=record.headers,
        body=record.body,
        at=record.at,
    )


def _line(reading: Reading, record: Record) -> dict[str, Any]:
    article = reading.article
    published = min(filter(None, (article.published, record.at)))
    return {
        "url": article.canonical_url or article.url,
        "title": article.title,
        "text": _words(reading),
        "published": published.astimezone(UTC).isoformat(),
        "source": article.source,
        "source_class": article.source_class.value,
        "lang": article.lang,
        "country": article.country,
    }


def _words(reading: Reading) -> str:
    """Return the text; where its keeping is reserved, only the sentences that prove a deal."""
    if not reading.article.restrictions:
        return reading.article.text
    told = reading.analysis
    everything = (*told.events, *told.restatements, *told.denials)
    proofs = (quote for event in everything for quote in (event.evidence, *event.quotes.values()))
    return "\n".join(dict.fromkeys(proofs))
