"""Peers, each in an environment of its own under `.bench/`, asked in turn with ours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEPT = ROOT / ".bench"
PACKAGES = {
    "trafilatura": ("trafilatura", "lxml_html_clean"),
    "newspaper4k": ("newspaper4k", "lxml_html_clean"),
    "news-please": ("news-please",),
    "readability-lxml": ("readability-lxml", "html_text", "lxml_html_clean"),
    "resiliparse": ("resiliparse",),
    "feedparser": ("feedparser",),
    "street": ("scrapy", "feedparser", "trafilatura", "lxml_html_clean"),
}


def python(name: str) -> Path:
    """Return the interpreter of a peer's environment, made first if it is not there."""
    if name.startswith("raisewire"):
        return Path(sys.executable)
    made = KEPT / name / "bin" / "python"
    done = KEPT / name / "done"
    if not done.exists():
        print(f"installing {name} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(KEPT / name)], check=True)
        subprocess.run([str(made), "-m", "pip", "install", "-q", *PACKAGES[name]], check=True)
        done.touch()
    return made


def version(name: str) -> str:
    """Return what `pip` says a peer's first package is."""
    asked = f"from importlib.metadata import version; print(version({PACKAGES[name][0]!r}))"
    command = [str(python(name)), "-c", asked]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return told.stdout.strip()


def spent(command: Sequence[str], home: Path | str) -> tuple[float, int]:
    """
    Run a command in a folder; return its CPU seconds and its peak memory in MB.

    The memory is read from /proc while it runs: what wait4 tells includes this process's own.
    """
    quiet = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    child = subprocess.Popen(
        command,
        cwd=home,
        env=quiet | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0
    while True:
        ended, _, used = os.wait4(child.pid, os.WNOHANG)
        if ended:
            return used.ru_utime + used.ru_stime, peak // 1024
        status = Path(f"/proc/{child.pid}/status").read_text()
        peak = max([peak, *map(int, re.findall(r"VmHWM:\s+(\d+)", status))])
        time.sleep(0.02)


@dataclass
class Peer:
    """A tool that waits for pages; `with Peer(name) as peer: peer.ask(path, url)`."""

    name: str
    _process: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [str(python(self.name)), str(HERE / "worker.py"), self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    def ask(self, path: Path, url: str) -> dict[str, Any]:
        """Return what it makes of a file, and its CPU seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"path": str(path), "url": url}) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


def in_turn(
    names: Iterable[str], pages: list[tuple[Path, str]], *, warm: int = 5
) -> dict[str, list[dict[str, Any]]]:
    """Ask every tool for every page, page by page; the first `warm` are asked once unseen."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        peers = {name: stack.enter_context(Peer(name)) for name in names}
        for peer in peers.values():
            for path, url in pages[:warm]:
                peer.ask(path, url)
        told: dict[str, list[dict[str, Any]]] = {name: [] for name in peers}
        for path, url in pages:
            for name, peer in peers.items():
                told[name].append(peer.ask(path, url))
    return told
