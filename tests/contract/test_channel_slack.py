"""What only Slack does: a bot keeps its message up to date, a person writes it anew."""

from __future__ import annotations

import json

import pytest

from crawler.alert.channels import channel
from crawler.config import models
from crawler.demo.sinks import SlackSink
from crawler.errors import DeliveryError, Scope
from tests.fakes.deals import alert, update
from tests.fakes.hook_server import Say
from tests.fakes.slack_server import SlackServer


@pytest.fixture
def slack():
    with SlackServer() as server:
        yield server


def bot(slack, **fields):
    cfg = {"bot_token": slack.token, "channel": "C1", "api_url": slack.api_url}
    return channel("bot", models.SlackChannel(type="slack", **cfg | fields))


def webhook(slack, **fields):
    return channel("desk", models.SlackChannel(type="slack", webhook_url=slack.url, **fields))


def header(payload):
    return payload["blocks"][0]["text"]["text"]


def test_a_bot_edits_the_deals_message_and_tells_the_change_in_its_thread(slack):
    first = bot(slack).send(alert())
    later = bot(slack).send(update(alert(), status=('"planned"', '"priced"')), first)

    posted, edited, reply = slack.received
    assert [one["method"] for one in slack.received] == [
        "chat.postMessage", "chat.update", "chat.postMessage",
    ]  # fmt: skip
    assert edited["ts"] == reply["thread_ts"] == posted["ts"] == later["ts"]
    assert not header(edited).startswith("Update")
    assert header(reply).startswith("Update: ")
    assert reply["metadata"]["event_payload"]["key"] == later["key"]


@pytest.mark.parametrize("word", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_message_that_cannot_be_edited_is_told_anew(word, slack):
    first = bot(slack).send(alert())
    slack.moods.append(Say(200, json.dumps({"ok": False, "error": word})))

    later = bot(slack).send(update(alert(), status=('"planned"', '"priced"')), first)

    assert slack.received[-1]["method"] == "chat.postMessage"
    assert later["ts"] != first["ts"]


def test_an_update_whose_first_message_is_unknown_is_told_in_full(slack):
    bot(slack).send(update(alert(), status=('"planned"', '"priced"')))

    (payload,) = slack.received
    assert "thread_ts" not in payload
    assert "Changed" in json.dumps(payload)


def test_a_webhook_follows_up_in_short(slack):
    first = webhook(slack).send(alert())
    webhook(slack).send(update(alert(), status=('"planned"', '"priced"')), first)

    new, follow_up = slack.received
    assert header(follow_up).startswith("Update: ")
    assert len(json.dumps(follow_up)) < len(json.dumps(new))


def test_nothing_is_unfurled_and_nobody_is_called(slack):
    webhook(slack).send(alert())

    (payload,) = slack.received
    assert payload["unfurl_links"] is False
    assert payload["unfurl_media"] is False
    assert "link_names" not in payload
    assert "parse" not in payload


def test_a_person_s_own_words_replace_the_blocks(slack, tmp_path):
    (tmp_path / "deal.slack").write_text("*{{ m.company | slack }}* {{ m.figure }}")

    webhook(slack, templates=tmp_path).send(alert())

    assert slack.received[0]["blocks"][0]["text"]["text"] == (
        "*Zhipu AI* over CNY 1 billion (US$137.22 million)"
    )


def test_a_wrong_template_holds_the_channel(slack, tmp_path):
    (tmp_path / "deal.slack").write_text("{% if %}")

    with pytest.raises(DeliveryError) as e:
        webhook(slack, templates=tmp_path).send(alert())

    assert e.value.scope is Scope.CHANNEL
    assert "deal.slack:1" in str(e.value)


def test_the_words_are_in_the_channels_language(slack):
    webhook(slack, language="ja").send(alert())

    assert "資金調達" in header(slack.received[0])


def test_the_sink_of_the_demo_has_slacks_own_limit():
    with SlackSink(per_second=1, burst=2) as sink:
        made = webhook(sink)
        made.send(alert())
        made.send(alert())
        with pytest.raises(DeliveryError) as e:
            made.send(alert())

    assert e.value.code == 429
    assert e.value.retry_after.total_seconds() == 1
    assert sink.refused == ["ratelimited"]


def test_a_wrong_token_holds_the_channel(slack):
    with pytest.raises(DeliveryError, match="invalid_auth") as e:
        bot(slack, bot_token="xoxb-CANARY-OTHER").send(alert())

    assert (e.value.retry, e.value.scope) == (False, Scope.CHANNEL)
    assert "CANARY" not in str(e.value)
