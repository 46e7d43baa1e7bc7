"""Every HTTP status, and what it means for the three channels that speak HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.alert.channels import channel
from crawler.config import models
from crawler.errors import DeliveryError, Scope
from tests.fakes.deals import alert
from tests.fakes.hook_server import HookServer, Say
from tests.fakes.slack_server import SlackServer

AGAIN = {408, 421, 423, 425, 429} | set(range(500, 600))
ABOUT_THE_MESSAGE = {409, 413, 414, 422, 431}
REFUSED = sorted((set(range(300, 600)) - {304}) | {304})


@pytest.fixture(scope="module")
def slack():
    with SlackServer() as server:
        yield server


@pytest.fixture(scope="module")
def hook():
    with HookServer() as server:
        yield server


def webhook(hook):
    return channel("hook", models.WebhookChannel(type="webhook", url=hook.url))


def slack_webhook(slack):
    return channel("desk", models.SlackChannel(type="slack", webhook_url=slack.url))


def slack_bot(slack):
    cfg = {"bot_token": slack.token, "channel": "C1", "api_url": slack.api_url}
    return channel("bot", models.SlackChannel(type="slack", **cfg))


def refused(made, server, answer):
    server.moods[:] = [answer]
    with pytest.raises(DeliveryError) as e:
        made.send(alert())
    return e.value


@pytest.mark.parametrize("kind", ["webhook", "slack_webhook", "slack_bot"])
def test_every_status_says_whether_to_try_again(kind, slack, hook):
    server = hook if kind == "webhook" else slack
    made = globals()[kind](server)

    for status in [*range(300, 309), *range(400, 432), 451, *range(500, 512), 521, 599]:
        error = refused(made, server, Say(status, "no", {"Location": server.url}))
        assert (status, error.code) == (error.code, status)
        assert (status, error.retry) == (status, status in AGAIN)
        if not error.retry:
            about_message = error.scope is Scope.MESSAGE
            assert (status, about_message) == (status, status in ABOUT_THE_MESSAGE)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_yes_to_a_webhook(status, hook):
    hook.moods[:] = [Say(status)]

    assert webhook(hook).send(alert())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status, hook):
    before = len(hook.requests)

    refused(webhook(hook), hook, Say(status, headers={"Location": hook.url}))

    assert len(hook.requests) == before + 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0", 0), ("99999999", 86400), ("soon", None), ("-5", None)],
)
def test_retry_after_is_read(value, seconds, slack):
    error = refused(slack_webhook(slack), slack, Say(429, "", {"Retry-After": value}))

    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_retry_after_may_be_a_date(slack):
    cfg = models.SlackChannel(type="slack", webhook_url=slack.url)
    noon = 1_795_521_600.0  # 2026-11-24 12:00 UTC
    made = channel("desk", cfg, clock=lambda: noon)

    error = refused(made, slack, Say(503, "", {"Retry-After": "Tue, 24 Nov 2026 12:01:30 GMT"}))

    assert error.retry_after == timedelta(seconds=90)
    assert error.scope is Scope.CHANNEL


def test_200_that_is_not_ok_was_perhaps_not_slack(slack):
    error = refused(slack_webhook(slack), slack, Say(200, "<html>log in to the hotel wifi</html>"))

    assert error.retry
    assert error.unknown


@pytest.mark.parametrize("status", [200, 400])
def test_slack_refuses_one_payload_and_the_channel_goes_on(status, slack):
    error = refused(slack_webhook(slack), slack, Say(status, "invalid_blocks"))

    assert not error.retry
    assert error.scope is Scope.MESSAGE


@pytest.mark.parametrize(
    ("word", "again", "scope"),
    [
        ("ratelimited", True, Scope.CHANNEL),
        ("internal_error", True, Scope.CHANNEL),
        ("invalid_blocks", False, Scope.MESSAGE),
        ("msg_too_long", False, Scope.MESSAGE),
        ("channel_not_found", False, Scope.CHANNEL),
        ("is_archived", False, Scope.CHANNEL),
        ("invalid_auth", False, Scope.CHANNEL),
        ("token_revoked", False, Scope.CHANNEL),
    ],
)
def test_the_web_api_says_no_with_200(word, again, scope, slack):
    error = refused(slack_bot(slack), slack, Say(200, f'{{"ok":false,"error":"{word}"}}'))

    assert (error.retry, error.scope) == (again, scope)
    assert word in str(error)


def test_the_web_api_that_answers_no_json_is_tried_again(slack):
    error = refused(slack_bot(slack), slack, Say(200, "<html>oops</html>"))

    assert error.retry
    assert error.unknown
