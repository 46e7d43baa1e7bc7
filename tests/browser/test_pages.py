"""Every page: it opens, it is accessible in light and dark, it fits a phone."""

from __future__ import annotations

import pytest

from tests.fakes.screen import a_deal

PATHS = (
    "/",
    "/deals",
    "/deals?type=bond&sort=amount_usd",
    "deal",
    "/companies",
    "company",
    "/investors",
    "/investors?role=bookrunner",
    "/trends",
    "/sources",
    "/sources/boersendienst",
    "/alerts",
    "/alerts/try",
    "/review",
    "/search",
    "/search?q=AI",
    "/settings",
    "/deals/none-such",
    "/deals?company=nobody-at-all",
)


def _address(site, path: str) -> str:
    if path == "deal":
        return f"/deals/{a_deal(site.house, company='Lanting', min_usd=100_000_000)}"
    return "/companies/Lanting AI" if path == "company" else path


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_accessible_and_fits_a_phone(site, visit, axe, path):
    page = visit(site, _address(site, path))
    assert page.locator("h1, h2").first.is_visible()
    serious = _serious(page, axe)
    page.emulate_media(color_scheme="dark")
    serious += _serious(page, axe)
    assert serious == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _serious(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:3]
    ]
