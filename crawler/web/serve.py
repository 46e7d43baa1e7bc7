"""Serve the dashboard until told to stop: patient with readers, not with those who dawdle."""

from __future__ import annotations

import asyncio
import socket
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from crawler.errors import RaisewireError

HEAD = 10.0  # seconds in which a request's head must be there
GRACE = 10  # seconds for what is under way at the end
MOST = 512  # connections at once


class Prompt(H11Protocol):
    """HTTP/1.1 that hangs up on whoever takes too long to say what she wants."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, not for ever."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on; a head that trickles in does not buy time."""
        if self._waiting is None and self._idle():
            self._wait()
        super().data_received(data)
        if not self._idle():
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _idle(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever its type says
        return cycle is None or bool(cycle.response_complete)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEAD, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _hang_up(self) -> None:
        if self._idle() and not self.transport.is_closing():
            self.transport.close()


class Server(uvicorn.Server):
    """Tells open streams that it ends: they would be waited for until the grace is over."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._closing = closing
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own
        """Serve until a signal."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """
        Begin to end; the second signal ends at once.

        uvicorn's own would raise the signal again at the end, before the house is closed.
        """
        del sig, frame
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._closing.set)
        self.force_exit, self.should_exit = self.should_exit, True


def listen(host: str, port: int) -> socket.socket:
    """
    Return a socket that listens.

    Raises:
        RaisewireError: the address is somebody else's, or none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RaisewireError(f"cannot listen on {host}, port {port}: {reason}") from error


def server(app: FastAPI) -> Server:
    """Return what serves `app` on the sockets it is given; local proxies may say who asks."""
    config = uvicorn.Config(
        app,
        http=Prompt,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config, app.state.closing)
