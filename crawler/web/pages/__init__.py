"""Every page of the dashboard, behind one router."""

from fastapi import APIRouter

from crawler.web.pages.alerts import router as alerts
from crawler.web.pages.companies import router as companies
from crawler.web.pages.deal import router as deal
from crawler.web.pages.deals import router as deals
from crawler.web.pages.live import router as live
from crawler.web.pages.review import router as review
from crawler.web.pages.search import router as search
from crawler.web.pages.settings import router as settings
from crawler.web.pages.sources import router as sources
from crawler.web.pages.today import router as today
from crawler.web.pages.trends import router as trends

router = APIRouter(include_in_schema=False)
for one in (
    today, live, deals, deal, companies, trends, sources, alerts, review, search, settings
):  # fmt: skip
    router.include_router(one)
