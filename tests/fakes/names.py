"""
A name server on loopback, and a resolver that really asks it.

`getaddrinfo` is the one door through which both ways of asking (asyncio and Twisted) look up
names; while `resolving` is on, names under `.test` go by UDP to our own server, which may
answer, deny, fail or say nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Self

from twisted.internet._resolver import GAIResolver

DENIED, FAILED, SILENT = "nxdomain", "servfail", "silence"
TRIES, PATIENCE = 2, 0.15  # seconds for each try; a C library has 5
_CODES = {DENIED: 3, FAILED: 2}


class NameServer(asyncio.DatagramProtocol):
    """`async with NameServer(lambda name: "127.0.0.1" or DENIED …) as names`."""

    def __init__(self, told: Callable[[str], str]) -> None:
        self.told, self.asked = told, Counter[str]()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._wire, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self.port: int = self._wire.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._wire.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, end = _name(data)
        says = self.told(name)
        self.asked[name] += 1
        if says == SILENT:
            return
        code = _CODES.get(says, 0)
        found = b"" if code else b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4)
        found += b"" if code else socket.inet_aton(says)
        head = data[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 0 if code else 1, 0, 0)
        self._wire.sendto(head + data[12:end] + found, addr)


def _name(data: bytes) -> tuple[str, int]:
    """Return the name a query asks for, and where the question ends."""
    labels, at = [], 12
    while size := data[at]:
        labels.append(data[at + 1 : at + 1 + size].decode())
        at += 1 + size
    return ".".join(labels), at + 5


@contextlib.contextmanager
def resolving(port: int) -> Iterator[None]:
    """Look names under `.test` up at the server on `port`."""
    real = socket.getaddrinfo

    def resolve(host, place, *args, **more):
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.endswith(".test"):
            return real(_ask(name, port), place, *args, **more)
        return real(host, place, *args, **more)

    # Twisted takes its door when it is imported, and opens it when its reactor is installed.
    theirs = GAIResolver.__init__
    socket.getaddrinfo, theirs.__defaults__ = resolve, (None, resolve)
    try:
        yield
    finally:
        socket.getaddrinfo, theirs.__defaults__ = real, (None, real)


def _ask(name: str, port: int) -> str:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    query = (
        struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(PATIENCE)
        for _ in range(TRIES):
            wire.sendto(query, ("127.0.0.1", port))
            with contextlib.suppress(TimeoutError):
                return _read(wire.recv(512))
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def _read(data: bytes) -> str:
    code = data[3] & 0xF
    if code == _CODES[DENIED]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    if code:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return socket.inet_ntoa(data[-4:])
