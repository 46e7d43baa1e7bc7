# ruff: noqa: E501 - sentences and pages are kept whole
from datetime import UTC, datetime

import pytest

from crawler.types import Entry, Fetch, Page, Source

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
URL = "https://news.example/2026/05/lumen-raises.html"
PARAGRAPH = (
    "Lumen Robotics, a maker of warehouse robots, said on Monday that it had raised 40 million "
    "dollars in a Series B round led by Harbour Ventures, with earlier backers taking part. "
)


@pytest.fixture
def make_page():
    """Return a page as the fetcher would hand it over."""

    def make(body, *, url=URL, headers=None, entry=None, country=None, at=NOW):
        raw = body.encode() if isinstance(body, str) else body
        source = Source(id="wire", kind="feed", url="https://news.example/feed", country=country)
        fetch = Fetch(page_id=1, source=source, entry=entry or Entry(url=url), token="t")
        return Page(fetch=fetch, url=url, status=200, body=raw, at=at, headers=headers or {})

    return make


@pytest.fixture
def story():
    """Return an article page: head, then furniture around `paragraphs` of running text."""

    def make(head="", body=None, *, lang="en", title="Lumen Robotics raises $40 million"):
        text = "".join(f"<p>{PARAGRAPH}Part {n} of the story follows here.</p>" for n in range(6))
        return f"""<!doctype html><html lang="{lang}"><head><title>{title} | The Ledger</title>{head}</head>
        <body><nav><ul><li><a href="/a">Home</a></li><li><a href="/b">Markets</a></li></ul></nav>
        <article><h1>{title}</h1>{text if body is None else body}</article>
        <aside><h3>Related</h3><ul><li><a href="/x">Orchard Bank sells bonds</a></li></ul></aside>
        <footer>Copyright The Ledger</footer></body></html>"""

    return make
