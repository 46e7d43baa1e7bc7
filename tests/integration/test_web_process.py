"""`raisewire web` as a process: what it refuses to start with, and how it ends."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.fakes.live import eventually, raisewire
from tests.fakes.web import TOKENS, free_port

SECRET = TOKENS["ada"]["token"]


@pytest.fixture
def served(tmp_path):
    """A dashboard on a port of its own; its process and port."""
    port = free_port()
    env = os.environ | {"RAISEWIRE_DATABASE": f"sqlite:///{tmp_path}/d.db"}
    command = [sys.executable, "-m", "crawler", "--log-format", "json", "web", "--port", str(port)]
    process = subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        assert eventually(lambda: status(port, "/healthz") == 200, 40)
        yield process, port
    finally:
        process.kill()
        process.communicate()


def status(port: int, path: str) -> int:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        asked.request("GET", path)
        return asked.getresponse().status
    except OSError:
        return 0
    finally:
        asked.close()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_well_though_a_reader_watches_live(served, sign):
    process, port = served
    live = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    live.request("GET", "/events")
    stream = live.getresponse()
    assert stream.readline().startswith(b"retry:")
    begun = time.monotonic()
    process.send_signal(sign)
    _, said = process.communicate(timeout=30)
    live.close()

    assert process.returncode == 0, said
    assert time.monotonic() - begun < 9, "the grace of ten seconds was not needed"
    assert "Traceback" not in said


def test_a_second_one_on_the_same_port_says_so(served, tmp_path):
    _, port = served
    env = {"RAISEWIRE_DATABASE": f"sqlite:///{tmp_path}/d.db"}
    said = raisewire("web", "--port", str(port), env=env)

    assert said.returncode == 1
    assert "address already in use" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_wider_bind_without_tokens_does_not_start(tmp_path):
    said = raisewire(
        "web", "--host", "0.0.0.0", env={"RAISEWIRE_DATABASE": f"sqlite:///{tmp_path}/d.db"}
    )

    assert said.returncode == 2
    assert said.stderr.startswith("raisewire: listening on 0.0.0.0 shows the dashboard to others")
    assert not (tmp_path / "d.db").exists(), "nothing was begun"


@pytest.mark.parametrize("token", ["short", "a" * 40, "has a space in it and is long"])
def test_a_token_that_can_be_guessed_is_refused_with_its_place(tmp_path, token):
    file = tmp_path / "c.yaml"
    file.write_text(f'web:\n  tokens:\n    ada: {{token: "{token}"}}\n')
    said = raisewire("web", "--config", str(file))

    assert said.returncode == 2
    assert "c.yaml:3:18: token: is too easy to guess" in said.stderr
    assert token not in said.stderr.replace("c.yaml", "")


def test_a_token_comes_from_a_file_and_is_shown_nowhere(tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    file = tmp_path / "c.yaml"
    file.write_text(f"web:\n  tokens:\n    ada: {{token_file: {tmp_path}/secret, scope: admin}}\n")
    said = raisewire("config", "check", "--config", str(file))
    literal = tmp_path / "l.yaml"
    literal.write_text(f"web:\n  tokens:\n    ada: {{token: {SECRET}}}\n")
    warned = raisewire("config", "check", "--config", str(literal))

    assert said.returncode == 0, said.stderr
    assert "l.yaml:3:18: token is a secret: write ${ENV} or token_file" in warned.stderr
    assert SECRET not in said.stdout + said.stderr + warned.stdout + warned.stderr


def test_new_token_makes_one_that_is_taken(tmp_path):
    made = raisewire("web", "--new-token").stdout.strip()
    file = tmp_path / "c.yaml"
    file.write_text('web: {tokens: {ada: {token: "${T}"}}}\n')

    assert len(made) >= 43
    assert raisewire("config", "check", "--config", str(file), env={"T": made}).returncode == 0
