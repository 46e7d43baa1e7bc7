"""
A Slack and a mail server on loopback that take what the real ones would take.

    with SlackSink() as slack, MailSink() as mail:
        ...  # send to slack.url and mail.url
        print(slack.received, mail.received)
"""

from __future__ import annotations

import json
import threading
import time
from asyncio import Server
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from crawler.demo.blockkit import complaint

MAX_BODY = 1_000_000
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says: a status, a body, and headers."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


class Workspace:
    """
    What Slack would say to a request, and what it has taken so far.

    Payloads are checked as Slack does. `per_second` messages are taken, `burst` at once;
    the others are answered 429 with Retry-After. `received` are the payloads that were
    taken, `refused` the words for the others.
    """

    def __init__(self, token: str, *, per_second: float | None = None, burst: int = 3) -> None:
        self.token = token
        self.received: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self._limit = None if per_second is None else _Limit(per_second, burst)
        self._lock = threading.Lock()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Decide what Slack would say, and keep what it would take."""
        with self._lock:
            if self._limit and (wait := self._limit.wait()):
                self.refused.append("ratelimited")
                return Answer(429, "rate_limited", {"Retry-After": str(wait)})
            if path.startswith("/services/"):
                return self._webhook(body)
            if path.startswith("/api/chat."):
                return self._method(path.removeprefix("/api/"), headers, body)
            return Answer(404, "no_service")

    def _webhook(self, body: bytes) -> Answer:
        payload = _loads(body)
        word = complaint(payload)
        if word or not isinstance(payload, dict):
            self.refused.append(word or "invalid_payload")
            return Answer(400, self.refused[-1])
        self.received.append(payload)
        return Answer(200, "ok")

    def _method(self, method: str, headers: dict[str, str], body: bytes) -> Answer:
        payload = _loads(body)
        word = self._objection(method, headers, payload)
        if word or not isinstance(payload, dict):
            self.refused.append(word or "invalid_json")
            return _json({"ok": False, "error": self.refused[-1]})
        ts = payload.get("ts") or f"{1_700_000_000 + len(self.received)}.000100"
        self.received.append({**payload, "method": method, "ts": ts})
        return _json({"ok": True, "channel": payload["channel"], "ts": ts})

    def _objection(self, method: str, headers: dict[str, str], payload: object) -> str | None:
        if headers.get("authorization") != f"Bearer {self.token}":
            return "invalid_auth"
        if not isinstance(payload, dict) or not payload.get("channel"):
            return "channel_not_found"
        known = {one.get("ts") for one in self.received}
        if method == "chat.update" and payload.get("ts") not in known:
            return "message_not_found"
        return complaint(payload)


class SlackSink:
    """
    A `Workspace` on loopback: an incoming webhook (`url`), and the two methods of the Web
    API (`api_url`) that a bot needs.
    """

    token = "xoxb-demo"  # noqa: S105 - opens this sink and nothing else

    def __init__(self, port: int = 0, *, per_second: float | None = None, burst: int = 3) -> None:
        self.workspace = Workspace(self.token, per_second=per_second, burst=burst)
        handler = type("Handler", (_Handler,), {"workspace": self.workspace})
        self._server = ThreadingHTTPServer((HOST, port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def received(self) -> list[dict[str, Any]]:
        """The payloads that were taken, in order."""
        return self.workspace.received

    @property
    def refused(self) -> list[str]:
        """Slack's words for those that were not."""
        return self.workspace.refused

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """An incoming webhook."""
        return f"http://{HOST}:{self.port}/services/T000/B000/demo"

    @property
    def api_url(self) -> str:
        """The base of the Web API."""
        return f"http://{HOST}:{self.port}/api/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Limit:
    """Slack's own token bucket, on the monotonic clock."""

    def __init__(self, per_second: float, burst: int) -> None:
        self.per_second, self.burst = per_second, burst
        self.tokens, self.at = float(burst), time.monotonic()

    def wait(self) -> int:
        """Take a token and return 0, or return the seconds to wait."""
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        if self.tokens < 1:
            return max(1, round((1 - self.tokens) / self.per_second))
        self.tokens -= 1
        return 0


def _loads(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _json(value: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(value), {"Content-Type": "application/json"})


class _Handler(BaseHTTPRequestHandler):
    """HTTP around a `Workspace`."""

    workspace: Workspace
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one request."""
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.workspace.answer(self.path, headers, self.rfile.read(length))
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "text/html", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep standard error for the demo."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter as the mail server took it."""

    sender: str
    to: tuple[str, ...]
    message: EmailMessage
    raw: bytes


class MailSink:
    """A mail server that takes every letter and keeps it in `received`."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Mail] = []
        self._controller = _Controller(self, hostname=HOST, port=port, server_hostname="demo")

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._controller.port

    @property
    def url(self) -> str:
        """Its address, as `channels.<name>.smtp` wants it."""
        return f"smtp://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd calls it so
        """Keep one letter."""
        raw = envelope.content or b""
        assert isinstance(raw, bytes)
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        to = tuple(str(one) for one in envelope.rcpt_tos)
        self.received.append(Mail(str(envelope.mail_from), to, mail, raw))
        return "250 2.0.0 taken"


class _Controller(Controller):
    """aiosmtpd's, which trusts the port it was given even if that is 0."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd has no types here
