"""Every mistake in config.yaml is told in one line, with its place."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config import load, loads, sources
from crawler.errors import ConfigError

FILE = Path("config.yaml")


def told(text: str, **env: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loads(text, FILE, env)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("databse: x", ":1:1:", "did you mean 'database'"),
        ("http: {timout: 3s}", ":1:8:", "did you mean 'timeout'"),
        ("database: a\ndatabase: b", ":2:1:", "given twice (first in line 1)"),
        ("http:\n  timeout: 5 minutes", ":2:12:", "is no duration"),
        ("http: {per_host_delay: no}", ":1:24:", "'no' is no duration"),
        ("http: {max_body: lots}", ":1:18:", "is no size"),
        ("database: [", ":2:1:", "expected"),
        ("- a\n- b", ":1:1:", "must be a mapping"),
        ("a: &x [1]\nb: *x", ":2:4:", "aliases"),
        ("database: !!python/object:os.system x", ":1:11:", "tag"),
        ("sources: [{name: a, kind: feed}]", ":1:11:", "'url' is missing"),
        ("sources: [{name: A B, kind: feed, url: u}]", ":1:18:", "name"),
        ("channels: {d: {type: slak}}", ":1:15:", "'slack'"),
        ("channels: {d: {type: slack}}", ":1:15:", "either webhook_url, or bot_token"),
        ("alerts: [{name: x, to: [desk]}]", ":1:25:", "no channel 'desk'"),
        ("alerts: [{name: x, to: [d], when: {typ: [bond]}}]", ":1:36:", "did you mean 'type'"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, place, words):
    message = told(text)

    assert place in message
    assert words in message
    assert "\n" not in message


def test_a_missing_secret_names_the_variable_to_export():
    message = told('channels: {d: {type: slack, webhook_url: "${HOOK}"}}')

    assert message.startswith("config.yaml:1:42:")
    assert "HOOK is not set" in message


def test_a_secret_comes_from_the_environment_and_is_never_printed():
    text = 'channels: {d: {type: slack, webhook_url: "${HOOK}"}}\nalerts: [{name: a, to: [d]}]'
    loaded = loads(text, FILE, {"HOOK": "canary-71"})

    assert loaded.config.channels["d"].webhook_url.get_secret_value() == "canary-71"
    assert "canary" not in repr(loaded)
    assert loaded.warnings == ()


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path):
    (tmp_path / "hook").write_text("canary-72\n")
    text = f"channels: {{d: {{type: slack, webhook_url_file: {tmp_path / 'hook'}}}}}"

    channel = loads(text, FILE, {}).config.channels["d"]
    assert channel.webhook_url.get_secret_value() == "canary-72"


def test_a_literal_secret_is_warned_about():
    (first, *_) = loads("channels: {d: {type: slack, webhook_url: h}}", FILE, {}).warnings

    assert "is a secret" in first
    assert ":1:42:" in first


def test_the_shipped_config_loads_without_a_warning_and_picks_79_sources():
    shipped = Path(__file__).parents[3] / "config.yaml"
    loaded = load(shipped, {})

    assert loaded.warnings == ()
    assert len(sources(loaded.config)) == 79
    assert len(shipped.read_text().splitlines()) < 60


def test_the_catalogue_is_picked_by_group_and_language():
    config = loads("catalogue: {groups: [bonds, china], languages: [it, en]}", FILE, {}).config
    picked = sources(config)

    assert {source.language for source in picked} == {"it", "en"}
    assert all(source.origin == "catalogue" for source in picked)


def test_an_unknown_group_is_told_with_those_there_are():
    message = told("database: sqlite:///x.db\ncatalogue: {groups: [chinna]}")

    assert message.startswith("config.yaml:2:1: the catalogue has no group 'chinna'")
    assert "startup" in message


def test_a_source_of_the_users_own_has_the_defaults_of_the_file():
    text = "defaults: {every: 3m}\nsources: [{name: a, kind: feed, url: 'http://x/'}]"
    (own,) = sources(loads(text, FILE, {}).config)

    assert own.every == timedelta(minutes=3)
    assert own.origin == "config"


def test_the_environment_names_the_database_over_the_file(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("database: sqlite:///a.db")
    loaded = load(None, {"RAISEWIRE_CONFIG": str(file), "RAISEWIRE_DATABASE": "sqlite:///b.db"})

    assert loaded.config.database == "sqlite:///b.db"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_our_own_error(text):
    with contextlib.suppress(ConfigError):
        loads(text, FILE, {})


def test_deep_nesting_is_refused():
    assert "nest" in told("a: " + "[" * 5000)
    assert "nested too deeply" in told("\n".join(" " * i + "a:" for i in range(100)))
