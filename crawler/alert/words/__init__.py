"""Our words in each language: one YAML file a language, the same keys in all."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

DEFAULT = "en"


@lru_cache(maxsize=32)
def words(lang: str) -> dict[str, Any]:
    """Return the words for `it`, `pt-BR` …; English where we do not speak the language."""
    folder = resources.files(__name__)
    name = lang.replace("_", "-").split("-")[0].lower()
    file = folder / f"{name}.yaml"
    if not file.is_file():
        file = folder / f"{DEFAULT}.yaml"
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


def languages() -> tuple[str, ...]:
    """Return the languages we have words in."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))
