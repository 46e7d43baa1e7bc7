"""
Imported by the fork server, and by nobody else: reads a page before the first worker is born.

Workers are copies of the fork server. What it has in memory (extractors, word lists, models)
each of them has from its first moment, once for all: a worker is ready in milliseconds.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a worker is one core's worth; before numpy

from datetime import UTC, datetime

from crawler.classify import Classifier
from crawler.extract import read
from crawler.reading import read_article
from crawler.types import Entry, Fetch, Page, Source

SENTENCE = "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures. "
PAGES = (
    f"<html><title>{SENTENCE}</title><article><h1>{SENTENCE}</h1><p>{SENTENCE * 5}</p></article>",
    "<html><title>Short</title><p>So short that every extractor has its turn.</p>",
)


def warm() -> None:
    """Read pages of our own."""
    source = Source(id="warm", kind="feed", url="https://example.com/")
    fetch = Fetch(page_id=0, source=source, entry=Entry(url="https://example.com/a"), token="")
    born = datetime(2026, 1, 1, tzinfo=UTC)
    for html in PAGES:
        page = Page(fetch=fetch, url=fetch.entry.url, status=200, body=html.encode(), at=born)
        read_article(read(page), Classifier(()))


warm()
