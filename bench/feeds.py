"""Feeds: ours against feedparser, on feeds written as the big publishing systems write them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from peers import in_turn

TEXT = "<p>Acme said on Monday that it had raised money &#8217;in a round&#8217;.</p> "
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>News</title>'
    '<atom:link href="https://n.example/feed/" rel="self" type="application/rss+xml"/>'
    "<link>https://n.example</link><description>All of it</description><ttl>15</ttl>"
)


def blog(number: int, words: int) -> str:
    """Write an item with its full text, as the most used blog system does."""
    return (
        f"<item><title>Story {number} &amp; more</title><link>https://n.example/{number}/</link>"
        "<dc:creator><![CDATA[Ann Lee]]></dc:creator>"
        f"<pubDate>Mon, 02 Mar 2026 {number % 24:02}:15:00 +0000</pubDate>"
        f'<category><![CDATA[AI]]></category><guid isPermaLink="false">{number}</guid>'
        f"<description><![CDATA[{TEXT}]]></description>"
        f"<content:encoded><![CDATA[{TEXT * words}]]></content:encoded></item>"
    )


def short(number: int) -> str:
    """Write an item of a newspaper: a headline, a line, a picture."""
    return (
        f"<item><title><![CDATA[标题 {number} – Überschrift]]></title>"
        f"<link>https://n.example/a/{number}</link><guid>https://n.example/a/{number}</guid>"
        f"<pubDate>Mon, 02 Mar 2026 {number % 24:02}:15:00 GMT</pubDate>"
        f"<description>One line of story {number}</description>"
        '<media:thumbnail url="https://n.example/x.jpg" width="1" height="1"/></item>'
    )


def entry(number: int) -> str:
    """Write an Atom entry with its full text."""
    return (
        f'<entry><title type="html">Story {number}</title><id>https://n.example/{number}</id>'
        f'<link rel="alternate" type="text/html" href="https://n.example/{number}"/>'
        f"<published>2026-03-02T{number % 24:02}:00:00-05:00</published>"
        f"<updated>2026-03-02T{number % 24:02}:30:00-05:00</updated>"
        f'<content type="html">{escape(TEXT * 30)}</content>'
        "<author><name>Ann Lee</name></author></entry>"
    )


def odd(number: int) -> str:
    """Write an item that the quick way leaves to feedparser."""
    return short(number).replace(
        "</item>", "<media:group><media:title>x</media:title></media:group></item>"
    )


FEEDS: dict[str, Callable[[], str]] = {
    "50 items with full text": lambda: _rss(blog(n, 30) for n in range(50)),
    "50 headlines": lambda: _rss(short(n) for n in range(50)),
    "50 Atom entries with full text": lambda: (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>'
        + "".join(entry(n) for n in range(50))
        + "</feed>"
    ),
    "50 items that feedparser reads for us": lambda: _rss(odd(n) for n in range(50)),
}


def _rss(items: object) -> str:
    return _HEAD + "".join(items) + "</channel></rss>"  # type: ignore[call-overload]


def measure() -> list[str]:
    """Return a table of CPU milliseconds a feed."""
    lines = ["| feed | feedparser ms | raisewire ms | ratio | items |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        for name, written in FEEDS.items():
            path = Path(folder) / "feed.xml"
            path.write_text(written(), encoding="utf-8")
            told = in_turn(("feedparser", "raisewire-feeds"), [(path, "https://n.example/")] * 15)
            theirs, ours = (sorted(one["cpu"] for one in rows)[7] for rows in told.values())
            items = {one["items"] for rows in told.values() for one in rows}
            lines.append(
                f"| {name} | {1e3 * theirs:.1f} | {1e3 * ours:.2f} | {ours / theirs:.2f} "
                f"| {', '.join(map(str, items))} |"
            )
    return lines
