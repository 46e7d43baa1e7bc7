"""What we give to those who run it: images, units and their promises, checked without an engine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import absent
from tests.fakes.shell import run

DEPLOY = Path(__file__).parents[3] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = {name: one for name, one in COMPOSE["services"].items() if one["image"] == "raisewire"}
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
EXPOSED = 2.0  # of 10: what `systemd-analyze security` may say at most


def steps() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their words, lines that go on joined."""
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(" ", 1)) for line in lines]


def last_stage() -> list[tuple[str, str]]:
    found = steps()
    start = max(at for at, (name, _) in enumerate(found) if name == "FROM")
    return found[start:]


def test_the_image_is_built_in_one_stage_and_runs_in_another():
    bases = [words for name, words in steps() if name == "FROM"]
    assert len(bases) == 2
    assert all("slim" in base and ":latest" not in base for base in bases)
    copied = [words for name, words in last_stage() if name == "COPY"]
    assert all(words.startswith("--from=build ") for words in copied)


def test_it_runs_as_nobody_in_particular_and_says_whether_it_is_well():
    names = dict(last_stage())
    assert names["USER"].isdecimal()
    assert int(names["USER"]) > 0
    assert "raisewire" in names["HEALTHCHECK"]
    order = [name for name, _ in last_stage()]
    assert order.index("USER") < order.index("ENTRYPOINT")


def test_what_is_installed_is_pinned_and_nothing_is_fetched_past_the_lock():
    names = [name for name, _ in steps()]
    assert "ADD" not in names
    runs = [words for name, words in steps() if name == "RUN"]
    assert not any(word in run for run in runs for word in ("curl", "wget", "sudo", "apt-get"))
    installs = [part for run in runs for part in run.split("&&") if "pip install" in part]
    assert installs
    assert all(re.search(r"--require-hashes|--no-deps", part) for part in installs)


def test_every_copied_path_is_there():
    for name, words in steps():
        if name == "COPY" and not words.startswith("--"):
            *sources, _ = words.split()
            for source in sources:
                assert (DEPLOY.parent / source).exists(), source


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_command_that_the_program_has(name):
    command, *options = (str(word) for word in OURS[name]["command"])
    told = run(command, "--help")
    assert told.returncode == 0
    for option in (word for word in options if word.startswith("--")):
        assert option in told.stdout


@pytest.mark.parametrize("name", OURS)
def test_a_service_may_change_nothing_and_has_no_rights(name):
    one = OURS[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in one["security_opt"]
    assert not any("PASSWORD" in key for key in one["environment"])
    for port in one.get("ports", ()):
        assert port.startswith("127.0.0.1:")


def test_the_services_are_a_server_daemons_workers_and_the_dashboard():
    assert set(OURS) == {"daemon", "worker", "web"}
    assert COMPOSE["services"]["database"]["image"].startswith("postgres:")
    assert {one["depends_on"]["database"]["condition"] for one in OURS.values()} == {
        "service_healthy"
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_exposed_to_little(unit):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        absent("no systemd-analyze")
    command = [analyze, "security", "--offline=true", "--no-pager", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    score = re.search(r"exposure level for \S+: ([\d.]+)", said)
    assert score, said[-500:]
    assert float(score[1]) <= EXPOSED


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_that_the_program_has(unit):
    words = re.search(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)[1].split()
    assert run(words[-1], "--help").returncode == 0
    notifies = words[-1] in {"daemon", "worker"}
    assert ("Type=notify" in unit.read_text()) == notifies
