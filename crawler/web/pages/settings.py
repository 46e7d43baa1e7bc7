"""Settings: the config as it is in force, without its secrets. Nothing changes here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, SecretStr

from crawler.config import Config
from crawler.health import span
from crawler.safe import redact
from crawler.web.frame import house_of, page

router = APIRouter()


@router.get("/settings")
def settings(request: Request) -> Response:
    """Return every key of the config with its value."""
    house = house_of(request)
    where = redact(house.store.url.render_as_string(hide_password=True))
    return page(request, "settings.html", sections=sections(house.config), where=where)


def sections(config: Config) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the config's parts, each with its keys and values as text."""
    whole = {name: getattr(config, name) for name in type(config).model_fields}
    plain = {name: value for name, value in whole.items() if not _deep(value)}
    parts = [("general", list(_flat(plain)))]
    return parts + [(name, list(_flat(value))) for name, value in whole.items() if _deep(value)]


def _deep(value: object) -> bool:
    return isinstance(value, BaseModel | Mapping) or (isinstance(value, tuple) and bool(value))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any part of a config
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, tuple) and any(isinstance(one, BaseModel) for one in value):
        for number, one in enumerate(value):
            yield from _flat(one, f"{path}[{getattr(one, 'name', number)}]")
    else:
        yield path, _shown(value)


def _shown(value: object) -> str:
    """Return a value as text; a secret is three stars, inside an address too."""
    if isinstance(value, SecretStr):
        return "***"
    if isinstance(value, tuple | frozenset):
        return ", ".join(str(one) for one in value) or "none"
    if isinstance(value, timedelta):
        return span(value)
    return redact("" if value is None else str(value)) or "not set"
