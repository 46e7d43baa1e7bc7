"""Everything under `/api/v1`, behind one router. `docs/api.md` tells how to use it."""

from fastapi import APIRouter

from crawler.web.api import alerts, articles, deals, export, names, reviewing, search, sources
from crawler.web.api.answers import FAILURES

router = APIRouter(prefix="/api/v1", responses=FAILURES)
for one in (export, deals, reviewing, articles, names, sources, alerts, search):
    router.include_router(one.router)
