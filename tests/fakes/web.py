"""A dashboard that really serves, on loopback, in a thread; and a browserless visitor."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import requests

from crawler.app import House, open_house
from crawler.config import Config
from crawler.web.app import make_app
from crawler.web.serve import listen, server
from tests.fakes.live import raisewire

TOKENS = {
    "rita": {"token": "read-token-0123456789-abcdef", "scope": "read"},
    "vera": {"token": "review-token-0123456789-abcd", "scope": "review"},
    "ada": {"token": "admin-token-0123456789-abcde", "scope": "admin"},
}
BEARER = {name: {"Authorization": f"Bearer {one['token']}"} for name, one in TOKENS.items()}


def free_port() -> int:
    """Return a port that nobody has just now."""
    with listen("127.0.0.1", 0) as found:
        return int(found.getsockname()[1])


class LiveWeb:
    """`raisewire web` over a database, without the process around it."""

    def __init__(self, url: str, clock: Callable[[], datetime], **config: Any) -> None:
        self._config = Config(database=url, **config)
        self._clock = clock
        self._stack = ExitStack()
        self.house: House
        self.session = requests.Session()
        self.session.trust_env = False

    def __enter__(self) -> Self:
        self.house = self._stack.enter_context(open_house(self._config, self._clock))
        self.app = make_app(self.house)
        self.server = server(self.app)
        door = self._stack.enter_context(listen("127.0.0.1", 0))
        self.port = door.getsockname()[1]
        self._thread = threading.Thread(target=lambda: asyncio.run(self.server.serve([door])))
        self._thread.start()
        until = time.monotonic() + 20
        while not self.server.started:
            assert time.monotonic() < until, "the web server does not start"
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self.server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive(), "the web server does not end"
        self._stack.close()

    def get(self, path: str, **more: Any) -> requests.Response:
        """Ask for a path."""
        return self._ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        """Send to a path."""
        return self._ask("POST", path, **more)

    def _ask(self, method: str, path: str, **more: Any) -> requests.Response:
        options = {"timeout": 30, "allow_redirects": False} | more
        return self.session.request(method, self.url + path, **options)

    def csrf(self, page: str = "/login") -> str:
        """Return the token that a page's form brings along."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(page).text)
        assert found, f"no form on {page}"
        return found[1]


STORIES = (
    ("2026-03-02T08:00:00Z", "wire", "Lumen Robotics raises $40 million in Series B",
     "Lumen Robotics raised $40 million in a Series B round led by Northwind Ventures."),
    ("2026-03-02T08:30:00Z", "daily", "Lumen Robotics lands $40m",
     "Lumen Robotics said it had raised $40 million in a Series B led by Northwind Ventures."),
    ("2026-03-02T09:00:00Z", "wire", "Baltica Grid prices 500 million euro green bond",
     "Baltica Grid priced a 500 million euro green bond with a coupon of 4.25% due 15 June 2031."),
    ("2026-03-02T09:30:00Z", "gazette", "=Cell & Co raises $7 million",
     "Quillfeather <b>AI</b> raised $7 million in seed funding led by Pinecrest Partners."),
)  # fmt: skip


def stocked(path: Path, url: str = "") -> str:
    """Read the stories into a database by the command line, a new SQLite one; return its URL."""
    lines = [
        {"url": f"https://{source}.example/{n}", "title": title, "text": text, "published": at,
         "source": source, "lang": "en"}
        for n, (at, source, title, text) in enumerate(STORIES)
    ]  # fmt: skip
    file = path.with_suffix(".jsonl")
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    url = url or f"sqlite:///{path}"
    env = {"RAISEWIRE_DATABASE": url}
    said = raisewire("import", str(file), "--json", env=env, cwd=path.parent)
    assert json.loads(said.stdout)["deals"] == 3, said.stdout + said.stderr
    return url
