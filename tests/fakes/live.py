"""A newsroom and a daemon that really run: one in a thread, the other as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from crawler.cli.context import now
from crawler.demo.newsroom import Newsroom


class LiveNewsroom:
    """The demo's newsroom on a loop of its own, for tests that run other processes."""

    def __init__(self, *, blank: bool = True) -> None:
        self._blank = blank
        self._ready, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.room: Newsroom

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        async with Newsroom(now, blank=self._blank) as self.room:
            self._ready.set()
            await asyncio.to_thread(self._stop.wait)

    def publish(self, outlet: str, ident: str, title: str, *text: str) -> str:
        """Print a story now."""
        return self.room.publish(outlet, ident, title, list(text))


def raisewire(
    *arguments: str,
    env: dict[str, str] | None = None,
    timeout: float = 60,
    cwd: Path | None = None,
):
    """Run the real command line and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd,
        env=os.environ | (env or {}),
        check=False,
    )


class LiveDaemon:
    """`raisewire daemon` as a process that can be killed; it is gone when the block ends."""

    def __init__(self, config: Path) -> None:
        self.config, self._log = config, config.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None
        self._heard = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def start(self) -> None:
        """Start it; return at once."""
        self._heard = len(self.log)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crawler", "--config", str(self.config), "daemon"],
                stderr=log,
                stdout=log,
            )

    def up(self, within: float = 30) -> Self:
        """Start it and wait until it works."""
        self.start()
        assert eventually(lambda: self.says("daemon started"), within), self.log[-3000:]
        return self

    def says(self, words: str) -> bool:
        """Tell whether it has said something since it was started."""
        return words in self.log[self._heard :]

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it the hard way; what it has started must end by itself."""
        assert self.process is not None
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout: float = 30) -> int:
        """End it as an operator would; return its exit code."""
        assert self.process is not None
        self.signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def children(self) -> list[int]:
        """Return the processes it has started, and theirs."""
        assert self.process is not None
        return offspring(self.process.pid)

    @property
    def log(self) -> str:
        """Everything it has said."""
        if not self._log.exists():
            return ""
        return self._log.read_text(encoding="utf-8", errors="replace")


def offspring(pid: int) -> list[int]:
    """Return all living processes below `pid` (Linux)."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = list(children.get(pid, ()))
    for child in found:
        found += children.get(child, ())
    return found


def eventually(holds: Callable[[], bool], within: float, every: float = 0.1) -> bool:
    """Wait until something holds; False if it does not in time."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(every)
    return holds()
