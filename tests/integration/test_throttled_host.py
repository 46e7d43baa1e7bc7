"""A host that asked for a pause is left alone by pages too, over a restart."""

from __future__ import annotations

from tests.fakes.origin import Origin, answer, rss
from tests.fakes.street import street


async def test_a_pause_holds_for_every_page_of_the_host_and_over_a_restart(tmp_path):
    async with Origin() as origin:
        urls = [origin.on(f"/{n}", answer(f"<title>{n}</title><p>News.</p>")) for n in range(5)]
        origin.on("/feed", answer(rss(*urls), content_type="application/rss+xml"))
        origin.on("/0", answer("", "429 Too Many Requests", retry_after="3600"))
        line = f"  - {{name: paper, kind: feed, url: '{origin.url('/feed')}'}}\n"
        with street(tmp_path, line) as one:
            await one.crawl()
            asked = len(origin.paths())
        with street(tmp_path, line) as one:
            one.later(minutes=59)
            await one.crawl()
            held = len(origin.paths()) - asked
            one.later(minutes=2)
            origin.on("/0", answer("<title>0</title><p>News.</p>"))
            await one.crawl()

    assert held == 0
    assert set(origin.paths()) == {"/feed", *(f"/{n}" for n in range(5))}
