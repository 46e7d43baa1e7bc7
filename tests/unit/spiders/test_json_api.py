import json
from datetime import UTC, datetime

import pytest
from scrapy.http import Response

from crawler.types import Poll, PollState, Source
from spiders import json_api

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://example.com/api"


def parse(answer, **options):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    poll = Poll(
        source=Source(id="j", kind="api", url=URL, options=options), state=PollState(), token="t"
    )
    return json_api.parse(Response(URL, body=body), poll, NOW)


def test_paths_lead_to_the_entries():
    answer = {"data": {"list": [{"a": {"href": "/x"}, "t": ["A"], "at": 1772445600000}]}}
    (entry,) = parse(answer, items="data.list", url="a.href", title="t.0", date="at").entries
    assert (entry.url, entry.title) == ("https://example.com/x", "A")
    assert entry.published == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_an_address_may_be_built_from_fields():
    found = parse([{"id": 7}, {"no": 1}], url_template="https://example.com/a/{id}")
    assert [entry.url for entry in found.entries] == ["https://example.com/a/7"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", "not JSON"),
        (b"[" * 99_999, "not JSON"),
        ({"data": 1}, "no list"),
        ({"items": [1, None, "x", {}]}, "no item has a usable url"),
    ],
)
def test_what_does_not_fit_is_told(answer, words):
    found = parse(answer, items="items")
    assert found.malformed
    assert words in found.message


def test_an_empty_list_is_only_empty():
    assert not parse([]).malformed
