"""Somebody new, on the start page: four questions, each answered in three clicks at most."""

from __future__ import annotations

from crawler.store.deals import Filter, listing
from crawler.types import DealType
from crawler.web.pen import month
from tests.fakes.screen import NOW, a_deal


def test_the_largest_bond_of_the_month(site, visit):
    page = visit(site)
    with site.house.store.read() as conn:
        bonds = [d for d in listing(conn, Filter(types=(DealType.BOND,))) if d.reports]
    since = month(NOW)
    news = [d for d in bonds if min(r.published for r in d.reports) >= since and d.event.amount_usd]
    largest = max(news, key=lambda deal: deal.event.amount_usd)
    fact = page.locator(".fact", has_text="Bond")
    assert largest.event.company in fact.inner_text()
    fact.locator(".big").click()
    page.wait_for_url(f"**/deals/{largest.id}")


def test_why_a_deal_is_rumoured(site, visit):
    assert a_deal(site.house)
    page = visit(site)
    page.get_by_role("link", name="Deals", exact=True).click()
    page.locator(".status.rumoured").first.click()
    assert page.url.endswith("#status")
    assert page.get_by_role("heading", name="Why it is rumoured").is_visible()
    why = page.locator("section:has(> #status)")
    assert why.locator("q").inner_text()


def test_which_source_is_broken(site, visit):
    page = visit(site)
    page.get_by_role("link", name="boersendienst").click()
    assert "403: a bot wall" in page.locator(".head").inner_text()


def test_how_to_stop_an_alert(site, visit):
    page = visit(site)
    page.get_by_role("link", name="Stop an alert").click()
    assert page.url.endswith("/alerts#stop")
    assert page.get_by_role("button", name="Stop").is_visible()
