"""What went wrong, told in the reader's way: a page, or problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

MEDIA = "application/problem+json"


def problem(request: Request, status: int, words: str) -> Response:
    """Return the answer to a request that cannot be served."""
    title = _title(status)
    if is_api(request.url.path):
        about = {"type": "about:blank", "title": title, "status": status, "detail": words}
        return JSONResponse(about, status, media_type=MEDIA)
    if status < 400 or "app" not in request.scope or not _reads_html(request):
        return PlainTextResponse(f"{title}: {words}\n", status)
    from crawler.web import frame

    return frame.problem(request, status, title, words[:1].upper() + words[1:] + ".")


def is_api(path: str) -> bool:
    """Tell whether a program reads the answer."""
    return path.startswith("/api/")


def _reads_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _title(status: int) -> str:
    return "Misdirected Request" if status == 421 else HTTPStatus(status).phrase
