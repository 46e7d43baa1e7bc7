"""
The daemon's own window: `/metrics` for Prometheus, `/healthz` and `/readyz` for who restarts it.

A thread with a server of a few lines, beside the loop and not in it: it answers, and tells
what is wrong, while the loop is busy or the database away.
"""

from __future__ import annotations

import asyncio
import hmac
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from crawler.app import House
from crawler.errors import ConfigError
from crawler.standing import exposition, readiness

log = structlog.get_logger()
Answer = tuple[int, str, bytes]
_TEXT = "text/plain; charset=utf-8"
SLOW = 5.0  # seconds that a request may take to be told


class Monitor:
    """Serves until closed, where the config says."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:
        listen = house.config.metrics.address
        assert listen is not None
        self._server = _bound(house, listen, lambda: answers(loop))
        self.address = self._server.server_address
        thread = threading.Thread(target=self._server.serve_forever, daemon=True, name="monitor")
        thread.start()
        log.info("metrics shown", address=house.config.metrics.listen)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def answers(loop: asyncio.AbstractEventLoop, within: float = SLOW) -> bool:
    """Ask the loop to do something small, and tell whether it does."""
    heard = threading.Event()
    try:
        loop.call_soon_threadsafe(heard.set)
    except RuntimeError:  # closed
        return False
    return heard.wait(within)


def _bound(house: House, listen: tuple[str, int], alive: Callable[[], bool]) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if ":" in listen[0] else AF_INET
        daemon_threads = True

    class Handler(BaseHTTPRequestHandler):
        timeout = SLOW
        server_version, sys_version = "raisewire", ""

        def do_GET(self) -> None:
            status, media, body = answer(
                house, alive, self.path, self.headers.get("authorization", "")
            )
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: a scrape every few seconds is no news."""

    try:
        return Server(listen, Handler)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"metrics.listen: {listen[0]}:{listen[1]}: {reason}") from error


def answer(house: House, alive: Callable[[], bool], path: str, authorization: str) -> Answer:
    """Return what a path shows: status, media type, body."""
    match path.partition("?")[0]:
        case "/healthz":
            return (200, _TEXT, b"ok\n") if alive() else (503, _TEXT, b"the loop does not answer\n")
        case "/readyz":
            ready, words = readiness(house, alive=alive())
            return (200 if ready else 503), _TEXT, words
        case "/metrics":
            if not _may(house, authorization):
                return 401, _TEXT, b"a token is needed\n"
            return 200, CONTENT_TYPE_LATEST, exposition(house, own=True)
    return 404, _TEXT, b"there are /metrics, /healthz and /readyz\n"


def _may(house: House, authorization: str) -> bool:
    """Beyond this machine a scrape brings one of the dashboard's tokens."""
    if house.config.metrics.is_private:
        return True
    given = authorization.removeprefix("Bearer ").encode("utf-8", "replace")
    tokens = house.config.web.tokens.values()
    return any(hmac.compare_digest(given, one.token.get_secret_value().encode()) for one in tokens)
