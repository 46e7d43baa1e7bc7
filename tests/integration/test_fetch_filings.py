"""EDGAR and HKEXnews end to end: from their lists to a page that can be read."""

import asyncio
import json

from crawler.config.models import Http
from crawler.fetch import crawl
from tests.fakes.desk import FakeDesk, source
from tests.fakes.origin import Origin, answer

NUMBER = "0001234567-26-000001"
FOLDER = f"/Archives/edgar/data/1234567/{NUMBER.replace('-', '')}"
FORM_D = """<?xml version="1.0"?><edgarSubmission><primaryIssuer>
<entityName>Acme AI, Inc.</entityName>
</primaryIssuer><offeringData><offeringSalesAmounts>
<totalOfferingAmount>15000000</totalOfferingAmount>
<totalAmountSold>12000000</totalAmountSold></offeringSalesAmounts></offeringData></edgarSubmission>"""


async def crawled(*sources):
    desk = FakeDesk(sources)
    http = Http(allow_private=("127.0.0.0/8",), per_host_delay="0s", timeout="5s")
    await crawl(desk, http, stop=asyncio.Event())
    return desk


async def test_a_form_d_becomes_a_page_with_the_sum_in_a_sentence():
    async with Origin() as origin:
        index = origin.url(f"{FOLDER}/{NUMBER}-index.htm")
        feed = (
            '<feed xmlns="http://www.w3.org/2005/Atom"><title>Latest</title><entry>'
            "<title>D - Acme AI, Inc. (0001234567) (Filer)</title>"
            f'<link rel="alternate" href="{index}"/></entry></feed>'
        )
        origin.on("/latest", answer(feed, content_type="application/atom+xml"))
        origin.on(f"{FOLDER}/primary_doc.xml", answer(FORM_D, content_type="text/xml"))
        desk = await crawled(source("sec", origin.url("/latest"), kind="edgar"))
        (page,) = desk.pages
        assert b"Acme AI, Inc. raised $12,000,000 in equity financing" in page.body
        assert page.headers["content-type"] == "text/html"


async def test_an_announcement_becomes_a_page_of_its_headline():
    async with Origin() as origin:
        item = {
            "title": "ISSUE OF US$500,000,000 NOTES DUE 2031",
            "webPath": "/listedco/1.pdf",
            "lTxt": "Announcements - [Debt]",
            "stock": [{"sc": "09888", "sn": "BIDU-SW"}],
        }
        listed = json.dumps({"newsInfoLst": [item], "maxNumOfFile": 1})
        origin.on("/list_1.json", answer(listed, content_type="application/json"))
        origin.on("/listedco/1.pdf", answer(b"%PDF-1.7", content_type="application/pdf"))
        desk = await crawled(source("hk", origin.url("/list_1.json"), kind="hkex"))
        (page,) = desk.pages
        assert b"BIDU: ISSUE OF US$500,000,000 NOTES DUE 2031" in page.body
