"""The API as programs use it: the same deals as the command line's, page by page, and no crash."""

from __future__ import annotations

import contextlib
import csv
import io
import json

import hypothesis
import pyarrow.parquet
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import checks
from schemathesis.specs.openapi import checks as conformance

from tests.fakes.live import raisewire
from tests.fakes.web import BEARER, TOKENS, LiveWeb, stocked

EXAMPLES = 8  # of each operation, that fit and that do not
CHECKS = [
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_headers_conformance,
    conformance.response_schema_conformance,
]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    return stocked(tmp_path_factory.mktemp("web") / "news.db")


@pytest.fixture
def stocked_sqlite(tmp_path):
    """Return a database of the test's own: what is asked of it changes it."""
    return stocked(tmp_path / "own.db")


@pytest.fixture
def stocked_postgres(postgres_store, tmp_path):
    url = postgres_store.url.render_as_string(hide_password=False)
    return stocked(tmp_path / "news.db", url)


@pytest.fixture
def web(url, nouns):
    clock = nouns.later(days=1)
    with LiveWeb(url, lambda: clock) as live:
        yield live


def command(url: str, *arguments: str) -> list[dict]:
    said = raisewire("deals", "--json", *arguments, env={"RAISEWIRE_DATABASE": url})
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_a_deal_is_exactly_what_the_command_line_prints(web, url):
    assert web.get("/api/v1/deals").json() == {"deals": command(url), "next": None}


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("type=bond", ("--type", "bond")),
        ("company=lumen", ("--company", "lumen")),
        ("investor=northwind", ("--investor", "northwind")),
        ("min_usd=20m", ("--min-usd", "20000000")),
        ("status=priced", ("--status", "priced")),
    ],
)
def test_filters_are_those_of_the_command_line(web, url, query, options):
    found = web.get(f"/api/v1/deals?{query}").json()["deals"]

    assert found == command(url, *options)
    assert 0 < len(found) < 3


@pytest.mark.parametrize("sort", ["updated", "first_seen", "amount_usd", "company"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_of_one_make_the_whole_list(web, sort, order):
    whole = web.get(f"/api/v1/deals?sort={sort}&order={order}").json()["deals"]
    found, path = [], f"/api/v1/deals?sort={sort}&order={order}&limit=1"
    while path:
        got = web.get(path)
        found += got.json()["deals"]
        path = got.links.get("next", {}).get("url")

    assert [one["id"] for one in found] == [one["id"] for one in whole]
    assert len(found) == 3


def test_who_has_it_already_gets_no_body(web):
    first = web.get("/api/v1/deals")
    again = web.get("/api/v1/deals", headers={"If-None-Match": first.headers["ETag"]})
    other = web.get("/api/v1/deals?type=bond", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert other.status_code == 200


def test_one_deal_as_it_was_known(web):
    (lumen,) = web.get("/api/v1/deals?company=lumen").json()["deals"]
    path = f"/api/v1/deals/{lumen['id'][:12]}"

    assert web.get(path).json() == lumen
    known_at = lumen["history"][0]["known_at"]
    then = web.get(path, params={"as_of": known_at}).json()
    assert (then["id"], len(then["articles"])) == (lumen["id"], 1)
    assert web.get(path, params={"as_of": "2020-01-01"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/api/v1/deals?typ=bond", 422, "typ"),
        ("/api/v1/deals?type=bnd", 422, "type"),
        ("/api/v1/deals?since=soon", 422, "since"),
        ("/api/v1/deals?min_usd=lots", 422, "min_usd"),
        ("/api/v1/deals?cursor=x", 400, "cursor"),
        ("/api/v1/deals?limit=0", 422, "limit"),
        ("/api/v1/deals/nothing", 404, "no deal nothing"),
        ("/api/v1/nothing", 404, "Not Found"),
        ("/api/v1/articles/99", 404, "no article 99"),
        ("/api/v1/alerts?cursor=-1", 400, "cursor"),
    ],
)
def test_what_is_wrong_is_told(web, path, status, word):
    got = web.get(path)

    assert (got.status_code, got.headers["Content-Type"]) == (status, "application/problem+json")
    assert got.json()["status"] == status
    assert word in got.json()["detail"]


def test_exports_hold_every_deal_and_no_formula(web, url):
    lines = web.get("/api/v1/export.jsonl").text.splitlines()
    table = list(csv.DictReader(io.StringIO(web.get("/api/v1/export.csv").text)))
    parquet = pyarrow.parquet.read_table(io.BytesIO(web.get("/api/v1/export.parquet").content))

    by_id = {one["id"]: one for one in command(url)}
    assert {one["id"]: one for one in map(json.loads, lines)} == by_id
    assert {row["id"] for row in table} == set(by_id)
    assert not [cell for row in table for cell in row.values() if cell.startswith(("=", "+", "@"))]
    assert set(parquet.column("id").to_pylist()) == set(by_id)
    assert parquet.column("amount").type == "double"


def test_export_takes_the_filters(web):
    got = web.get("/api/v1/export.jsonl?type=bond")

    assert [json.loads(line)["company"] for line in got.text.splitlines()] == ["Baltica Grid"]
    assert got.headers["Content-Disposition"] == 'attachment; filename="deals.jsonl"'


def test_companies_investors_articles_and_search(web):
    companies = web.get("/api/v1/companies?q=lumen").json()["companies"]
    investors = web.get("/api/v1/investors").json()["investors"]
    articles = web.get("/api/v1/articles?limit=2").json()

    assert [(one["name"], one["usd"]) for one in companies] == [("Lumen Robotics", 40_000_000)]
    assert "Northwind Ventures" in {one["name"] for one in investors}
    assert web.get("/api/v1/investors/Northwind Ventures").json()["deals"][0]["round"] == "series_b"
    assert web.get("/api/v1/companies/Lumen%20Robotics").json()["deals"][0]["amount"] == 40_000_000
    assert (len(articles["articles"]), "text" in articles["articles"][0]) == (2, False)
    rest = web.get("/api/v1/articles", params={"cursor": articles["next"]}).json()["articles"]
    assert len(rest) == 2
    assert web.get(f"/api/v1/articles/{rest[0]['id']}").json()["text"]
    assert {one["kind"] for one in web.get("/api/v1/search?q=baltica").json()["hits"]} == {
        "deal",
        "article",
    }


def test_a_review_is_kept_with_who_said_it_and_can_be_undone(url, nouns):
    clock = nouns.later(days=1)
    with LiveWeb(url, lambda: clock, web={"tokens": TOKENS}) as web:
        vera = BEARER["vera"]
        (deal,) = web.get("/api/v1/deals?company=lumen", headers=vera).json()["deals"]
        path = f"/api/v1/deals/{deal['id']}"
        said = {"slots": {"amount": 41_000_000, "round": "series_c"}, "reason": "the filing"}
        fixed = web.post(f"{path}/correct", json=said, headers=vera).json()["deals"][0]
        (kept,) = web.get(f"{path}/decisions", headers=vera).json()["decisions"]
        back = web.post(f"/api/v1/decisions/{kept['id']}/undo", headers=vera)
        assert back.status_code == 200, back.text

        assert (fixed["amount"], fixed["round"], fixed["review"]) == (
            41_000_000,
            "series_c",
            "corrected",
        )
        assert (kept["who"], kept["reason"]) == ("vera", "the filing")
        assert web.get(path, headers=vera).json()["amount"] == 40_000_000
        wrong = web.post(f"{path}/correct", json={"slots": {"amount": "lots"}}, headers=vera)
        assert wrong.status_code == 400


def test_a_source_is_added_paused_and_switched(url, nouns):
    clock = nouns.later(days=1)
    with LiveWeb(url, lambda: clock) as web:
        new = {"name": "tidings", "url": "https://tidings.example/feed"}
        assert web.post("/api/v1/sources", json=new).status_code == 201
        assert web.post("/api/v1/sources", json=new).status_code == 400
        off = web.post("/api/v1/sources/tidings/off", json={}).json()
        assert (off["enabled"], off["health"]) == (False, "off")
        assert web.post("/api/v1/sources/tidings/pause", json={"hours": 2}).status_code == 200
        assert [one["id"] for one in web.get("/api/v1/sources").json()["sources"]] == ["tidings"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_is_asked_nothing_breaks_and_answers_are_as_described(kind, request, nouns):
    """Every operation, with generated values that fit its description and values that do not."""
    made = "stocked_sqlite" if kind == "sqlite" else "stocked_postgres"
    url, clock = request.getfixturevalue(made), nouns.later(days=1)
    known = {"tokens": TOKENS, "requests_per_minute": 1_000_000}
    with LiveWeb(url, lambda: clock, web=known) as web:
        web.session.headers.update(BEARER["ada"])
        found = web.get("/api/v1/openapi.json").json()
        schema = schemathesis.openapi.from_dict(found)
        schema.config.update(base_url=web.url)
        operations = [one.ok() for one in schema.get_all_operations()]
        for operation in operations:
            for mode in schemathesis.GenerationMode:
                _ask(operation, mode, web)
    assert len(operations) > 25


def _ask(operation, mode, web: LiveWeb) -> None:
    asked = 0

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def one(case) -> None:
        nonlocal asked
        case.call_and_validate(checks=CHECKS, session=web.session)
        asked += 1

    with contextlib.suppress(hypothesis.errors.Unsatisfiable):  # nothing about it can be wrong
        one()
    assert asked or mode is schemathesis.GenerationMode.NEGATIVE
