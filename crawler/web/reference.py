"""The API's reference as a page of ours: no script of anybody else's is needed to read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from crawler.web.access import needed
from crawler.web.frame import render

router = APIRouter(include_in_schema=False)


class Operation(NamedTuple):
    """One thing that the API does."""

    method: str
    path: str
    scope: str
    words: str
    parameters: list[tuple[str, str]]


@router.get("/docs/api")
def reference(request: Request) -> Response:
    """Return the reference, by subject."""
    groups: dict[str, list[Operation]] = {}
    for tag, operation in _operations(request.app.openapi()):
        groups.setdefault(tag, []).append(operation)
    return HTMLResponse(render(request, "reference.html", groups=groups))


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in schema["paths"].items():
        for method, about in methods.items():
            parameters = [
                (one["name"], one.get("description") or _kind(one["schema"]))
                for one in about.get("parameters", ())
            ]
            scope = needed(method.upper(), path)
            words = about.get("description") or about.get("summary", "")
            yield about["tags"][0], Operation(method.upper(), path, scope, words, parameters)


def _kind(schema: dict[str, Any]) -> str:
    """Return what values a parameter takes, in a few words."""
    if schema.get("type") == "array":
        return "may be repeated"
    return str(schema.get("type") or schema.get("anyOf", [{}])[0].get("type") or "text")
