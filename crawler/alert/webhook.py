"""
JSON over HTTP POST, signed, for programs.

    Idempotency-Key: <key>                       equal on every repeat
    X-Timestamp: 1764000000                      seconds since 1970
    X-Signature: sha256=<hex HMAC-SHA256 of "timestamp.body" under the shared secret>
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from crawler.alert.channels import Door, Receipt
from crawler.alert.digest import Digest, Total, digest_message
from crawler.alert.message import message
from crawler.alert.notice import Notice, notice_message
from crawler.alert.post import post, refusal, secret_free, trust
from crawler.alert.say import Sendable
from crawler.config import models
from crawler.types import Alert
from crawler.wire import dump_deal, plain

SCHEMA = "raisewire.alert.v1"
DIGEST_SCHEMA = "raisewire.digest.v1"
NOTICE_SCHEMA = "raisewire.notice.v1"


def payload(what: Sendable, language: str, dashboard: str | None) -> dict[str, Any]:
    """Return the JSON of an alert, a digest with its alerts, or a notice (`docs/alerts.md`)."""
    match what:
        case Alert():
            return _alert(what, language, dashboard)
        case Digest():
            return _digest(what, language, dashboard)
        case Notice():
            return _notice(what, language, dashboard)


def _alert(alert: Alert, language: str, dashboard: str | None) -> dict[str, Any]:
    said = message(alert, language, dashboard)
    return {
        "schema": SCHEMA,
        "key": alert.key,
        "kind": alert.kind.value,
        "channel": alert.channel,
        "rule": alert.rule,
        "created": alert.created.isoformat(),
        "headline": said.headline,
        "url": said.url or None,
        "changed": {
            slot: {"before": before, "after": after}
            for slot, (before, after) in alert.changed.items()
        },
        "deal": dump_deal(alert.deal),
    }


def _digest(digest: Digest, language: str, dashboard: str | None) -> dict[str, Any]:
    said = digest_message(digest, language, dashboard)
    return {
        "schema": DIGEST_SCHEMA,
        "key": digest.key,
        "kind": "digest",
        "channel": digest.channel,
        "window": digest.window,
        "created": digest.created.isoformat(),
        "headline": said.headline,
        "by_type": [_total(total) for total in said.by_type],
        "by_currency": [_total(total) for total in said.by_currency],
        "alerts": [payload(alert, language, dashboard) for alert in digest.alerts],
    }


def _notice(notice: Notice, language: str, dashboard: str | None) -> dict[str, Any]:
    return {
        "schema": NOTICE_SCHEMA,
        "key": notice.key,
        "kind": notice.kind,
        "created": notice.created.isoformat(),
        "headline": notice_message(notice, language, dashboard).headline,
        **plain(notice.facts),
    }


def _total(total: Total) -> dict[str, Any]:
    return {
        "name": total.name,
        "deals": total.count,
        "disclosed": total.disclosed,
        "usd": int(total.sum),
    }


def dumps(value: dict[str, Any]) -> bytes:
    """Return JSON as it is signed and sent: UTF-8, no spaces, no NaN."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what `X-Signature` says."""
    signed = f"{timestamp}.".encode() + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """A receiver of our JSON; any 2xx is a yes."""

    door: Door
    cfg: models.WebhookChannel

    @property
    def name(self) -> str:
        """The channel's name in the config."""
        return self.door.name

    def send(self, message: Sendable, previous: Receipt | None = None) -> Receipt:
        """POST it. An update needs no receipt: it carries the whole deal and what changed."""
        del previous
        url = self.cfg.url.get_secret_value()
        addresses = self.door.check(url)
        body = dumps(payload(message, self.door.language, self.door.dashboard))
        reply = post(
            self.name,
            url,
            body,
            self._headers(message.key, body),
            timeout=self.door.timeout,
            context=trust(self.cfg.ca) if url.startswith("https:") else None,
            addresses=addresses,
        )
        if not 200 <= reply.status < 300:
            said = secret_free(reply.body, url, self._secret())[:120]
            raise refusal(self.name, reply, self.door.now(), said)
        return {"key": message.key}

    def _secret(self) -> str:
        return self.cfg.secret.get_secret_value() if self.cfg.secret else ""

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self.door.clock()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "raisewire",
            "Idempotency-Key": key,
            "X-Timestamp": timestamp,
        }
        if secret := self._secret():
            headers["X-Signature"] = signature(secret, timestamp, body)
        return headers
