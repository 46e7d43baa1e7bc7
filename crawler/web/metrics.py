"""What Prometheus and whoever restarts the dashboard ask: `/metrics`, `/healthz`, `/readyz`."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from crawler.standing import exposition, readiness
from crawler.web.api.answers import House_

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(house: House_) -> Response:
    """Return what the database knows; what the daemon counts it shows itself."""
    return Response(exposition(house, own=False), media_type=CONTENT_TYPE_LATEST)


@router.get("/healthz")
async def healthz() -> Response:
    """Say that we answer, whatever the database does."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def readyz(house: House_) -> Response:
    """Say whether we can work, and which part is down."""
    ready, words = readiness(house)
    return Response(words, 200 if ready else 503, media_type="text/plain; charset=utf-8")
