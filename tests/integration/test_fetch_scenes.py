"""The same little internet, crawled without and with Twisted's reactor, guard always on."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.fakes.behaviours import BEHAVIOURS, STATES

ROOT = Path(__file__).parents[2]
MODES = ("asyncio", "twisted")


@cache
def scene(name, mode):
    command = [sys.executable, "-m", "tests.fakes.scenes", name, mode]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(params=MODES)
def seen(request):
    return lambda name: scene(name, request.param)


WANTED = {
    "slow-body": {"slow"}, "slow-headers": {"slow"}, "silence": {"slow"},
    "reset": {"unreachable"}, "hang-up": {"unreachable"}, "truncated": {"unreachable"},
    "truncated-chunks": {"unreachable"}, "endless": {"refused"}, "bomb": {"refused"},
    "declared-huge": {"refused"}, "bad-gzip": {"error"}, "http09": {"error", "unreachable"},
    "length-minus": {"error"}, "length-words": {"error"}, "two-lengths": {"error"},
    "many-headers": {"refused", "error"}, "long-header": {"refused", "error", "unreachable"},
    "status-999": {"blocked"}, "status-text": {"error"}, "to-itself": {"refused"},
    "to-ftp": {"refused"}, "to-file": {"refused"}, "to-backslash": {"refused"},
    "to-nowhere": {"error"}, "latin-header": {"ok"}, "forbidden": {"blocked"}, "gone": {"gone"},
    "broken": {"error"}, "empty": {"empty"}, "challenge": {"blocked"},
    "hints-for-ever": {"slow"}, "trailers-for-ever": {"error", "unreachable"},
    "chunk-extensions": {"slow"}, "chunk-minus": {"error", "unreachable"},
    "chunk-overflow": {"error", "slow"}, "lines-end-in-lf": {"ok"}, "folded-header": {"ok"},
    "nul-in-header": {"ok", "error"}, "space-before-colon": {"ok", "error"},
    "switching": {"error", "slow"}, "not-modified-unasked": {"unchanged"},
    "no-content-with-some": {"empty", "error"}, "two-answers": {"ok"}, "onion": {"refused"},
    "unknown-encoding": {"ok"}, "bad-brotli": {"error"}, "to-fragment": {"refused"},
    "to-empty": {"refused"}, "to-long": {"refused"}, "to-user": {"refused"},
    "to-data": {"refused"}, "to-script": {"refused"}, "refresh-header": {"ok"},
}  # fmt: skip


def test_every_behaviour_has_an_expected_end():
    assert WANTED.keys() == BEHAVIOURS.keys()


@pytest.mark.parametrize("behaviour", WANTED)
def test_a_misbehaving_server_ends_as(seen, behaviour):
    outcome, message = seen("hostile")["told"][behaviour]
    assert outcome in WANTED[behaviour]
    assert message or outcome in {"ok", "unchanged"}


def test_every_request_to_a_hostile_server_ends_exactly_once(seen):
    told = seen("hostile")
    assert told["outstanding"] == 0
    assert told["answers"] == [1]


def test_good_hosts_do_not_suffer_from_bad_ones(seen):
    told = seen("hostile")["by_url"]
    good = [end for url, (end, _) in told.items() if "/good" in url]
    assert good == ["ok"] * 200


def test_bombs_cost_no_memory(seen):
    assert seen("hostile")["grown_mb"] < 64


def test_no_spelling_of_a_private_address_is_ever_connected(seen):
    told = seen("addresses")
    assert told["canary"] == 0
    assert told["spellings"] > 60
    assert told["outstanding"] == 0
    assert told["polls"]["robots"] == "refused"


def test_validators_go_back_byte_for_byte(seen):
    told = seen("manners")
    first, second = told["raw"]
    assert "If-None-Match" not in first
    assert f"If-None-Match: {told['tag']}\r\n" in second
    assert f"If-Modified-Since: {told['date']}\r\n" in second


def test_an_unchanged_feed_is_known_by_its_304_or_its_bytes(seen):
    told = seen("manners")
    assert told["first"]["etag"] == "ok"
    assert told["second"]["etag"] == told["second"]["same"] == "unchanged"
    assert told["kept"]


def test_a_lying_etag_is_caught_although_it_never_says_304(seen):
    assert seen("manners")["lied"]


def test_freshness_is_passed_on(seen):
    assert seen("manners")["fresh"] == 1800


def test_only_a_permanent_redirect_moves_a_source(seen):
    moved = seen("manners")["moved"]
    assert moved["moved"].endswith("/same")
    assert moved["found"] is None


def test_the_user_agent_is_honest(seen):
    assert seen("manners")["agent"].startswith("raisewire/")
    assert "+http" in seen("manners")["agent"]


def test_a_host_that_asks_for_a_pause_is_not_asked_again(seen):
    told = seen("pauses")
    ends = [end for end, _ in told["told"].values()]
    assert ends.count("throttled") == 10 - ends.count("ok") >= 1
    assert told["asked"] == ends.count("ok") + 1
    assert told["holds"][0][0].partition(":")[0] == "127.0.0.5"
    assert 100 < told["holds"][0][1] <= 120


def test_one_request_at_a_time_with_the_delay_between_sources_of_a_host(seen):
    told = seen("gaps")
    assert told["busiest"] == 1
    assert min(told["gaps"]) >= 0.19
    assert max(told["gaps"]) < 2


def test_crawl_delay_is_applied(seen):
    assert min(seen("gaps")["slow"][1:]) >= 0.49


@pytest.mark.parametrize("state", STATES)
def test_robots_txt_in_the_state(seen, state):
    fetched = seen("robots")["fetched"][state]
    assert bool(fetched) is STATES[state][1]


def test_robots_txt_is_kept_over_restarts_for_a_day(seen):
    told = seen("robots")
    assert told["kept"] == ["/page7"]
    assert told["stale"] == ["/robots.txt", "/.well-known/tdmrep.json", "/page8"]


def test_stopping_lets_the_page_on_the_wire_finish_and_sends_no_other(seen):
    told = seen("stopping")
    assert told["asked"] == told["pages"] == 1
    assert told["failures"] == 0
    assert told["seconds"] < 5


def test_a_page_that_never_ends_does_not_outlast_the_grace(seen):
    told = seen("overrun")
    assert told["seconds"] < 5
    assert told["pages"] == told["failures"] == 0


def test_a_database_that_is_away_for_a_moment_stops_nothing(seen):
    assert seen("trouble") == {"pages": 1, "polls": 1}


def test_a_run_that_crashes_says_so(seen):
    assert seen("crash") == {"raised": "a bug"}


def test_a_get_has_no_body_and_says_nothing_of_one(seen):
    assert "content-length" not in seen("manners")["raw"][0].lower()


def test_an_unsigned_certificate_is_not_accepted(seen):
    told = seen("tls")
    outcome, message = told["polls"]["bad"]
    assert outcome == "unreachable"
    assert "TLS" in message
    assert told["asked"] == 0


def test_each_kind_of_source_brings_its_pages(seen):
    told = seen("kinds")
    assert told["pages"] == ["five", "four", "one", "three", "two"]
    assert told["polls"]["none"][0] == "error"
    assert "lost.xml: 404" in told["polls"]["sitemap"][1]


EFFECTIVE = {
    "DOWNLOAD_VERIFY_CERTIFICATES": "True", "REMOTE_CONTROL_ENABLED": "False",
    "TELNETCONSOLE_ENABLED": "False", "ROBOTSTXT_OBEY": "True", "DOWNLOAD_MAXSIZE": "8000000",
    "DOWNLOAD_TIMEOUT": "2.0", "REDIRECT_MAX_TIMES": "5", "COOKIES_ENABLED": "False",
    "METAREFRESH_ENABLED": "False", "HTTPPROXY_ENABLED": "False", "HTTPCACHE_ENABLED": "False",
    "DUPEFILTER_CLASS": "'scrapy.dupefilters.BaseDupeFilter'", "CONCURRENT_REQUESTS": "256",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "1", "RETRY_HTTP_CODES": "[]", "LOG_LEVEL": "'INFO'",
    "URLLENGTH_LIMIT": "0", "DNSCACHE_ENABLED": "False",
}  # fmt: skip


@pytest.mark.parametrize("name", EFFECTIVE)
def test_the_effective_setting(seen, name):
    assert seen("settings")[name] == EFFECTIVE[name]


def test_a_live_run_has_only_the_components_it_should(seen):
    told = seen("settings")
    assert told["handlers"] == ["http", "https"]
    assert told["extensions"] == ["CoreStats"]
    assert told["middlewares"][0] == "RobotsMiddleware"
    assert told["middlewares"][-1] == "Gate"
    assert "HttpProxyMiddleware" not in told["middlewares"]


def test_the_run_leaves_logging_alone(seen):
    assert seen("settings")["root"] == []
