"""What the API answers with: JSON with an ETag, lists with the address of their next page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel
from starlette.datastructures import URL

from crawler.app import House
from crawler.store import Connection
from crawler.web.frame import house_of
from crawler.web.problems import MEDIA

LONGEST = 200  # rows of one page
JSON = "application/json"
Limit = Annotated[int, Query(ge=1, le=LONGEST, description="Rows of one page.")]
Cursor = Annotated[
    str, Query(max_length=500, description="`next` of the page before; empty for the first.")
]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Ident = Annotated[str, Path(min_length=1, max_length=100)]


def is_plain(text: str) -> bool:
    """Tell whether databases take it: no NUL, no halves of surrogate pairs."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _plain(text: str) -> str:
    if not is_plain(text):
        raise ValueError("must be Unicode text without NUL")
    return text


Words = Annotated[str, AfterValidator(_plain)]


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def _failure(words: str) -> dict[str, Any]:
    return {"description": words, "content": {MEDIA: {"schema": Problem.model_json_schema()}}}


FAILURES: dict[int | str, dict[str, Any]] = {
    400: _failure("It cannot be done, or a value makes no sense."),
    401: _failure("A token is needed."),
    403: _failure("The token's scope does not reach so far."),
    404: _failure("There is no such thing."),
    413: _failure("The body is too large."),
    422: _failure("A value is none of those known here."),
    429: _failure("Too many requests; `Retry-After` says when to come back."),
    503: _failure("The database cannot be used just now."),
}
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Not changed since that ETag."}}


def reply(
    request: Request, payload: object, *, media: str = JSON, headers: Mapping[str, str] = {}
) -> Response:
    """Return `payload` as JSON; only 304 to whoever has it already (RFC 9110 section 13.1.2)."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return tagged(request, body.encode("utf-8", "replace"), media, headers)


def tagged(request: Request, body: bytes, media: str, headers: Mapping[str, str] = {}) -> Response:
    """Return `body` with its ETag, or 304."""
    tag = f'W/"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    about = {**headers, "ETag": tag}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=about)
    return Response(body, media_type=media, headers=about)


def _has(asked: str, tag: str) -> bool:
    given = [one.strip() for one in asked.split(",")]
    bare = tag.removeprefix("W/")
    return "*" in given or tag in given or bare in given


def listed(request: Request, name: str, rows: list[Any], following: str) -> Response:
    """Return one page of a list, with the cursor of the next and its address as a Link."""
    link = {}
    if following:
        url = URL(str(request.url)).include_query_params(cursor=following)
        link = {"Link": f'<{url.path}?{url.query}>; rel="next"'}
    return reply(request, {name: rows, "next": following or None}, headers=link)


def missing(what: str, ident: object) -> HTTPException:
    """Return the answer to one who asks for what is not there."""
    return HTTPException(404, f"there is no {what} {str(ident)[:80]}")


def known(house: House, act: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - what `act` returns
    """Return what `act` finds in the database, at one moment."""
    with house.store.read() as conn:
        return act(conn)


House_ = Annotated[House, Depends(house_of)]
