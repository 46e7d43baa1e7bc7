"""
One POST over HTTP: no redirects, no proxy picked up by accident, and an end in time.

`socket` time-outs start anew with every byte, so a server that drips one byte a minute
could hold a channel for hours: a timer shuts the connection down at the deadline instead.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from crawler.errors import DeliveryError, Scope

MAX_REPLY = 64 * 1024
_TRANSIENT = frozenset({408, 421, 423, 425, 429})
_MESSAGE = frozenset({409, 413, 414, 422, 431})


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered; `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: str


def secret_free(text: str, *secrets: str) -> str:
    """Return `text` on one line, each secret and each URL's path and query as `***`."""
    flat = " ".join(text.split())
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        flat = flat.replace(secret, "***")
    return re.sub(r"(https?://)(?:[^\s/@]*@)?([^\s/?#]+)\S*", r"\1\2/***", flat)[:300]


class Connection(Protocol):
    """Whatever holds a socket."""

    sock: Any


@contextmanager
def deadline(seconds: float, connection: Connection) -> Iterator[None]:
    """End whatever `connection` is doing after `seconds`; the reader then sees an OSError."""

    def cut() -> None:
        # Not `close`: only a shutdown wakes a thread that is blocked in recv.
        if connection.sock is not None:
            try:
                connection.sock.shutdown(2)
            except OSError:
                return

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def trust(ca: Path | None) -> ssl.SSLContext:
    """Return a TLS context that trusts the system's authorities, and those of `ca`."""
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(cafile=str(ca))
    return context


def _connection(
    url: str, timeout: float, context: ssl.SSLContext | None, addresses: Sequence[str] | None
) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        context = context or trust(None)
        made: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=timeout, context=context
        )
    else:
        made = http.client.HTTPConnection(host, port, timeout=timeout)
    if addresses is not None:
        # The certificate is still checked against the name: only the look-up is ours.
        made._create_connection = _pinned(addresses)  # type: ignore[attr-defined]  # noqa: SLF001 - the one place where http.client looks a name up
    return made


def _pinned(addresses: Sequence[str]) -> Callable[..., socket.socket]:
    """Return what connects to one of `addresses`, whatever the name would lead to now."""

    def connect(place: tuple[str, int], timeout: float, source: Any = None) -> socket.socket:  # noqa: ANN401 - http.client's own
        failed: OSError = socket.gaierror(f"no address for {place[0]}")
        end = time.monotonic() + timeout
        for address in addresses:
            left = max(end - time.monotonic(), 0.1)
            try:
                return socket.create_connection((address, place[1]), left, source)
            except OSError as error:
                failed = error
        raise failed

    return connect


def post(  # noqa: PLR0913 - one request has this many parts
    channel: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,
    context: ssl.SSLContext | None = None,
    addresses: Sequence[str] | None = None,
) -> Reply:
    """
    POST `body` and return the answer, whatever its status.

    With `addresses` it connects to one of these and does not ask where the name leads.

    Raises:
        DeliveryError: there was none. `unknown` when the request had left by then.
    """
    connection = _connection(url, timeout, context, addresses)
    sent = False
    try:
        connection.connect()
        with deadline(timeout, connection):
            sent = True
            connection.request("POST", _target(url), body, dict(headers))
            return _read(connection.getresponse())
    except ssl.SSLCertVerificationError as e:
        reason = f"the server's certificate is not to be trusted: {e.verify_message}"
        raise DeliveryError(channel, reason, retry=False, scope=Scope.CHANNEL) from None
    except (OSError, http.client.HTTPException, ValueError) as e:
        # `from None`: the chained error would carry the URL, which is the secret.
        reason = f"no answer: {secret_free(_what(e))}"
        raise DeliveryError(
            channel, reason, retry=True, scope=Scope.CHANNEL, unknown=sent
        ) from None
    finally:
        connection.close()


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _what(error: Exception) -> str:
    return str(error) or type(error).__name__


def _read(response: http.client.HTTPResponse) -> Reply:
    body = response.read(MAX_REPLY).decode("utf-8", "replace")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, headers, body)


def refusal(channel: str, reply: Reply, now: datetime, said: str = "") -> DeliveryError:
    """
    Judge an answer that is no success.

    Redirects, 401, 403, 404, 410 and their like speak of the channel: the queue is held.
    409, 413 and 422 speak of this message. 429, 408, 425 and every 5xx pass; with Retry-After
    (and 429 always) the whole channel waits.
    """
    passes = reply.status in _TRANSIENT or reply.status >= 500
    asked = retry_after(reply.headers.get("retry-after"), now) if passes else None
    alone = reply.status in _MESSAGE or (passes and reply.status != 429 and asked is None)
    return DeliveryError(
        channel,
        f"HTTP {reply.status}" + (f": {said}" if said else ""),
        retry=passes,
        scope=Scope.MESSAGE if alone else Scope.CHANNEL,
        retry_after=asked,
        unknown=reply.status in {408, 500, 502, 504},
        code=reply.status,
    )


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read Retry-After, seconds or a date (RFC 9110 section 10.2.3); a day at most."""
    if not value:
        return None
    seconds = _seconds(value.strip(), now)
    return None if seconds is None else timedelta(seconds=min(max(seconds, 0), 86400))


def _seconds(value: str, now: datetime) -> float | None:
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
