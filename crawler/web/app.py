"""The dashboard and its API as one ASGI application."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from crawler import __version__
from crawler.app import House
from crawler.errors import RaisewireError, StoreError, UsageError
from crawler.web.access import Door
from crawler.web.problems import problem
from crawler.web.rate import Rates
from crawler.web.security import Gate

log = structlog.get_logger()


def make_app(house: House, host: str = "127.0.0.1") -> FastAPI:
    """Return the application over an open house; `host` is where it will listen."""
    app = FastAPI(
        title="raisewire",
        version=__version__,
        description="Who raised how much from whom, and who is selling which bond.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    door = Door.of(house.config, host)
    app.state.house, app.state.door, app.state.closing = house, door, asyncio.Event()
    _routes(app)
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    rates = Rates(house.config.web.requests_per_minute)
    app.add_middleware(Gate, door=door, clock=house.clock, rates=rates)
    return app


def _routes(app: FastAPI) -> None:
    from crawler.web import calendar, feeds, login, metrics, reference
    from crawler.web.api import router as api
    from crawler.web.pages import router as pages

    app.mount("/static", StaticFiles(packages=[("crawler.web", "static")]), name="static")
    app.include_router(login.router)
    app.include_router(reference.router)
    for router in (api, feeds.router, calendar.router, metrics.router):
        app.include_router(router)
    app.include_router(pages)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(request, error.status_code, _plain(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _plain(detail: object) -> str:
    return str(detail)[:500]


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: dict[str, Any] = next(iter(error.errors()), {})
    where = ".".join(str(part) for part in first.get("loc", ())[1:])
    return problem(request, 422, f"{where}: {first.get('msg', 'not understood')}")


async def _ours(request: Request, error: Exception) -> Response:
    """Tell what a person can do about it; only a store that is away is no fault of hers."""
    if isinstance(error, StoreError):
        log.warning("database not to be had", reason=str(error))
        return problem(request, 503, f"{error}. The daemon is not harmed; try again in a moment")
    return problem(request, 400 if isinstance(error, UsageError) else 500, str(error))


_HANDLERS = {
    HTTPException: _http,
    RequestValidationError: _invalid,
    RaisewireError: _ours,
}
