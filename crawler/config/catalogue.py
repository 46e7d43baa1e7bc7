"""The shipped catalogue of sources, and what a config picks from it and adds to it."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crawler.config.models import Config, SourceEntry
from crawler.config.strict import parse
from crawler.config.units import Duration
from crawler.errors import ConfigError
from crawler.types import Source, SourceClass


class CatalogueEntry(BaseModel):
    """One entry of catalogue.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    name: str
    url: str = Field(pattern=r"^(https?://|\{rsshub\}/)")  # {…} is filled in by whoever copies it
    kind: str
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    group: str
    enabled: bool
    every: Duration
    source_class: SourceClass = SourceClass.OUTLET
    country: str | None = None
    options: dict[str, str] = Field(default_factory=dict)
    note: str = ""


@cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """
    Return every shipped entry, enabled or not.

    Raises:
        ConfigError: the packaged file is damaged.
    """
    text = files("crawler.config").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    data = parse(text, "catalogue.yaml").data
    assert isinstance(data, dict)
    try:
        return tuple(CatalogueEntry.model_validate(entry) for entry in data["sources"])
    except ValidationError as error:
        raise ConfigError(f"damaged: {error.errors()[0]['msg']}", file="catalogue.yaml") from error


def sources(config: Config) -> tuple[Source, ...]:
    """
    Return what a config watches: its own sources, then what it picks from the catalogue.

    A source of the user's own replaces the catalogue's of the same name.

    Raises:
        ConfigError: a group or language that the catalogue does not have.
    """
    own = tuple(_own(entry, config.defaults.every) for entry in config.sources)
    taken = {source.id for source in own}
    return own + tuple(source for source in _picked(config) if source.id not in taken)


def _picked(config: Config) -> tuple[Source, ...]:
    if config.catalogue is None:
        return ()
    groups = _checked(config.catalogue.groups, "group", {e.group for e in catalogue()})
    languages = _checked(config.catalogue.languages, "language", {e.language for e in catalogue()})
    return tuple(
        _shipped(entry)
        for entry in catalogue()
        if entry.enabled and entry.group in groups and entry.language in languages
    )


def _checked(wanted: tuple[str, ...] | Literal["any"], what: str, known: set[str]) -> set[str]:
    if wanted == "any":
        return known
    for name in wanted:
        if name not in known:
            have = ", ".join(sorted(known))
            raise ConfigError(f"the catalogue has no {what} {name!r}; it has {have}")
    return set(wanted)


def _own(entry: SourceEntry, every: timedelta) -> Source:
    return Source(
        id=entry.name,
        name=entry.name,
        kind=entry.kind,
        url=entry.url,
        every=entry.every or every,
        language=entry.language,
        country=entry.country,
        source_class=SourceClass(entry.source_class),
        enabled=entry.enabled,
        allow_private=entry.allow_private,
        options=dict(entry.options),
    )


def _shipped(entry: CatalogueEntry) -> Source:
    return Source(
        id=entry.id,
        name=entry.name,
        kind=entry.kind,
        url=entry.url,
        every=entry.every,
        language="und" if entry.language == "mul" else entry.language,
        group=entry.group,
        country=entry.country,
        source_class=entry.source_class,
        origin="catalogue",
        options=dict(entry.options),
    )
