"""WARC archives (ISO 28500) of pages of our own, written as a crawler would."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from uuid import uuid4

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """One page as its server gave it."""

    url: str
    body: bytes
    status: str = "200 OK"
    type: str = "text/html; charset=utf-8"
    at: datetime = AT


def page(title: str, text: str, published: str = "", lang: str = "en") -> bytes:
    """Return an article's HTML, with a little of what stands around one."""
    date = f'<meta property="article:published_time" content="{published}">' if published else ""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line)
    return (
        f'<!doctype html><html lang="{lang}"><head><title>{escape(title)}</title>{date}'
        f'<meta property="og:title" content="{escape(title)}"></head><body>'
        f"<nav><ul><li>Home<li>Sport<li>Weather</ul></nav><article><h1>{escape(title)}</h1>"
        f"{paragraphs}</article><footer>All rights reserved</footer></body></html>"
    ).encode()


def write(file: Path, answers: Iterable[Answer]) -> Path:
    """Write an archive, gzipped record by record, and return it."""
    with file.open("wb") as out:
        for answer in answers:
            out.write(gzip.compress(_record(answer), 1))
    return file


def _record(answer: Answer) -> bytes:
    http = (
        f"HTTP/1.1 {answer.status}\r\nContent-Type: {answer.type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n\r\n"
    ).encode() + answer.body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{uuid4()}>\r\n"
        f"WARC-Date: {answer.at:%Y-%m-%dT%H:%M:%SZ}\r\nWARC-Target-URI: {answer.url}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"
