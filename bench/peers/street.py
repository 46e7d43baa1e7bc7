"""
A street as a person writes it in an afternoon: Scrapy, feedparser, trafilatura, SQLite.

    python street.py FEED DATABASE
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator

import feedparser
import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess
from scrapy.http import Request, Response


class Street(scrapy.Spider):
    """Reads one feed and every page in it."""

    name = "street"

    def __init__(self, feed: str, database: str) -> None:
        super().__init__()
        self.start_urls = [feed]
        self.database = sqlite3.connect(database)
        self.database.execute("CREATE TABLE article (url TEXT PRIMARY KEY, title, text, date)")

    def parse(self, response: Response) -> Iterator[Request]:
        """Follow the feed."""
        for entry in feedparser.parse(response.body).entries:
            yield Request(entry.link, callback=self.article)

    def article(self, response: Response) -> None:
        """Keep a page."""
        found = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True)
        if found:
            row = (response.url, found.title, found.text, found.date)
            self.database.execute("INSERT OR IGNORE INTO article VALUES (?, ?, ?, ?)", row)
            self.database.commit()


if __name__ == "__main__":
    process = CrawlerProcess({"LOG_LEVEL": "ERROR", "ROBOTSTXT_OBEY": True})
    process.crawl(Street, feed=sys.argv[1], database=sys.argv[2])
    process.start()
