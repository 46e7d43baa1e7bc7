"""EDGAR and HKEXnews, from answers written after their public formats."""

import json
from datetime import UTC, datetime

import pytest
from scrapy.http import Response

from crawler.types import Entry, Fetch, Poll, PollState, Source
from spiders import edgar, hkex

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ARCHIVE = "https://www.sec.gov/Archives/edgar/data"


def filing(form, name, number, role="Filer"):
    folder = f"{ARCHIVE}/1234567/{number.replace('-', '')}"
    return (
        f"<entry><title>{form} - {name} (0001234567) ({role})</title>"
        f'<link rel="alternate" type="text/html" href="{folder}/{number}-index.htm"/>'
        f"<summary>Filed: 2026-03-02</summary><updated>2026-03-02T06:00:00-05:00</updated>"
        f'<category scheme="https://www.sec.gov/" label="form type" term="{form}"/>'
        f"<id>urn:tag:sec.gov,2008:accession-number={number}</id></entry>"
    )


def latest(*filings, **options):
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Latest</title>{"".join(filings)}</feed>'
    )
    source = Source(id="sec", kind="edgar", url="https://www.sec.gov/x", options=options)
    poll = Poll(source=source, state=PollState(), token="t")
    return edgar.parse(Response(source.url, body=body.encode()), poll, NOW).entries


def test_a_form_d_leads_to_its_own_xml():
    (entry,) = latest(filing("D", "Acme AI, Inc.", "0001234567-26-000001"))
    assert entry.url == f"{ARCHIVE}/1234567/000123456726000001/primary_doc.xml"
    assert entry.title == "Acme AI, Inc.: D"
    assert entry.published == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_other_forms_lead_to_the_complete_submission():
    (entry,) = latest(filing("424B5", "Acme", "0001234567-26-000002"))
    assert entry.url.endswith("/0001234567-26-000002.txt")


def test_only_wanted_forms_are_kept_and_each_filing_once():
    found = latest(
        filing("D", "Acme", "0001234567-26-000001"),
        filing("D", "Acme", "0001234567-26-000001"),
        filing("DEF 14A", "Other", "0001234567-26-000003"),
        filing("D/A", "Third", "0001234567-26-000004"),
        forms="D, D/A",
    )
    assert [entry.title for entry in found] == ["Acme: D", "Third: D/A"]


def form_d(sold="12000000", total="15000000", group="Technology", more=""):
    return f"""<?xml version="1.0"?><edgarSubmission><submissionType>D</submissionType>
<primaryIssuer><entityName>Acme AI, Inc.</entityName><jurisdictionOfInc>DELAWARE</jurisdictionOfInc>
</primaryIssuer><offeringData><industryGroup><industryGroupType>{group}</industryGroupType></industryGroup>
<typeOfFiling><newOrAmendment><isAmendment>false</isAmendment></newOrAmendment>
<dateOfFirstSale><value>2026-02-20</value></dateOfFirstSale></typeOfFiling>{more}
<offeringSalesAmounts><totalOfferingAmount>{total}</totalOfferingAmount>
<totalAmountSold>{sold}</totalAmountSold></offeringSalesAmounts><investors>
<totalNumberAlreadyInvested>9</totalNumberAlreadyInvested></investors></offeringData></edgarSubmission>"""


def page(body, kind=edgar, title="Acme AI, Inc.: D", summary=""):
    entry = Entry(url="https://example.com/x", title=title, summary=summary)
    source = Source(id="s", kind="edgar", url="https://example.com/")
    fetch = Fetch(page_id=1, source=source, entry=entry, token="t")
    data = body if isinstance(body, bytes) else body.encode()
    return kind.page(Response(entry.url, body=data), fetch).decode()


def test_a_form_d_becomes_sentences():
    said = page(form_d())
    assert (
        "Acme AI, Inc. raised $12,000,000 in equity financing of an offering of $15,000,000" in said
    )
    assert "The first sale took place on 2026-02-20." in said
    assert "9 investors" in said


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (form_d(sold="0"), "plans to raise $15,000,000"),
        (form_d(more="<isDebtType>true</isDebtType>"), "debt financing"),
        (form_d(group="Pooled Investment Fund"), "has sold $12,000,000 in fund interests"),
        (form_d(total="Indefinite"), "raised $12,000,000 in equity financing, according"),
    ],
)
def test_what_was_sold_and_what_is_only_planned_are_told_apart(notice, words):
    assert words in page(notice)


def test_the_first_document_of_a_submission_is_the_filing():
    body = (
        "<SEC-DOCUMENT>\n<DOCUMENT>\n<TYPE>424B5\n<TEXT>\n<html><p>Notes due 2031</p></html>\n"
        "</TEXT></DOCUMENT><DOCUMENT><TYPE>GRAPHIC<TEXT>begin 644</TEXT></DOCUMENT>"
    )
    assert page(body) == "<html><p>Notes due 2031</p></html>"


def test_a_plain_text_filing_is_escaped_into_paragraphs():
    said = page("<DOCUMENT><TYPE>6-K<TEXT>One &amp; two\nlines\n\n<script>x</TEXT></DOCUMENT>")
    assert "<p>One &amp; two lines</p>" in said
    assert "<script>" not in said


@pytest.mark.parametrize("body", [b"", b"\x00", b"<?xml broken", b"<DOCUMENT>", b"%PDF-1.7"])
def test_no_filing_makes_it_raise(body):
    page(body)
    page(body, kind=hkex)


def announcement(**fields):
    return {
        "newsId": "1", "title": "PROPOSED OFFERING OF RMB-DENOMINATED NOTES",
        "relTime": "02/03/2026 18:05",
        "webPath": "/listedco/listconews/sehk/2026/0302/1.pdf",
        "lTxt": "Announcements and Notices - [Other]",
        "stock": [{"sc": "09888", "sn": "BIDU-SW"}],
    } | fields  # fmt: skip


def listed(*items, url="https://www1.hkexnews.hk/ncms/json/eds/lcisehk7relsde_1.json", **options):
    source = Source(id="hk", kind="hkex", url=url, language="en", options=options)
    poll = Poll(source=source, state=PollState(), token="t")
    body = json.dumps({"newsInfoLst": items, "maxNumOfFile": 3}).encode()
    return hkex.parse(Response(url, body=body), poll, NOW)


def test_an_announcement_names_issuer_headline_and_time():
    (entry,) = listed(announcement()).entries
    assert entry.title == "BIDU: PROPOSED OFFERING OF RMB-DENOMINATED NOTES"
    assert entry.url == "https://www1.hkexnews.hk/listedco/listconews/sehk/2026/0302/1.pdf"
    assert entry.published == datetime(2026, 3, 2, 10, 5, tzinfo=UTC)


def test_only_announcements_about_money_are_kept():
    agm = announcement(title="NOTICE OF ANNUAL GENERAL MEETING")
    assert listed(agm).entries == ()
    assert len(listed(agm, about="general meeting").entries) == 1
    assert len(listed(announcement(title="建議發行人民幣債券")).entries) == 1


def test_the_parts_of_the_list_are_followed():
    assert [request.url[-7:] for request in listed().follow] == ["_2.json", "_3.json"]
    assert listed(url="https://www1.hkexnews.hk/x_2.json").follow == ()


def test_odd_announcements_cost_only_themselves():
    found = listed(
        None, 3, {}, announcement(stock=None, relTime="soon", title="<b>Bonds</b> &amp; x")
    )
    assert [entry.title for entry in found.entries] == ["Bonds & x"]


def test_a_pdf_becomes_a_page_of_its_headline():
    said = page(b"%PDF-1.7", kind=hkex, title="BIDU-SW: Notes", summary="Announcements")
    assert "<h1>BIDU-SW: Notes</h1>" in said


def test_a_headline_in_capitals_is_read_as_a_sentence():
    entry = Entry(
        url="https://x.example/a.pdf",
        title="BIDU: ISSUE OF US$500,000,000 5.00 PER CENT. RMB-DENOMINATED NOTES",
    )
    fetch = Fetch(
        page_id=1,
        source=Source(id="hk", kind="hkex", url="https://x.example/"),
        entry=entry,
        token="t",
    )
    page = hkex.page(Response(entry.url, body=b"%PDF-1.7"), fetch).decode()

    assert "BIDU announces the issue of US$500,000,000 5.00% RMB-denominated notes." in page
