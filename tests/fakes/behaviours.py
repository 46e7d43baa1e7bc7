"""Ways in which a server can misbehave, states of robots.txt, spellings of an address."""
# ruff: noqa: ARG001, ARG005 - every behaviour has the same signature

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import Callable
from typing import Any

from tests.fakes.origin import Origin, answer


async def _drip(asked, writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9999\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.2)


async def _drip_headers(asked, writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-a: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.2)


async def _silence(asked, writer) -> None:
    await asyncio.sleep(3600)


async def _reset(asked, writer) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _half(asked, writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nhalf")
    await writer.drain()


async def _half_a_chunk(asked, writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1000\r\nhalf")
    await writer.drain()


async def _endless(asked, writer) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    while True:
        writer.write(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
        await writer.drain()


async def _hints(asked, writer) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n" * 50)
        await writer.drain()
        await asyncio.sleep(0.01)


async def _trailers(asked, writer) -> None:
    writer.write(_CHUNKED + b"2\r\nok\r\n0\r\n")
    while True:
        writer.write(b"x-trailer: y\r\n" * 500)
        await writer.drain()
        await asyncio.sleep(0.01)


async def _empty_chunks(asked, writer) -> None:
    writer.write(_CHUNKED)
    while True:
        writer.write(b"1;" + b"e" * 1_000 + b"\r\na\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


def _onion() -> bytes:
    data = _bomb()
    return gzip.compress(gzip.compress(data))


def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * 1_000_000
    return b"".join(packer.compress(block) for _ in range(200)) + packer.flush()


def _raw(text: bytes) -> Callable[[Any], bytes]:
    return lambda asked: text


_CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n"
_TWO = answer("<p>the first") + answer("<p>POISON")


BEHAVIOURS: dict[str, Any] = {
    "hints-for-ever": _hints,
    "trailers-for-ever": _trailers,
    "chunk-extensions": _empty_chunks,
    "chunk-minus": _raw(_CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    "chunk-overflow": _raw(_CHUNKED + b"FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
    "lines-end-in-lf": _raw(b"HTTP/1.1 200 OK\ncontent-length: 7\n\n<p>fine"),
    "folded-header": _raw(b"HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 7\r\n\r\n<p>fine"),
    "nul-in-header": _raw(b"HTTP/1.1 200 OK\r\nx: a\x00b\r\ncontent-length: 7\r\n\r\n<p>fine"),
    "space-before-colon": _raw(b"HTTP/1.1 200 OK\r\ncontent-length : 7\r\n\r\n<p>fine"),
    "switching": _raw(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n"),
    "not-modified-unasked": answer("", "304 Not Modified"),
    "no-content-with-some": _raw(b"HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nhi"),
    "two-answers": _raw(_TWO),
    "onion": answer(_onion(), content_encoding="gzip, gzip, gzip"),
    "unknown-encoding": answer("<p>fine</p>", content_encoding="x-rot13"),
    "bad-brotli": answer(b"\xff\xffnot brotli", content_encoding="br"),
    "to-fragment": answer("", "301 Moved", location="#here"),
    "to-empty": answer("", "302 Found", location=""),
    "to-long": answer("", "302 Found", location="/" + "x" * 9_000),
    "to-user": answer("", "302 Found", location="http://user:pw@127.0.0.1/x"),
    "to-data": answer("", "302 Found", location="data:text/html,hi"),
    "to-script": answer("", "302 Found", location="javascript:alert(1)"),
    "refresh-header": answer("<p>fine</p>", refresh="0; url=file:///etc/passwd"),
    "slow-body": _drip,
    "slow-headers": _drip_headers,
    "silence": _silence,
    "reset": _reset,
    "endless": _endless,
    "hang-up": lambda asked, writer: None,
    "bomb": answer(_bomb(), content_encoding="gzip"),
    "declared-huge": _raw(b"HTTP/1.1 200 OK\r\ncontent-length: 900000000\r\n\r\nx"),
    "truncated": _half,
    "truncated-chunks": _half_a_chunk,
    "bad-gzip": answer(b"\x1f\x8bnot gzip at all", content_encoding="gzip"),
    "http09": _raw(b"<html>no status line</html>\r\n\r\n"),
    "length-minus": _raw(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nhello"),
    "length-words": _raw(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nhello"),
    "two-lengths": _raw(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nhello"),
    "many-headers": _raw(
        b"HTTP/1.1 200 OK\r\n"
        + b"".join(b"x-%d: y\r\n" % number for number in range(20_000))
        + b"content-length: 2\r\n\r\nok"
    ),
    "long-header": _raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000 + b"\r\n\r\nok"),
    "status-999": answer("go away", "999 Denied"),
    "status-text": _raw(b"HTTP/1.1 abc Denied\r\ncontent-length: 0\r\n\r\n"),
    "to-itself": answer("", "302 Found", location="/to-itself"),
    "to-ftp": answer("", "302 Found", location="ftp://127.0.0.1/x"),
    "to-file": answer("", "302 Found", location="file:///etc/passwd"),
    "to-nowhere": answer("", "302 Found"),
    "to-backslash": answer("", "302 Found", location="http:\\\\127.0.0.1\\x"),
    "latin-header": _raw(
        b"HTTP/1.1 200 OK\r\nx-city: K\xf6ln\r\ncontent-length: 7\r\n\r\n<p>fine"
    ),
    "forbidden": answer("no", "403 Forbidden"),
    "gone": answer("no", "410 Gone"),
    "broken": answer("oops", "500 Internal Server Error"),
    "empty": answer(""),
    "challenge": answer(
        "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
        "403 Forbidden",
        server="cloudflare",
    ),
}  # fmt: skip


def _zipped(text: bytes) -> bytes:
    return answer(gzip.compress(text), content_encoding="gzip")


PLAIN = {"content_type": "text/plain"}
ALLOW_NONE = answer("User-agent: *\nDisallow: /", **PLAIN)
STATES: dict[str, tuple[Any, bool]] = {
    "200": (answer("User-agent: *\nDisallow: /other", **PLAIN), True),
    "200-no": (ALLOW_NONE, False),
    "204": (answer("", "204 No Content"), True),
    "301": (answer("", "301 Moved", location="/moved.txt"), False),
    "302-loop": (answer("", "302 Found", location="/robots.txt"), True),
    "400": (answer("", "400 Bad Request"), True),
    "401": (answer("", "401 Unauthorized"), True),
    "403": (answer("", "403 Forbidden"), True),
    "404": (answer("", "404 Not Found"), True),
    "410": (answer("", "410 Gone"), True),
    "429": (answer("", "429 Too Many Requests"), False),
    "500": (answer("", "500 Internal Server Error"), False),
    "502": (answer("", "502 Bad Gateway"), False),
    "503": (answer("", "503 Service Unavailable"), False),
    "time-out": (_silence, False),
    "reset": (_reset, False),
    "bom": (answer(b"\xef\xbb\xbfUser-agent: *\nDisallow: /page", **PLAIN), False),
    "html": (answer("<html><p>User-agent: nobody</p></html>"), True),
    "big": (answer("#" * 600_000 + "\nUser-agent: *\nDisallow: /", **PLAIN), True),
    "gzip": (_zipped(b"User-agent: *\nDisallow: /page"), False),
}  # fmt: skip


SPELLINGS = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
    "017700000001", "127.0.0.1.", "0", "0.0.0.0", "localhost", "LOCALHOST", "localhost.",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fec0::1]", "[ff02::1]",
    "127.127.127.127", "127.0.0.53", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.０.０.１",
    "user@127.0.0.1", "127.0.0.1%00.example.com", "example.com@127.0.0.1",
    "127.0.0.1\\@example.com", "127.0.0.1\t", "127.0.0.1#@example.com", "rebind.test",
    "many.test", "mapped.test", "0x7F.1", "0177.1", "00000000177.0.0.1", "0x7f.0x0.0x0.0x1",
    "127.000.000.001", "0X7F000001", "127.0.0.1..", "%31%32%37.0.0.1", "127%2e0%2e0%2e1",
    "[::ffff:0:7f00:1]", "[::FFFF:7F00:0001]", "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::ffff:0:127.0.0.1]", "[64:ff9b:2::7f00:1]", "[::1%25]", "[v1.x]", "127。0.0。1",
    "ⓛocalhost", "l\u00adocalhost", "localhost\u3002",
)  # fmt: skip
OTHERS = (
    "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/", "http://169.254.169.254/",
    "http://100.64.0.1/", "http://192.0.0.1/", "http://198.18.0.1/", "http://224.0.0.1/",
    "http://240.0.0.1/", "http://255.255.255.255/", "http://192.88.99.1/", "http://[3fff::1]/",
    "http://[5f00::1]/", "http://[2001:2::1]/", "http://[100::1]/", "file:///etc/passwd",
    "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:text/html,hi", "javascript:alert(1)",
    "http:///x", "http://", "//127.0.0.1/", "http:127.0.0.1", "http://127.0.0.1:0/",
    "http://127.0.0.1:99999/", "http://127.0.0.1:http/",
)  # fmt: skip


def rebinding() -> None:
    """A resolver that answers what an attacker's would: public first, then loopback."""
    real, asked = socket.getaddrinfo, {"rebind.test": 0}
    told = {"many.test": ["93.184.216.34", "127.0.0.1"], "mapped.test": ["::ffff:127.0.0.1"]}

    def resolve(host, port, *args, **more):
        name = host.decode() if isinstance(host, bytes) else host
        if name == "rebind.test":
            asked[name] += 1
            return real("127.0.0.1", port, *args, **more)
        if name == "many.test":
            return real("127.0.0.1", port, *args, **more)
        if name in told:
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (told[name][0], port or 0, 0, 0))]
        return real(host, port, *args, **more)

    socket.getaddrinfo = resolve


class Town:
    """One server for each state."""

    async def __aenter__(self) -> dict[str, Origin]:
        self.origins = {}
        for (name, (behaviour, _)), host in zip(
            STATES.items(), (f"127.0.0.{number}" for number in range(2, 250)), strict=False
        ):
            origin = await Origin(host=host).__aenter__()
            origin.on("/robots.txt", behaviour)
            origin.on("/moved.txt", ALLOW_NONE)
            for number in range(9):
                origin.on(f"/page{number}", answer("<p>x</p>"))
            self.origins[name] = origin
        return self.origins

    async def __aexit__(self, *exc: object) -> None:
        for origin in self.origins.values():
            await origin.__aexit__()
