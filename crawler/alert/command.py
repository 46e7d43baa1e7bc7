"""A program of the user's own: our JSON on its standard input, its exit code is the answer."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass

from crawler import safe
from crawler.alert.channels import Door, Receipt
from crawler.alert.say import Sendable
from crawler.alert.webhook import dumps, payload
from crawler.config import models
from crawler.errors import DeliveryError, Scope

MAX_OUTPUT = 64 * 1024
LAST_WORDS = 0.2  # seconds to read what is left in the pipe once the program has ended
# sysexits.h: what is wrong with this message, and what with the program or its set-up.
_MESSAGE = frozenset({os.EX_DATAERR, os.EX_NOINPUT})
_CHANNEL = frozenset({os.EX_USAGE, os.EX_NOUSER, os.EX_NOPERM, os.EX_CONFIG, 126, 127})
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class CommandChannel:
    """
    Runs `argv` (no shell) in a process group of its own, for `timeout` at most.

    Exit 0 is a yes. 65 and 66 (bad data) refuse the message; 64, 67, 77, 78, 126 and 127
    (usage, permission, config) hold the channel; every other end is tried again.
    """

    door: Door
    cfg: models.CommandChannel

    @property
    def name(self) -> str:
        """The channel's name in the config."""
        return self.door.name

    def send(self, message: Sendable, previous: Receipt | None = None) -> Receipt:
        """Run the program once."""
        del previous
        body = dumps(payload(message, self.door.language, self.door.dashboard)) + b"\n"
        process = self._start(message.key)
        try:
            said = _talk(process, body, time.monotonic() + self.door.timeout)
            code = _wait(process)
        finally:
            _end(process)
        if said is None:
            reason = f"did not end within {self.door.timeout:g} s"
            raise DeliveryError(self.name, reason, retry=True, unknown=True)
        if code != 0:
            raise self._refusal(code, said)
        return {"key": message.key}

    def _start(self, key: str) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            return subprocess.Popen(  # noqa: S603 - argv is the operator's, and no shell reads it
                list(self.cfg.argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**environment, "RAISEWIRE_KEY": key},
            )
        except OSError as e:
            reason = f"cannot run {self.cfg.argv[0]}: {e.strerror}"
            raise DeliveryError(self.name, reason, retry=False, scope=Scope.CHANNEL) from e

    def _refusal(self, code: int, said: bytes) -> DeliveryError:
        last = (said.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
        how = f"signal {-code}" if code < 0 else f"exit {code}"
        return DeliveryError(
            self.name,
            f"{how}: {safe.one_line(last, 200)}" if last else how,
            retry=code not in _MESSAGE | _CHANNEL,
            scope=Scope.CHANNEL if code in _CHANNEL else Scope.MESSAGE,
            unknown=code < 0,
            code=code,
        )


def _talk(process: subprocess.Popen[bytes], body: bytes, end: float) -> bytes | None:
    """
    Feed `body`, read what is said (64 KB kept, the rest dropped) until the program ends.

    Returns None when it does not end in time. A child that keeps the pipe open does not
    hold us up: the program's own end counts.
    """
    assert process.stdin
    assert process.stdout
    kept = bytearray()
    with selectors.DefaultSelector() as selector:
        for pipe, event in (
            (process.stdin, selectors.EVENT_WRITE),
            (process.stdout, selectors.EVENT_READ),
        ):
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, event)
        ended = False
        while selector.get_map() or process.poll() is None:
            if time.monotonic() >= end:
                return bytes(kept) if ended else None
            if process.poll() is not None and not ended:
                ended, end = True, min(end, time.monotonic() + LAST_WORDS)
            ready = selector.select(0.05)
            if ended and not ready:
                break
            for chosen, _ in ready:
                if chosen.fileobj is process.stdin:
                    body = _feed(process, selector, body)
                else:
                    _hear(process, selector, kept)
    return bytes(kept)


def _feed(process: subprocess.Popen[bytes], selector: selectors.BaseSelector, body: bytes) -> bytes:
    assert process.stdin
    try:
        body = body[os.write(process.stdin.fileno(), body[:65536]) :]
    except BrokenPipeError:
        body = b""  # it does not want to hear: its exit code will tell
    if not body:
        selector.unregister(process.stdin)
        process.stdin.close()
    return body


def _hear(
    process: subprocess.Popen[bytes], selector: selectors.BaseSelector, kept: bytearray
) -> None:
    assert process.stdout
    heard = os.read(process.stdout.fileno(), 65536)
    if not heard:
        selector.unregister(process.stdout)
    kept += heard[: MAX_OUTPUT - len(kept)]


def _wait(process: subprocess.Popen[bytes]) -> int:
    return process.returncode if process.poll() is not None else -signal.SIGKILL


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: what the program left behind goes with it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            pipe.close()
