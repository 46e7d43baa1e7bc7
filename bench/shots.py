"""
Take the screenshots of docs/screenshots, from the corpus told by its outlets.

    python bench/shots.py [--out docs/screenshots] [--chromium /usr/bin/chromium] [NAME…]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the fakes are a package

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CONFIG, FLAGS
from tests.fakes.screen import NOW, a_deal, seed
from tests.fakes.web import LiveWeb

EAGER = "for (const one of document.images) one.loading = 'eager'"
LOADED = "[...document.images].every((one) => one.complete)"
WIDE, PHONE = (1280, 860), (390, 844)


def shots(live: LiveWeb) -> dict[str, tuple[str, tuple[int, int], str]]:
    """Return name, address, size and scheme of every picture."""
    sheet = f"/deals/{a_deal(live.house, company='Lanting', min_usd=100_000_000)}"
    pages = {
        "today": "/", "deals": "/deals", "deal": sheet, "companies": "/companies",
        "company": "/companies/Lanting AI", "investors": "/investors", "trends": "/trends",
        "sources": "/sources", "source": "/sources/boersendienst", "alerts": "/alerts",
        "try": "/alerts/try?rule=big&since=30d", "review": "/review", "search": "/search?q=融资",
        "settings": "/settings",
    }  # fmt: skip
    found = {name: (path, WIDE, "light") for name, path in pages.items()}
    found |= {f"{name}-dark": (pages[name], WIDE, "dark") for name in ("today", "deal", "trends")}
    phones = ("today", "deals", "deal", "review")
    return found | {f"{name}-phone": (pages[name], PHONE, "light") for name in phones}


def take(browser: Browser, live: LiveWeb, name: str, out: Path) -> None:
    path, (width, height), scheme = shots(live)[name]
    context = browser.new_context(
        base_url=live.url, viewport={"width": width, "height": height}, color_scheme=scheme,
        locale="en-GB", timezone_id="Europe/Rome",
    )  # fmt: skip
    page = context.new_page()
    page.goto(path)
    page.evaluate(EAGER)
    while not page.evaluate(LOADED):
        page.wait_for_timeout(200)
    page.wait_for_timeout(500)
    page.screenshot(path=out / f"{name}.png")
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--database", type=Path, help="one that is filled already")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = given.database or Path(folder) / "shots.db"
        if not file.exists():
            seed(f"sqlite:///{file}", whole=True)
        with LiveWeb(f"sqlite:///{file}", lambda: NOW, **CONFIG) as live, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=given.chromium, args=list(FLAGS))
            for name in given.names or shots(live):
                take(browser, live, name, given.out)
                print(name, flush=True)


if __name__ == "__main__":
    main()
