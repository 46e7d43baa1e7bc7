"""A second reader in the config: what the command line says and shows of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.config import load
from crawler.errors import ConfigError
from tests.fakes.llm_server import LlmServer, said

ARTICLE = {
    "id": "a",
    "title": "Corvid Robotics raises $85 million",
    "text": "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures.",
    "lang": "en",
}
KEY = "CANARY-KEY-123456"


@pytest.fixture
def llm():
    with LlmServer() as server:
        yield server


def write(folder: Path, base_url: str, **more: object) -> Path:
    section = {"base_url": base_url, "model": "tiny", "cache": str(folder / "kept"), **more}
    config = {
        "database": f"sqlite:///{folder / 'news.db'}",
        "http": {"allow_private": ["127.0.0.0/8"]},
        "llm": section,
    }
    file = folder / "config.yaml"
    file.write_text(json.dumps(config))
    return file


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_explain_shows_what_the_second_reader_said(llm, tmp_path):
    config = write(tmp_path, llm.base_url, band=[0, 1])
    article = tmp_path / "a.jsonl"
    article.write_text(json.dumps(ARTICLE))
    llm.moods = [said(verdict="confirm", reason="it says so", round="series_b")]

    drawn = run("--config", config, "explain", article)
    again = json.loads(run("--config", config, "explain", article, "--json").stdout)

    assert "Corvid Robotics: confirm · it says so" in drawn.stdout
    assert "leave this machine for 127.0.0.1" in drawn.stderr
    assert again["second"][0] == {
        "company": "Corvid Robotics",
        "verdict": "confirm",
        "reason": "it says so",
        "kept": True,
    }
    assert again["events"][0]["round"] == "series_b"
    assert len(llm.requests) == 1


def test_config_check_and_doctor_say_that_text_leaves_the_machine(llm, tmp_path):
    config = write(tmp_path, llm.base_url)

    checked = run("--config", config, "config", "check")
    doctor = run("--config", config, "doctor")

    assert "leave this machine for 127.0.0.1" in checked.stderr + checked.stdout
    assert "leave this machine for 127.0.0.1" in doctor.stdout
    assert llm.requests == []


def test_without_the_section_nothing_is_asked_and_nothing_said(tmp_path):
    article = tmp_path / "a.jsonl"
    article.write_text(json.dumps(ARTICLE))
    config = tmp_path / "config.yaml"
    config.write_text("{}")

    done = run("--config", config, "explain", article)

    assert "Second reader" not in done.stdout
    assert "leave this machine" not in done.stderr


def test_the_key_is_a_secret(tmp_path):
    literal = write(tmp_path, "https://llm.example/v1", api_key=KEY)
    assert "api_key is a secret" in load(literal, {}).warnings[0]

    (tmp_path / "key").write_text(KEY + "\n")
    kept = load(write(tmp_path, "https://llm.example/v1", api_key_file=str(tmp_path / "key")), {})
    assert kept.config.llm is not None
    assert kept.config.llm.api_key is not None
    assert kept.config.llm.api_key.get_secret_value() == KEY
    assert KEY not in repr(kept.config)
    assert kept.warnings == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"band": [0.7, 0.2]},
        {"base_url": "ftp://llm.example"},
        {"base_url": "https://user:pass@llm.example/v1"},
        {"per_day": -1},
        {"modell": "x"},
    ],
)
def test_a_mistake_in_the_section_is_told(tmp_path, wrong):
    file = write(tmp_path, wrong.pop("base_url", "https://llm.example/v1"), **wrong)

    with pytest.raises(ConfigError):
        load(file, {})
