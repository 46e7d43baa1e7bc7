"""`raisewire trace`: one item's way, and the same names in the log and in the reading process."""

from __future__ import annotations

import json

import pytest

from tests.fakes.live import LiveNewsroom, raisewire

NEWS = "Lumen Robotics raised $40 million in a Series B led by Northwind Ventures."


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    """A newsroom, polled twice: once quietly, once with news; what the second run logged."""
    folder = tmp_path_factory.mktemp("trace")
    file = folder / "c.yaml"
    with LiveNewsroom() as news:
        file.write_text(
            f"database: sqlite:///{folder}/d.db\n"
            "http: {allow_private: ['127.0.0.1/32'], per_host_delay: 0s}\n"
            "extract: {workers: 1}\n"
            "channels: {desk: {type: command, argv: ['false']}}\n"
            "alerts: [{name: all, to: [desk]}]\n" + news.room.config()
        )
        outlet = "harbour-wire"
        old = news.publish(outlet, "old", "Rain again", "It rained on Tuesday and on Friday.")
        raisewire("crawl", outlet, "--config", str(file))
        url = news.publish(outlet, "lumen", "Lumen Robotics raises $40 million", NEWS)
        said = raisewire(
            "crawl", outlet, "--config", str(file), "--verbose", "--log-format", "json"
        )
    lines = [json.loads(line) for line in said.stderr.splitlines() if line.startswith("{")]
    return file, lines, {"old": old, "news": url}


def way(file, url: str) -> list[dict]:
    said = raisewire("trace", url, "--json", "--config", str(file))
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_an_items_way_is_told_from_the_feed_to_the_try_that_failed(street):
    file, _, urls = street
    steps = way(file, urls["news"])
    stations = [step["station"] for step in steps]

    assert list(dict.fromkeys(stations)) == [
        "listed", "queued", "fetched", "read", "reported", "deal", "decided", "alert", "sent",
    ]  # fmt: skip
    assert all(step["at"] for step in steps)
    told = {step["station"]: step["what"] for step in steps}
    assert told["listed"].startswith("by harbour-wire: “Lumen Robotics raises $40 million”")
    assert told["fetched"].startswith("ok")
    assert NEWS in told["reported"]
    assert "send" in told["decided"]
    assert "transient" in told["sent"] or "unknown" in told["sent"]


def test_what_was_no_news_says_so(street):
    file, _, urls = street
    steps = {step["station"]: step["what"] for step in way(file, urls["old"])}

    assert "without alerts" in steps["queued"]
    assert steps["reported"].startswith("no deal (raisewire explain")
    assert "alert" not in steps


def test_an_address_that_was_never_listed_is_a_clear_line(street):
    said = raisewire("trace", "https://nobody.example/x", "--config", str(street[0]))

    assert said.returncode == 2
    assert said.stderr.startswith("raisewire: nothing is known of https://nobody.example/x")


def test_the_ids_of_the_trace_are_those_of_the_log(street):
    file, lines, urls = street
    steps = {step["station"]: step["id"] for step in way(file, urls["news"])}
    page = [line for line in lines if str(line.get("page")) == steps["queued"]]

    assert {"page read", "article seen"} <= {line["event"] for line in page}
    assert {line["poll"] for line in page} == {steps["listed"]}
    polled = [line["event"] for line in lines if line.get("poll") == steps["listed"]]
    assert "source polled" in polled
    seen = next(line for line in page if line["event"] == "article seen")
    assert seen["deals"] == [steps["deal"]]
    sent = next(line for line in lines if line["event"] == "alert not delivered")
    assert (sent["deals"], sent["alerts"]) == ([steps["deal"]], [int(steps["alert"])])
