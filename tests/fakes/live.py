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


def raisewire(*arguments: str, env: dict[str, str] | None = None, timeout: float = 60):
    """Run the real command line and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=os.environ | (env or {}),
        check=False,
    )


class LiveDaemon:
    """`raisewire daemon` as a process that can be killed."""

    def __init__(self, config: Path) -> None:
        self._config, self._log = config, config.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; return at once."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crawler", "--config", str(self._config), "daemon"],
                stderr=log,
                stdout=log,
            )

    def kill(self) -> None:
        """Kill it the hard way, with everything it has started."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout: float = 30) -> int:
        """End it as an operator would; return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    @property
    def log(self) -> str:
        """Everything it has said."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def eventually(holds: Callable[[], bool], within: float, every: float = 0.1) -> bool:
    """Wait until something holds; False if it does not in time."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(every)
    return holds()
