"""Hostile text from strangers, on every page: shown as text, and nothing else happens."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.store import deals, doubts, outbox
from crawler.types import Alert, AlertKind, Conflict, Revision, Role, SourceClass
from tests.browser.conftest import absent, served
from tests.fakes.deals import deal, event, report
from tests.fakes.screen import NOW

NAUGHTY = Path("/tmp/suites/naughty/blns.json")
OWN = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</script><script>alert(1)//",
    "</title><script>alert(1)</script>",
    "</textarea><img src=//evil.example/a>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<style>@import '//evil.example/a.css';</style>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form action=//evil.example><button>Confirm</button></form>",
    "<a href='javascript:alert(1)'>open</a>",
    "{{ 7 * 7 }}{% include 'x' %}${7*7}<%= 7*7 %>",
    "\u202eevil\u2066<b>\u2028x\u0000\u001b[31m",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "&lt;img src=x onerror=alert(1)&gt; &#x3c;script&#x3e;",
    "`${alert(1)}`-alert(1)-'\"",
)
BAD_LINKS = ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "//evil.example",
             'https://a.example/"onmouseover="alert(1)')  # fmt: skip


def _texts() -> list[str]:
    if not NAUGHTY.exists():
        absent(f"no naughty strings at {NAUGHTY}")
    return [text for text in [*OWN, *json.loads(NAUGHTY.read_text(encoding="utf-8"))] if text]


def _plant(house, texts) -> None:
    with house.store.write() as conn:
        for n, text in enumerate(texts):
            one = _deal(conn, n, text)
            deals.save(conn, [one], {one.id: (deals.fold(text),)}, now=NOW)
            alert = Alert(key=f"h{n}", kind=AlertKind.NEW, channel="desk", rule=text[:60],
                          deal=one, created=NOW)  # fmt: skip
            outbox.enqueue(conn, [alert])


def _deal(conn, n, text):
    told = event(
        company=text, aliases=(text,), lead_investors=(text,), investors=(text, f"{text} 2"),
        use_of_proceeds=text, evidence=text, quotes={"amount": text}, why=(text,), confidence=0.5,
    )  # fmt: skip
    url = BAD_LINKS[n % len(BAD_LINKS)]
    seen = [
        report(told, id=0, url=f"{url}#{n}-{k}", title=text, source=text, lang="en",
               source_class=SourceClass.OUTLET, role=Role.REPORT, published=NOW, seen_at=NOW)
        for k in (1, 2)
    ]  # fmt: skip
    kept = tuple(deals.add_report(conn, None, one) for one in seen)
    values = tuple((json.dumps(text), text, one.url) for one in kept)
    step = Revision(number=1, at=NOW, known_at=NOW, changed={"company": ('""', json.dumps(text))},
                    material=True, url=kept[0].url, quote=text, reason=text)  # fmt: skip
    return deal(
        told, id=f"hostile-{n:04}", reports=kept, history=(step,), flags=(text,),
        conflicts=(Conflict(slot="company", values=values),), first_seen=NOW,
        updated=NOW - timedelta(seconds=n),
    )  # fmt: skip


@pytest.fixture(scope="module")
def hostile(stocked_file, tmp_path_factory):
    texts = _texts()
    for live in served(stocked_file, tmp_path_factory.mktemp("hostile")):
        _plant(live.house, texts)
        yield live


def test_lists_show_hostile_text_as_text(hostile, visit):
    page = visit(hostile, "/deals")
    seen = 0
    while True:
        seen += page.locator("table.deals tbody tr").count()
        more = page.locator("a[rel=next]")
        if not more.count():
            break
        more.click()
    assert seen > 400
    for path in ("/", "/review", "/alerts", "/companies?order=recent", "/investors", "/trends",
                 "/alerts/try", "/search?q=alert", "/sources"):  # fmt: skip
        page.goto(path)
        page.keyboard.press("j")


def test_a_sheet_shows_hostile_text_as_text(hostile, visit):
    texts = _texts()
    page = visit(hostile)
    for n in [*range(len(OWN)), *range(len(OWN), len(texts), 20)]:
        page.goto(f"/deals/hostile-{n:04}", wait_until="domcontentloaded")
        assert page.locator("script").count() == 1, texts[n]
        hrefs = page.locator("a").evaluate_all("all => all.map(a => a.protocol).filter(Boolean)")
        assert set(hrefs) <= {"http:", "https:"}, texts[n]
        assert "\n49" not in page.locator("main").inner_text()


def test_what_is_asked_for_comes_back_as_text(hostile, visit):
    page = visit(hostile)
    for text in OWN[::2]:
        for path in ("/search?q=", "/deals?company=", "/companies?q=", "/deals?min_usd=", "/deals/",
                     "/investors/", "/deals?said="):  # fmt: skip
            page.goto(
                path + quote(text.replace("\x00", ""), safe=""), wait_until="domcontentloaded"
            )
            assert page.locator("script").count() <= 1, (path, text)


def test_a_hostile_card_arrives_live(hostile, visit):
    page = visit(hostile)
    page.locator(".live.on").wait_for()
    with hostile.house.store.write() as conn:
        for n, text in enumerate(OWN):
            one = _deal(conn, 9000 + n, text)
            deals.save(conn, [one], {one.id: ("k",)}, now=NOW)
        assert doubts.counts(conn)
    page.locator(f"#deal-hostile-{9000 + len(OWN) - 1}").wait_for()
    assert page.locator(".card script, .card img, .card iframe").count() == 0


def test_charts_and_tables_to_take_away_run_nothing(hostile, visit):
    page = visit(hostile, "/trends")
    picture = page.request.get("/charts/companies.svg")
    assert picture.headers["content-disposition"].startswith("attachment")
    assert "<script" not in picture.text()
    table = page.request.get("/charts/companies.csv").text()
    assert not [line for line in table.splitlines() if line[:1] in {"=", "+", "-", "@"}]
