"""
Slack: an incoming webhook, or a bot that keeps one message per deal up to date.

The SDK builds the requests; they travel through `post`, so no redirect is followed, no
retry happens behind the pipeline's back, and the webhook URL reaches no log.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from slack_sdk.webhook import WebhookClient, WebhookResponse

from crawler.alert import blocks
from crawler.alert.channels import Door, Receipt
from crawler.alert.digest import Digest
from crawler.alert.message import message
from crawler.alert.post import Reply, post, refusal, retry_after, secret_free
from crawler.alert.say import Sendable
from crawler.config import models
from crawler.errors import DeliveryError, Scope
from crawler.types import Alert, AlertKind

# Words by which Slack refuses one message, not the channel: webhooks answer 400 with them,
# the Web API 200 with `ok: false`.
_MESSAGE = frozenset({
    "invalid_payload", "invalid_blocks", "invalid_blocks_format", "invalid_attachments",
    "no_text", "msg_too_long", "msg_blocks_too_long", "too_many_attachments", "invalid_arguments",
    "invalid_arg_name", "invalid_metadata_format", "metadata_too_large", "invalid_json",
})  # fmt: skip
_PASSING = frozenset({
    "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error",
    "service_unavailable", "request_timeout", "team_added_to_org", "rollup_error",
})  # fmt: skip
_UNCHANGEABLE = frozenset({
    "message_not_found", "cant_update_message", "edit_window_closed", "update_failed",
})  # fmt: skip

_SILENT = logging.getLogger("raisewire.slack_sdk")  # the SDK logs URLs: they are the secret
_SILENT.setLevel(logging.CRITICAL + 1)
_SILENT.propagate = False
_SILENT.addHandler(logging.NullHandler())


class _Webhook(WebhookClient):
    """The SDK's client, on our wire."""

    def __init__(self, door: Door, url: str) -> None:
        super().__init__(url, logger=_SILENT, retry_handlers=[])
        self.door = door

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        reply = _carry(self.door, url, req)
        return WebhookResponse(
            url=url, status_code=reply.status, body=reply.body, headers=dict(reply.headers)
        )


class _Bot(WebClient):
    """The SDK's client, on our wire."""

    def __init__(self, door: Door, token: str, base_url: str) -> None:
        super().__init__(token, base_url=base_url, logger=_SILENT, retry_handlers=[])
        self.door = door

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        reply = _carry(self.door, url, req)
        return {"status": reply.status, "headers": dict(reply.headers), "body": reply.body}


def _carry(door: Door, url: str, req: Request) -> Reply:
    addresses = door.check(url)
    data = req.data if isinstance(req.data, bytes) else b""
    headers = dict(req.header_items())
    return post(door.name, url, data, headers, timeout=door.timeout, addresses=addresses)


@dataclass(frozen=True, slots=True)
class _Words:
    """A message ready for Slack."""

    text: str
    blocks: Sequence[Block]


def _full(door: Door, what: Sendable) -> _Words:
    """Return it in full: a person's own template if there is one, else our blocks."""
    name, said = door.say(what)
    own = f"{name}.slack"
    if door.templates.has(own):
        return _Words(blocks.text(said), blocks.own(door.templates.render(own, said), said.key))
    return _Words(blocks.text(said), blocks.shipped(said))


def _short(door: Door, alert: Alert) -> _Words:
    said = message(alert, door.language, door.dashboard)
    return _Words(blocks.text(said), blocks.follow_up(said))


@dataclass(frozen=True, slots=True)
class SlackWebhook:
    """An incoming webhook: a deal in full, and each change as a short follow-up."""

    door: Door
    cfg: models.SlackChannel

    @property
    def name(self) -> str:
        """The channel's name in the config."""
        return self.door.name

    def send(self, message: Sendable, previous: Receipt | None = None) -> Receipt:
        """Post it. Webhooks answer with no id, so nothing can be edited later."""
        assert self.cfg.webhook_url
        url = self.cfg.webhook_url.get_secret_value()
        words = self._words(message, previous)
        answer = _Webhook(self.door, url).send(
            text=words.text, blocks=list(words.blocks), unfurl_links=False, unfurl_media=False
        )
        reply = Reply(answer.status_code, answer.headers, answer.body)
        if reply.status != 200 or reply.body.strip() != "ok":
            raise self._refusal(reply, url)
        return {"key": message.key}

    def _words(self, message: Sendable, previous: Receipt | None) -> _Words:
        if isinstance(message, Alert) and message.kind is AlertKind.UPDATE and previous:
            return _short(self.door, message)
        return _full(self.door, message)

    def _refusal(self, reply: Reply, url: str) -> DeliveryError:
        said = secret_free(reply.body, url)
        word = reply.body.strip()
        if reply.status in {200, 400} and word in _MESSAGE:  # it would be refused for ever
            reason = f"HTTP {reply.status}: {word}"
            return DeliveryError(self.name, reason, retry=False, code=reply.status)
        if reply.status == 200:
            # A captive portal or a proxy answers so: perhaps Slack never saw the message.
            reason = f"answered 200, but not ok: {said[:120]}"
            return DeliveryError(
                self.name, reason, retry=True, scope=Scope.CHANNEL, unknown=True, code=200
            )
        return refusal(self.name, reply, self.door.now(), said[:120])


@dataclass(frozen=True, slots=True)
class SlackBot:
    """A bot token: one message per deal, edited when it changes, with the change in its thread."""

    door: Door
    cfg: models.SlackChannel

    @property
    def name(self) -> str:
        """The channel's name in the config."""
        return self.door.name

    def send(self, message: Sendable, previous: Receipt | None = None) -> Receipt:
        """Post it; or edit the deal's message and reply in its thread."""
        first = (previous or {}).get("ts")
        if isinstance(message, Alert) and message.kind is AlertKind.UPDATE and previous and first:
            return self._follow(message, previous)
        return self._post(message)

    def _post(self, alert: Sendable) -> Receipt:
        words = _full(self.door, alert)
        answer = self._call("chat_postMessage", words, channel=self.cfg.channel, **_marked(alert))
        if isinstance(alert, Digest):  # many deals: no change of one of them may overwrite it
            return {"key": alert.key}
        return {"key": alert.key, "ts": answer["ts"], "channel": answer["channel"]}

    def _follow(self, alert: Alert, previous: Receipt) -> Receipt:
        """Edit first: that may be repeated without harm when the reply fails."""
        where, ts = previous["channel"], previous["ts"]
        now = _full(self.door, replace(alert, kind=AlertKind.NEW))  # it is the deal's own message
        try:
            self._call("chat_update", now, channel=where, ts=ts)
        except _UnchangeableError:
            return self._post(alert)
        self._call(
            "chat_postMessage",
            _short(self.door, alert),
            channel=where,
            thread_ts=ts,
            **_marked(alert),
        )
        return {"key": alert.key, "ts": ts, "channel": where}

    def _call(self, method: str, words: _Words, **where: Any) -> dict[str, Any]:  # noqa: ANN401 - Slack's own parameters
        assert self.cfg.bot_token
        token = self.cfg.bot_token.get_secret_value()
        client = _Bot(self.door, token, self.cfg.api_url)
        quiet = {"unfurl_links": False, "unfurl_media": False} if "post" in method.lower() else {}
        try:
            answer = getattr(client, method)(
                text=words.text, blocks=list(words.blocks), **quiet, **where
            )
        except SlackApiError as e:
            raise self._refusal(e, token) from None
        return {"ts": answer.get("ts"), "channel": answer.get("channel")}

    def _refusal(self, error: SlackApiError, token: str) -> DeliveryError:
        answer = error.response
        word = str(answer.get("error", ""))
        said = secret_free(word, token)[:120]
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status_code != 200:
            reply = Reply(answer.status_code, headers, "")
            return refusal(self.name, reply, self.door.now(), said)
        if word in _UNCHANGEABLE:
            return _UnchangeableError(self.name, said, retry=False)
        passing = word in _PASSING or " " in word  # a sentence is the SDK's: no JSON came
        return DeliveryError(
            self.name,
            f"Slack said: {said}",
            retry=passing,
            scope=Scope.MESSAGE if word in _MESSAGE else Scope.CHANNEL,
            retry_after=retry_after(headers.get("retry-after"), self.door.now()),
            unknown=passing and " " in word,
            code=429 if word in {"ratelimited", "rate_limited"} else 200,
        )


class _UnchangeableError(DeliveryError):
    """The deal's message is gone or too old to edit: say it anew."""


def _marked(alert: Sendable) -> dict[str, Any]:
    """Return metadata by which a reading app can tell a repeat."""
    return {"metadata": {"event_type": "raisewire_alert", "event_payload": {"key": alert.key}}}
