"""
One tool, asked over standard input: runs in an environment of its own, with nothing of ours.

    python worker.py TOOL

A line of JSON {"path", "url"} in, one of {"cpu", "text", "title", "at", "items"} out. `cpu` is
seconds of this process for that page or feed alone; the first ones warm it up.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Told = dict[str, Any]
SEEN = datetime(2030, 1, 1, tzinfo=UTC)


def trafilatura() -> Callable[[bytes, str], Told]:
    from trafilatura import bare_extraction

    def run(body: bytes, url: str) -> Told:
        found = bare_extraction(body, url=url, with_metadata=True, include_comments=False)
        if found is None:
            return {}
        return {"text": found.text, "title": found.title, "at": found.date}

    return run


def newspaper4k() -> Callable[[bytes, str], Told]:
    import newspaper

    def run(body: bytes, url: str) -> Told:
        article = newspaper.Article(url, fetch_images=False)
        article.download(input_html=body.decode("utf-8", "replace"))
        article.parse()
        at = article.publish_date
        return {"text": article.text, "title": article.title, "at": at and str(at)}

    return run


def news_please() -> Callable[[bytes, str], Told]:
    from newsplease import NewsPlease

    def run(body: bytes, url: str) -> Told:
        article = NewsPlease.from_html(body.decode("utf-8", "replace"), url=url)
        at = article.date_publish
        return {"text": article.maintext, "title": article.title, "at": at and str(at)}

    return run


def readability() -> Callable[[bytes, str], Told]:
    import html_text
    from readability import Document

    def run(body: bytes, url: str) -> Told:
        document = Document(body, url=url)
        return {"text": html_text.extract_text(document.summary()), "title": document.short_title()}

    return run


def resiliparse() -> Callable[[bytes, str], Told]:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def run(body: bytes, _url: str) -> Told:
        tree = HTMLTree.parse_from_bytes(body, detect_encoding(body))
        return {"text": extract_plain_text(tree, main_content=True), "title": tree.title}

    return run


def feedparser() -> Callable[[bytes, str], Told]:
    import feedparser as peer

    def run(body: bytes, url: str) -> Told:
        headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
        found = peer.parse(body, response_headers=headers)
        return {"items": len(found.entries)}

    return run


def raisewire() -> Callable[[bytes, str], Told]:
    from crawler.extract import read
    from crawler.types import Entry, Fetch, Page, Source

    def run(body: bytes, url: str) -> Told:
        source = Source(id="bench", kind="feed", url=url)
        fetch = Fetch(page_id=1, source=source, entry=Entry(url=url), token="bench")
        page = Page(fetch=fetch, url=url, status=200, body=body, at=SEEN)
        article = read(page)
        at = article.published
        return {"text": article.text, "title": article.title, "at": at and at.isoformat()}

    return run


def raisewire_feeds() -> Callable[[bytes, str], Told]:
    from spiders.feed import read

    headers = {"content-type": "application/xml; charset=utf-8"}

    def run(body: bytes, url: str) -> Told:
        return {"items": len(read(body, url, headers, SEEN).entries)}

    return run


TOOLS = {
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "news-please": news_please,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
    "feedparser": feedparser,
    "raisewire": raisewire,
    "raisewire-feeds": raisewire_feeds,
}


def refuse(*_: object, **__: object) -> None:
    """Say that there is no network: some tools would load a page's pictures."""
    raise OSError("this measures reading, not the network")


def main() -> None:
    """Answer until the input ends."""
    socket.getaddrinfo = refuse
    logging.disable(logging.CRITICAL)
    out, sys.stdout = sys.stdout, sys.stderr
    run = TOOLS[sys.argv[1]]()
    for line in sys.stdin:
        asked = json.loads(line)
        body = Path(asked["path"]).read_bytes()
        began = time.process_time()
        try:
            told = run(body, asked["url"])
        except Exception as error:  # noqa: BLE001 - a tool that fails on a page has found nothing there
            told = {"error": repr(error)[:200]}
        told["cpu"] = time.process_time() - began
        out.write(json.dumps(told, default=str) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
