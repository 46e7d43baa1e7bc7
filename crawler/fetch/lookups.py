"""Names looked up with a thread for each."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from threading import Thread
from typing import Any


class LookUps:
    """
    The part of a loop that looks names up.

    The loop's own few threads would all wait for the name servers of dead domains, and every
    other host with them; and nobody waits for a thread of ours when the run ends. A host has
    one request at a time, so there are never many.
    """

    async def getaddrinfo(self, host: str, port: int, **more: Any) -> Any:  # noqa: ANN401 - socket's own
        """Return what `socket.getaddrinfo` does."""
        found: Future[Any] = Future()
        Thread(target=_look_up, args=(found, host, port, more), daemon=True).start()
        return await asyncio.wrap_future(found)

    async def getnameinfo(self, place: Any, flags: int) -> Any:  # noqa: ANN401 - as above
        """Return what the running loop does: it asks nobody for a number."""
        return await asyncio.get_running_loop().getnameinfo(place, flags)


def _look_up(found: Future[Any], host: str, port: int, more: dict[str, Any]) -> None:
    try:
        addresses = socket.getaddrinfo(host, port, **more)
    except Exception as error:  # noqa: BLE001 - it goes to whoever asked
        with suppress(InvalidStateError, RuntimeError):
            found.set_exception(error)
        return
    with suppress(InvalidStateError, RuntimeError):  # nobody waits any more, or the loop is closed
        found.set_result(addresses)
