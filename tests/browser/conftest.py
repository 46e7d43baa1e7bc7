"""A real browser before a real dashboard. Skipped, with the reason, where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fakes.screen import NOW, seed
from tests.fakes.web import LiveWeb

CHROMIUM = os.environ.get("RAISEWIRE_TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
# Chromium says on the page when its policy stopped something: that must never be needed.
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.violations.push(
    `${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
"""


def absent(reason: str) -> None:
    """Skip, but never in CI: there everything is present, or something is wrong."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def chromium():
    """
    Return the browser.

    Playwright keeps a loop running in this thread, so it must be gone before another module's
    tests want one of their own.
    """
    if not Path(CHROMIUM).exists():
        absent(f"no Chromium at {CHROMIUM}")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stocked_file(tmp_path_factory) -> Path:
    """Return a database with the stories of some chains, to be copied."""
    path = tmp_path_factory.mktemp("screen") / "stocked.db"
    seed(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def site(stocked_file, tmp_path_factory) -> Iterator[LiveWeb]:
    """Return a dashboard that tests only look at."""
    yield from served(stocked_file, tmp_path_factory.mktemp("site"))


@pytest.fixture
def desk(stocked_file, tmp_path) -> Iterator[LiveWeb]:
    """Return a dashboard of the test's own, to act on."""
    yield from served(stocked_file, tmp_path)


CONFIG = {
    "http": {"allow_private": ["127.0.0.0/8"], "per_host_delay": "20ms"},
    "web": {"requests_per_minute": 100_000},
    "channels": {
        "desk": {"type": "webhook", "url": "http://127.0.0.1:9/hook", "secret": "canary-secret"},
        "mail": {"type": "email", "smtp": "smtp://user:canary-secret@127.0.0.1:9",
                 "from": "raisewire@example.com", "to": ["desk@example.com"]},
    },
    "alerts": [
        {"name": "big", "when": {"type": ["funding", "bond"], "min_usd": 50_000_000,
                                 "status_not": ["rumoured"]}, "to": ["desk", "mail"]},
        {"name": "bonds", "when": {"type": ["bond"]}, "to": ["desk"], "digest": "daily"},
    ],
}  # fmt: skip


def served(stocked: Path, folder: Path) -> Iterator[LiveWeb]:
    path = folder / "raisewire.db"
    shutil.copy(stocked, path)
    with LiveWeb(f"sqlite:///{path}", lambda: NOW, **CONFIG) as live:
        yield live


@dataclass
class Watched:
    """What a page must never do."""

    home: str
    dialogs: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def follow(self, page) -> None:
        page.add_init_script(WATCH)
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: self._ask(asked.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._say)

    def _ask(self, url: str) -> None:
        if urlsplit(url).scheme not in {"data", "blob"} and not url.startswith(self.home):
            self.abroad.append(url)

    def _say(self, said) -> None:
        if said.type == "error" and "status of 4" not in said.text:
            self.errors.append(said.text)

    def quiet(self) -> bool:
        return not (self.dialogs or self.abroad or self.errors)


@pytest.fixture
def visit(chromium):
    """Return what opens a page of a dashboard as some reader; in the end nothing was amiss."""
    opened = []

    def one(live: LiveWeb, path: str = "/", **reader):
        options = {"base_url": live.url, "locale": "en-GB", "timezone_id": "UTC"} | reader
        context = chromium.new_context(**options)
        context.set_default_timeout(15_000)
        page, watched = context.new_page(), Watched(live.url)
        watched.follow(page)
        opened.append((context, page, watched))
        page.goto(path)
        return page

    yield one
    for context, page, watched in opened:
        violations = page.evaluate("window.violations") if page.url != "about:blank" else []
        context.close()
        assert watched.quiet(), watched
        assert violations == []


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """Return axe-core's source, as its package carries it."""
    if shutil.which("npm") is None:
        absent("no npm to fetch axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    packed = subprocess.run(
        ["npm", "pack", "axe-core@4", "--silent"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if packed.returncode:
        absent(f"axe-core is not to be had: {packed.stderr[:200]}")
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        source = package.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()
