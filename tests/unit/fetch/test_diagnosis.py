import socket

import pytest

from crawler.errors import SourceError
from crawler.fetch import diagnosis
from crawler.types import Outcome

ARTICLE = b"<html><title>Cloudflare raises $1bn</title><p>" + b"The px-captcha maker said. " * 300


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (200, {}, b"<p>fine", Outcome.OK),
        (204, {}, b"", Outcome.EMPTY),
        (200, {}, b" \n ", Outcome.EMPTY),
        (304, {}, b"", Outcome.UNCHANGED),
        (401, {}, b"", Outcome.BLOCKED),
        (402, {}, b"", Outcome.PAYWALLED),
        (403, {}, b"no", Outcome.BLOCKED),
        (404, {}, b"", Outcome.GONE),
        (410, {}, b"", Outcome.GONE),
        (429, {}, b"", Outcome.THROTTLED),
        (451, {}, b"", Outcome.BLOCKED),
        (500, {}, b"", Outcome.ERROR),
        (503, {}, b"", Outcome.ERROR),
        (503, {"retry-after": "9"}, b"", Outcome.THROTTLED),
        (302, {}, b"", Outcome.ERROR),
        (999, {}, b"", Outcome.BLOCKED),
    ],
)
def test_a_status_means(status, headers, body, outcome):
    found = diagnosis.of_answer(status, headers, body)
    assert found.outcome is outcome
    assert bool(found.message) is (outcome not in {Outcome.OK, Outcome.UNCHANGED})


@pytest.mark.parametrize(
    ("wall", "status", "headers", "body"),
    [
        ("Cloudflare", 403, {"cf-mitigated": "challenge"}, b"x"),
        ("Cloudflare", 200, {}, b"<html><head><title>Just a moment...</title></head>"),
        ("Cloudflare", 503, {}, b"<script>window._cf_chl_opt={cvId:'3'}</script>"),
        ("DataDome", 403, {}, b"<script src='https://ct.captcha-delivery.com/c.js'></script>"),
        ("PerimeterX", 403, {}, b"<div id='px-captcha'></div>"),
        ("Incapsula", 200, {}, b"<iframe src='/_Incapsula_Resource?SWUDNSAI=31'></iframe>"),
        ("Akamai", 403, {}, b"<TITLE>Access Denied</TITLE> Reference&#32;&#35;18.2"),
        ("AWS WAF", 202, {"x-amzn-waf-action": "challenge"}, b""),
        ("a challenge page", 200, {}, b"<title>Example - Are you a robot?</title>"),
    ],
)  # fmt: skip
def test_a_bot_wall_is_named(wall, status, headers, body):
    found = diagnosis.of_answer(status, headers, body)
    assert found.outcome is Outcome.BLOCKED
    assert wall in found.message


def test_an_article_about_a_bot_wall_is_no_bot_wall():
    assert diagnosis.of_answer(200, {}, ARTICLE) == diagnosis.FINE


def test_a_feed_that_quotes_a_challenge_page_is_a_feed():
    body = b"<?xml version='1.0'?><rss><title>Just a moment...</title>_cf_chl_opt</rss>"
    assert diagnosis.of_answer(200, {}, body) == diagnosis.FINE


def test_a_declared_paywall_is_seen():
    assert diagnosis.is_paywalled(b'{"@type":"NewsArticle","isAccessibleForFree": "False"}')
    assert not diagnosis.is_paywalled(b'{"isAccessibleForFree": true}')


def chained(outer, inner):
    outer.__cause__ = inner
    return outer


class DownloadFailedError(Exception):
    """As Scrapy calls it."""


@pytest.mark.parametrize(
    ("error", "outcome", "words"),
    [
        (SourceError(Outcome.ROBOTS, "robots.txt forbids it"), Outcome.ROBOTS, "forbids"),
        (TimeoutError(), Outcome.SLOW, "in time"),
        (chained(DownloadFailedError(), ConnectionResetError(104)), Outcome.UNREACHABLE, "hung up"),
        (chained(DownloadFailedError(), ValueError("bad")), Outcome.ERROR, "HTTP"),
        (ConnectionRefusedError(), Outcome.UNREACHABLE, "refused"),
        (ValueError("Missing scheme in request url: x"), Outcome.REFUSED, "web address"),
        (RuntimeError("odd\nthing"), Outcome.UNREACHABLE, "RuntimeError: odd thing"),
    ],
)  # fmt: skip
def test_no_answer_means(error, outcome, words):
    found = diagnosis.of_fault(error)
    assert found.outcome is outcome
    assert words in found.message
    assert "\n" not in found.message


def test_causes_that_form_a_ring_do_not_hang_it():
    one, two = RuntimeError("a"), RuntimeError("b")
    one.__cause__, two.__cause__ = two, one
    assert diagnosis.of_fault(one).outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize(
    ("code", "outcome", "words"),
    [
        (socket.EAI_AGAIN, Outcome.UNREACHABLE, "name server"),
        (socket.EAI_NONAME, Outcome.DEAD, "no such host"),
    ],
)
def test_a_name_server_that_is_silent_is_no_dead_host(code, outcome, words):
    error = chained(DownloadFailedError(), socket.gaierror(code, "cannot resolve"))
    found = diagnosis.of_fault(error)

    assert found.outcome is outcome
    assert words in found.message
