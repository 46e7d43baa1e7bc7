"""Where a name leads is looked up once: what was checked is what is connected to."""

from __future__ import annotations

import socket

import pytest

from crawler.alert.channels import channel
from crawler.app import posts
from crawler.config import models
from crawler.config.models import Config
from crawler.errors import DeliveryError, Scope
from tests.fakes.certificates import papers
from tests.fakes.deals import alert
from tests.fakes.hook_server import HookServer
from tests.fakes.slack_server import SlackServer

NAME = "hooks.example"


@pytest.fixture
def hook():
    with HookServer() as server:
        yield server


def named(server):
    return server.url.replace("127.0.0.1", NAME)


def webhook(url, **given):
    return channel("hook", models.WebhookChannel(type="webhook", url=url, timeout="2s"), **given)


def test_a_channel_connects_to_the_address_that_was_checked(hook):
    webhook(named(hook), guard=lambda _: ["127.0.0.1"]).send(alert())

    assert hook.requests[0].headers["host"] == f"{NAME}:{hook.port}"


def test_slack_does_too():
    with SlackServer() as server:
        cfg = models.SlackChannel(type="slack", webhook_url=named(server))
        channel("desk", cfg, guard=lambda _: ["127.0.0.1"]).send(alert())

        bot = {"bot_token": server.token, "channel": "C1"}
        api = server.api_url.replace("127.0.0.1", NAME)
        cfg = models.SlackChannel(type="slack", **bot, api_url=api)
        channel("bot", cfg, guard=lambda _: ["127.0.0.1"]).send(alert())

    assert len(server.received) == 2


def test_the_next_address_is_tried_when_one_does_not_answer(hook):
    webhook(named(hook), guard=lambda _: ["127.0.0.2", "127.0.0.1"]).send(alert())

    assert len(hook.requests) == 1


def test_a_name_that_leads_nowhere_is_tried_again(hook):
    with pytest.raises(DeliveryError, match="no address for hooks") as e:
        webhook(named(hook), guard=lambda _: []).send(alert())

    assert e.value.retry
    assert e.value.scope is Scope.CHANNEL
    assert not e.value.unknown


def test_the_certificate_is_checked_against_the_name_and_not_the_address(tmp_path, hook):
    made = papers(tmp_path)  # for 127.0.0.1, where the name leads
    url = named(hook).replace("http:", "https:")
    cfg = models.WebhookChannel(type="webhook", url=url, ca=made.ca, timeout="2s")
    hook._server.socket = made.server.wrap_socket(hook._server.socket, server_side=True)

    with pytest.raises(DeliveryError, match=r"certificate is not to be trusted.*hooks"):
        channel("hook", cfg, guard=lambda _: ["127.0.0.1"]).send(alert())


def test_a_name_that_changes_its_mind_between_check_and_connect_reaches_nothing(monkeypatch, hook):
    answers = ["127.0.0.1", "10.0.0.1", "10.0.0.1"]
    real = socket.getaddrinfo

    def fickle(host, port, *rest, **more):
        return real(answers.pop(0) if host == NAME else host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", fickle)
    config = Config.model_validate(
        {
            "http": {"allow_private": ["127.0.0.1"]},
            "channels": {"hook": {"type": "webhook", "url": named(hook)}},
        }
    )
    post = posts(config)["hook"].channel

    post.send(alert())
    assert len(hook.requests) == 1
    with pytest.raises(DeliveryError, match=r"10\.0\.0\.1 is not a public address"):
        post.send(alert())
    assert len(hook.requests) == 1
