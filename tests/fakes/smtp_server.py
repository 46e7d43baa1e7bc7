"""
A mail server on loopback that follows a script, line by line.

    with SmtpServer({"RCPT": ["250 ok", "450 later"], "DOT": [DROP]}) as smtp: ...

Each verb has a list of replies; the last one stays. `DROP` hangs up, `HANG` says nothing.
`GREETING`, `EHLO` (whose reply may have many lines), `DOT` (after the final dot) count as
verbs. What was said is in `heard`, the letters that were taken in `letters`.
"""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

DROP, HANG = "DROP", "HANG"
_USUAL = {
    "GREETING": "220 loopback ESMTP",
    "EHLO": "250 loopback",
    "HELO": "250 loopback",
    "MAIL": "250 sender ok",
    "RCPT": "250 recipient ok",
    "DATA": "354 go ahead",
    "DOT": "250 taken",
    "AUTH": "235 welcome",
    "STARTTLS": "220 go ahead",
    "RSET": "250 ok",
    "NOOP": "250 ok",
    "QUIT": "221 bye",
}


@dataclass(frozen=True)
class Letter:
    sender: str
    to: tuple[str, ...]
    raw: bytes


class SmtpServer:
    """One script, kept over connections."""

    def __init__(
        self,
        script: Mapping[str, Sequence[str]] | None = None,
        *,
        extensions: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        self.script = {verb: list(replies) for verb, replies in (script or {}).items()}
        self.extensions, self.tls, self.implicit_tls = extensions, tls, implicit_tls
        self.heard: list[str] = []
        self.letters: list[Letter] = []
        self.over = threading.Event()
        handler = type("Handler", (_Talk,), {"owner": self})
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, scheme: str = "smtp", user: str = "") -> str:
        return f"{scheme}://{user}{'@' if user else ''}127.0.0.1:{self.port}"

    def reply(self, verb: str) -> str:
        replies = self.script.get(verb)
        if not replies:
            return _USUAL.get(verb, "502 what?")
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _HangUp(Exception):  # noqa: N818 - it ends a conversation, nothing is wrong
    pass


class _Talk(socketserver.StreamRequestHandler):
    owner: SmtpServer

    def handle(self) -> None:
        self.sender, self.to = "", []
        try:
            if self.owner.implicit_tls:
                self._wrap()
            self._answer("GREETING")
            while line := self.rfile.readline():
                self._line(line.decode("utf-8", "replace").rstrip("\r\n"))
        except (_HangUp, OSError, ValueError):
            return

    def _wrap(self) -> None:
        assert self.owner.tls
        self.connection = self.owner.tls.wrap_socket(self.connection, server_side=True)
        self.setup_files()

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def setup_files(self) -> None:
        self.rfile: Any = self.connection.makefile("rb")
        self.wfile: Any = self.connection.makefile("wb", 0)

    def _line(self, line: str) -> None:
        self.owner.heard.append(line)
        verb = line.split(" ", maxsplit=1)[0].split(":", maxsplit=1)[0].upper()
        said = self._answer(verb)
        if verb == "MAIL":
            self.sender, self.to = line, []
        elif verb == "RCPT" and said.startswith("2"):
            self.to.append(line[line.index("<") + 1 : line.index(">")])
        elif verb == "DATA" and said.startswith("354"):
            self._data()
        elif verb == "STARTTLS" and said.startswith("220"):
            self._wrap()
        elif verb == "QUIT":
            raise _HangUp

    def _data(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        said = self._answer("DOT")
        if said.startswith("2"):
            self.owner.letters.append(Letter(self.sender, tuple(self.to), b"".join(lines)))

    def _answer(self, verb: str) -> str:
        said = self.owner.reply(verb)
        if said == HANG:
            self.owner.over.wait(30)
            raise _HangUp
        if said == DROP:
            raise _HangUp
        lines = said.split("\n")
        if verb == "EHLO" and said.startswith("250"):
            lines += [f"250 {extension}" for extension in self.owner.extensions]
        lines = [f"{x[:3]}-{x[4:]}" for x in lines[:-1]] + lines[-1:]
        self.wfile.write("".join(f"{x}\r\n" for x in lines).encode())
        self.wfile.flush()
        return said


def password_of(line: str) -> str:
    """Return what an AUTH PLAIN line carries."""
    return base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode().split("\0")[-1]
