"""A kind of source as a user would write it: one line of text, one address."""
# ruff: noqa: ARG001 - the signature is the protocol's

from scrapy import Request

from crawler.types import Entry
from spiders.kinds import Found


def requests(poll):
    return [Request(poll.source.url)]


def parse(response, poll, now):
    return Found(entries=(Entry(url=response.urljoin(response.text.strip())),))
