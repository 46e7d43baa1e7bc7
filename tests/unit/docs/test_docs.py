"""The docs cannot go stale: every command, config key and error is in them, word for word."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from crawler import errors
from crawler.config.models import Config

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"


def keys(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> set[str]:
    """Return every key that a config file may have, at any depth."""
    found: set[str] = set()
    for name, info in model.model_fields.items():
        found.add(info.alias or name)
        for below in models_in(info.annotation):
            if below not in seen and below.__name__ not in {"Moment", "Window"}:
                found |= keys(below, seen | {model, below})
    return found


def models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in models_in(part)]


def test_every_config_key_is_documented():
    told = (DOCS / "config.md").read_text() + (DOCS / "alerts.md").read_text()
    missing = {key for key in keys(Config) if not re.search(rf"\b{key}\b", told)}

    assert missing == set()


def test_every_error_is_documented():
    told = (DOCS / "operation.md").read_text()
    ours = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type)
        and issubclass(thing, errors.RaisewireError)
        and thing is not errors.RaisewireError
    }

    assert {name for name in ours if f"`{name}`" not in told} == set()


def test_the_command_reference_is_what_the_program_says(tmp_path):
    written = tmp_path / "cli.md"
    typer = Path(sys.executable).with_name("typer")
    command = ("crawler.cli.app", "utils", "docs", "--name", "raisewire", "--output")
    subprocess.run([typer, *command, written], check=True, capture_output=True)

    assert (DOCS / "cli.md").read_text() == written.read_text(), "run ./run.sh docs"


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / target).exists(), target
