"""From a filing to a deal of the filing class, against answers written after the public schemas."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from crawler.config import catalogue
from crawler.store import deals
from crawler.types import DealType, SourceClass, Status
from tests.fakes.origin import Origin, answer
from tests.fakes.street import street

NUMBER = "0001234567-26-000001"
FOLDER = f"/Archives/edgar/data/1234567/{NUMBER.replace('-', '')}"


def latest(origin: Origin, form: str, name: str) -> str:
    """Return EDGAR's Atom of latest filings with one filing."""
    link = origin.url(f"{FOLDER}/{NUMBER}-index.htm")
    entry = (
        f"<entry><title>{form} - {name} (0001234567) (Filer)</title>"
        f'<link rel="alternate" type="text/html" href="{link}"/>'
        '<summary type="html">&lt;b&gt;Filed:&lt;/b&gt; 2026-03-02</summary>'
        "<updated>2026-03-02T03:00:00-05:00</updated>"
        f'<category scheme="https://www.sec.gov/" label="form type" term="{form}"/>'
        f"<id>urn:tag:sec.gov,2008:accession-number={NUMBER}</id></entry>"
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Latest</title>{entry}</feed>'


def form_d(name: str, sold: str, total: str, *, amendment: bool = False, more: str = "") -> str:
    """Return a Form D's primary_doc.xml, as far as it is read."""
    return f"""<?xml version="1.0"?><edgarSubmission><schemaVersion>X0708</schemaVersion>
<submissionType>{"D/A" if amendment else "D"}</submissionType><testOrLive>LIVE</testOrLive>
<primaryIssuer><cik>0001234567</cik><entityName>{name}</entityName>
<issuerAddress><city>SAN FRANCISCO</city><stateOrCountry>CA</stateOrCountry></issuerAddress>
<jurisdictionOfInc>DELAWARE</jurisdictionOfInc><entityType>Corporation</entityType></primaryIssuer>
<offeringData><industryGroup><industryGroupType>Other Technology</industryGroupType></industryGroup>
<typeOfFiling><newOrAmendment><isAmendment>{str(amendment).lower()}</isAmendment></newOrAmendment>
<dateOfFirstSale><value>2026-02-20</value></dateOfFirstSale></typeOfFiling>
<typesOfSecuritiesOffered><isEquityType>true</isEquityType></typesOfSecuritiesOffered>
<offeringSalesAmounts><totalOfferingAmount>{total}</totalOfferingAmount>
<totalAmountSold>{sold}</totalAmountSold><totalRemaining>0</totalRemaining></offeringSalesAmounts>
<investors><totalNumberAlreadyInvested>12</totalNumberAlreadyInvested></investors>{more}
</offeringData></edgarSubmission>"""


def edgar(url: str) -> str:
    return f"  - {{name: sec, kind: edgar, url: '{url}', language: en, source_class: filing}}\n"


async def deals_of(folder: Path, source: str) -> list:
    with street(folder, source) as one:
        await one.crawl()
        return one.asked(lambda conn: list(deals.listing(conn)))


async def filed(folder: Path, name: str, document: str, form: str = "D") -> list:
    async with Origin() as origin:
        origin.on(
            "/latest", answer(latest(origin, form, name), content_type="application/atom+xml")
        )
        origin.on(f"{FOLDER}/primary_doc.xml", answer(document, content_type="text/xml"))
        return await deals_of(folder, edgar(origin.url("/latest")))


async def test_a_form_d_is_a_funding_deal_of_the_filing_class(tmp_path):
    (deal,) = await filed(
        tmp_path, "Corvid Robotics, Inc.", form_d("Corvid Robotics, Inc.", "25000000", "40000000")
    )
    (report,) = deal.reports

    assert deal.event.type is DealType.FUNDING
    assert deal.event.company.startswith("Corvid Robotics")
    assert (deal.event.amount, deal.event.currency) == (Decimal(25_000_000), "USD")
    assert report.source_class is SourceClass.FILING
    assert "Form D" in deal.event.evidence


async def test_a_form_d_before_the_first_sale_is_a_plan(tmp_path):
    (deal,) = await filed(
        tmp_path, "Corvid Robotics, Inc.", form_d("Corvid Robotics, Inc.", "0", "40000000")
    )

    assert deal.event.status is Status.PLANNED
    assert deal.event.amount == Decimal(40_000_000)


async def test_an_amended_form_d_tells_the_same_round(tmp_path):
    document = form_d("Corvid Robotics, Inc.", "30000000", "40000000", amendment=True)
    (deal,) = await filed(tmp_path, "Corvid Robotics, Inc.", document, "D/A")

    assert deal.event.amount == Decimal(30_000_000)


async def test_a_fund_that_sells_its_own_interests_is_no_funding_round(tmp_path):
    document = form_d("Harbour AI Fund III, L.P.", "250000000", "300000000").replace(
        "Other Technology", "Pooled Investment Fund"
    )

    assert await filed(tmp_path, "Harbour AI Fund III, L.P.", document) == []


async def test_an_announcement_in_hong_kong_is_a_bond_of_the_filing_class(tmp_path):
    item = {
        "newsId": 11, "title": "ISSUE OF US$500,000,000 5.00 PER CENT. NOTES DUE 2029",
        "lTxt": "Announcements and Notices - [Issue of Debt Securities]", "ext": "pdf",
        "stock": [{"sc": "09888", "sn": "BAIDU-SW"}], "relTime": "02/03/2026 16:30",
        "webPath": "/listedco/listconews/sehk/2026/0302/2026030200001.pdf",
    }  # fmt: skip
    async with Origin() as origin:
        listed = json.dumps({"newsInfoLst": [item], "maxNumOfFile": 1})
        origin.on("/latest_1.json", answer(listed, content_type="application/json"))
        origin.on(item["webPath"], answer("%PDF-1.7 ...", content_type="application/pdf"))
        url = origin.url("/latest_1.json")
        source = f"  - {{name: hkex, kind: hkex, url: '{url}', source_class: filing}}\n"
        found = await deals_of(tmp_path, source)

    assert [deal.event.type for deal in found] == [DealType.BOND]
    assert found[0].reports[0].source_class is SourceClass.FILING
    assert found[0].event.company.upper().startswith("BAIDU")


@pytest.mark.parametrize("ident", ["sec-form-d", "sec-8k", "sec-424b5", "sec-fwp", "sec-6k"])
def test_the_catalogue_reads_edgar_as_filings(ident):
    (entry,) = (one for one in catalogue() if one.id == ident)

    assert entry.kind == "edgar"
    assert entry.options["forms"]
