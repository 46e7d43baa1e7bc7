"""Page to Article: the room's one way through."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from hashlib import sha256

from crawler.errors import ExtractError
from crawler.extract import body, language, metadata, quality
from crawler.extract.metadata import Metadata
from crawler.extract.page import Parsed, parse
from crawler.types import Article, Entry, Page, Quality

_RANK = (Quality.OK, Quality.PAYWALLED, Quality.SHORT, Quality.GARBLED)
_ENDS = frozenset(".!?…。！？।؟")
_SPACE = re.compile(r"\s+")
_TLD = re.compile(r"^https?://[^/?#]*\.([a-z]{2})(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)


def read(page: Page, parsed: Parsed | None = None, *, max_chars: int = 200_000) -> Article:
    """
    Return the article on `page`, at worst its title with an honest verdict.

    Pure: no network, no clock (`page.at` is now). Text is cut at `max_chars`. `parsed` is the
    page's tree where the caller has looked at it already.

    Raises:
        ExtractError: there is neither a title nor a word of text.

    """
    entry, source = page.fetch.entry, page.fetch.source
    parsed = parsed or parse(page.body, page.headers)
    country = source.country or _country(page.url)
    meta = metadata.read(parsed, entry, page.url, page.at, country)
    text, body_from, verdict = _best_body(parsed, meta, entry, page.url)
    if not meta.title and not text:
        raise ExtractError(f"no title and no text ({parsed.refused or 'empty page'}): {page.url}")
    text = _below_headline(text, meta.title)[:max_chars]
    return Article(
        url=page.url,
        title=meta.title or text.split("\n", 1)[0][:200],
        text=text,
        lang=language.identify(
            f"{meta.title}\n{text}", meta.declared_lang or _primary(entry, page)
        ),
        seen_at=page.at,
        published=meta.published,
        published_from=meta.published_from,
        canonical_url=meta.canonical,
        author=meta.author,
        source=source.id,
        source_class=source.source_class,
        country=source.country,
        quality=verdict.quality,
        body_from=body_from,
        content_hash=content_hash(text or meta.title),
        restrictions=meta.restrictions,
    )


def _below_headline(text: str, title: str) -> str:
    """Drop a first line that only repeats the title: it would be told twice."""
    first, _, rest = text.partition("\n")
    repeated = _SPACE.sub("", first).casefold() == _SPACE.sub("", title).casefold()
    return rest.lstrip() if repeated and rest.strip() else text


def text_of(html: str) -> tuple[str, str]:
    """Return (title, text) of an HTML document or fragment given as text."""
    parsed = parse(html)
    title = metadata.title(parsed, {}, Entry(url=""))
    return title, _below_headline(body.find(parsed, "") or parsed.plain(), title)


def content_hash(text: str) -> str:
    """Return the SHA-256 of `text` regardless of width, case and spacing."""
    plain = _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()
    return sha256(plain.encode("utf-8", "replace")).hexdigest()


def _best_body(
    parsed: Parsed, meta: Metadata, entry: Entry, url: str
) -> tuple[str, str, quality.Verdict]:
    """Return the first body that is fit, else the best of the unfit, where from, how good."""
    tried: list[tuple[str, str, quality.Verdict]] = []
    for origin, text in _bodies(parsed, meta, entry, url):
        if not text:
            continue
        tried.append((text, origin, quality.judge(text, free=meta.free)))
        if tried[-1][2].quality is Quality.OK:
            return tried[-1]
    best = min(tried, key=_unfitness, default=None)
    return best or ("", "", quality.Verdict(Quality.SHORT, ("no text",)))


def _unfitness(tried: tuple[str, str, quality.Verdict]) -> tuple[int, int]:
    """Rank bodies that are not fit: the verdict first, then how little of it is sentences."""
    lines = tried[0].split("\n")
    sentences = sum(len(line) for line in lines if len(line) > 60 or line[-1:] in _ENDS)
    return _RANK.index(tried[2].quality), -sentences


def _bodies(parsed: Parsed, meta: Metadata, entry: Entry, url: str) -> Iterator[tuple[str, str]]:
    witness = meta.article_body or entry.summary or meta.description
    yield "trafilatura", body.find(parsed, url, witness)
    yield "json-ld", meta.article_body
    yield "feed", _plain(entry.content)
    if parsed.tree is None:
        yield "trafilatura", parsed.plain()
    yield "summary", _plain(entry.summary) or meta.description


def _plain(html: str) -> str:
    return Parsed(html, None, {}).plain() if html else ""


def _primary(entry: Entry, page: Page) -> str:
    return next(
        (
            tag[:2].lower()
            for tag in (entry.language, page.fetch.source.language)
            if tag and tag != "und"
        ),
        "",
    )


def _country(url: str) -> str | None:
    match = _TLD.match(url)
    return match[1].upper() if match else None
