"""Deals out of WARC archives: found once, over crashes, cut lines and broken archives."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler.history import archive, finding
from crawler.history.parts import search
from tests.fakes import shell, warc
from tests.fakes.live import offspring

ROUND = "{name} has raised $30 million in a Series B round led by Larkspur Ventures."
COMPANIES = ("Corvid Robotics", "Tidewater Labs", "Quillon Systems", "Marrow Grid", "Ostrava AI")


def story(name: str, day: int = 1, host: str = "wire.example") -> warc.Answer:
    """Return a page that reports a round."""
    text = ROUND.format(name=name) + f"\nThe start-up builds tools for port number {day}."
    page = warc.page(f"{name} raises $30m Series B", text, f"2026-03-{day:02}T08:00:00Z")
    return warc.Answer(f"https://{host}/2026/{name.replace(' ', '-').lower()}", page)


def dull(number: int) -> warc.Answer:
    """Return a page without any deal."""
    words = f"It was a mild week in valley {number}. " * 30
    return warc.Answer(f"https://weather.example/{number}", warc.page("A mild week", words))


def archives(folder: Path, *, dull_pages: int = 20) -> list[Path]:
    """Write one archive a company, each with much that is none of our business."""
    made = []
    for day, name in enumerate(COMPANIES, 1):
        answers = [dull(100 * day + n) for n in range(dull_pages)] + [story(name, day)]
        made.append(warc.write(folder / f"CC-NEWS-2026030{day}080000-0000{day}.warc.gz", answers))
    return made


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(
        "database: sqlite:///raisewire.db\nhttp: {allow_private: [127.0.0.0/8]}\n"
    )
    return tmp_path


def companies() -> list[str]:
    told = [json.loads(line) for line in shell.run("deals", "--json").stdout.splitlines()]
    return sorted(deal["company"] for deal in told)


def backfill(*arguments: str) -> dict:
    done = shell.run("backfill", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_archive_is_read_once_and_its_deals_are_told_without_an_alert(home):
    archives(home)

    first, second = backfill("*.warc.gz"), backfill("*.warc.gz")

    assert first["records"] == {"deal": 5, "words": 100}
    assert first["told"]["deals"] == 5
    assert first["told"]["alerts"] == 0
    assert (second["read_before"], second["told"]["known"]) == (5, 5)
    assert companies() == sorted(COMPANIES)


def test_killed_three_times_it_finds_what_an_undisturbed_run_finds(home):
    archives(home, dull_pages=400)
    command = [sys.executable, "-m", "crawler", "backfill", "*.warc.gz", "--workers", "1"]
    chance = random.Random(3)
    for _ in range(3):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(chance.uniform(1.0, 3.0))
        running.kill()
        running.wait()

    assert backfill("*.warc.gz")["failed"] == 0
    assert companies() == sorted(COMPANIES)


def test_a_reader_that_dies_costs_one_page_and_the_rest_of_its_archive_is_read(home):
    (file,) = archives(home, dull_pages=2500)[:1]
    done: dict[str, object] = {}

    def run() -> None:
        done["progress"] = search([str(file)], home / "parts", (), workers=1, started=started)

    def started(progress: object) -> None:
        done["watch"] = progress

    thread = threading.Thread(target=run)
    thread.start()
    while not done.get("watch") or done["watch"].records() < 50:
        time.sleep(0.01)
    for server in offspring(os.getpid()):
        for worker in offspring(server):
            os.kill(worker, signal.SIGKILL)
    thread.join()

    counts = done["progress"].counts
    assert (counts["poison"], counts["deal"]) == (1, 1)
    assert counts.total() == 2501


@pytest.mark.parametrize("cut", [100, 300, -7, -700])
def test_a_broken_archive_is_told_and_the_others_are_read(home, cut):
    first, *_ = archives(home)
    first.write_bytes(first.read_bytes()[:cut])

    done = shell.run("backfill", "*.warc.gz")

    assert done.returncode == 1
    assert first.name in done.stderr
    assert companies() == sorted(COMPANIES[1:])


def test_a_syndicated_copy_is_one_voice_unless_copies_are_wanted(home):
    answers = [story("Corvid Robotics"), story("Corvid Robotics", host="mirror.example")]
    warc.write(home / "a.warc.gz", answers)

    once = backfill("a.warc.gz")
    both = backfill("a.warc.gz", "--copies")

    assert (once["told"]["articles"], once["told"]["copies"]) == (1, 1)
    assert (both["told"]["articles"], both["told"]["known"], both["told"]["deals"]) == (1, 1, 1)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_file_of_what_was_found_is_what_import_reads(home, form):
    archives(home)

    backfill("*.warc.gz", "--out", f"found.{form}")
    done = shell.run("import", f"found.{form}", "--json")

    assert json.loads(done.stdout)["articles"] == 5
    assert companies() == sorted(COMPANIES)


def test_what_may_not_be_kept_leaves_only_the_sentences_that_prove_the_deal():
    answer = story("Corvid Robotics")
    body = answer.body.replace(b"<head>", b'<head><meta name="robots" content="noarchive">')
    record = archive.Record(0, answer.url, answer.at, 200, {"content-type": answer.type}, body)

    fate, line = finding.fated(record, finding.Classifier())

    assert fate == "deal"
    assert "Corvid Robotics raises $30m Series B" in line["text"]
    assert "builds tools" not in line["text"]


class Host(BaseHTTPRequestHandler):
    """Serves the folder it was made for; cuts the line after `cut` bytes, or knows no ranges."""

    folder: Path
    cut: int | None = None
    ranges = True
    moved = ""

    def do_GET(self) -> None:
        if self.moved:
            self.send_response(302)
            self.send_header("Location", self.moved)
            self.end_headers()
            return
        file = self.folder / self.path.rpartition("/")[2]
        if not file.exists():
            self.send_error(404)
            return
        data, start = file.read_bytes(), 0
        if (asked := self.headers.get("Range")) and self.ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start : start + (self.cut or len(data))])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(home):
    handler = type("Handler", (Host,), {"folder": home})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_line_that_is_cut_goes_on_where_it_was(home, host):
    handler, url = host
    (file,) = archives(home)[:1]
    handler.cut = file.stat().st_size // 3

    assert backfill(f"{url}/{file.name}")["records"]["deal"] == 1


def test_a_server_that_cannot_go_on_fails_that_archive_plainly(home, host):
    handler, url = host
    (file,) = archives(home)[:1]
    handler.cut, handler.ranges = file.stat().st_size // 3, False

    done = shell.run("backfill", f"{url}/{file.name}")

    assert done.returncode == 1
    assert "cannot go on where it was cut off" in done.stderr


def test_days_are_looked_up_in_the_lists_of_their_months(home, host):
    _, url = host
    names = [file.name for file in archives(home)]
    (home / "warc.paths.gz").write_bytes(gzip.compress("\n".join(names).encode()))

    span = ("--since", "2026-03-02", "--until", "2026-03-03")
    listed = shell.run("backfill", *span, "--listing", url, "--dry-run").stdout.split()

    assert [name.rpartition("/")[2] for name in listed] == names[1:3]
    assert backfill(*span, "--listing", url)["told"]["deals"] == 2


def test_an_archive_on_a_private_network_is_not_even_knocked_at(home):
    (home / "config.yaml").write_text("database: sqlite:///raisewire.db\n")
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        there = f"http://127.0.0.1:{canary.getsockname()[1]}/a.warc.gz"

        done = shell.run("backfill", there)

        assert (done.returncode, "not a public address" in done.stderr) == (1, True)
        with pytest.raises(TimeoutError):
            canary.accept()


def test_a_redirect_to_a_place_of_another_kind_is_refused(host):
    handler, url = host
    handler.moved = "ftp://127.0.0.1/a.warc.gz"

    done = shell.run("backfill", f"{url}/a.warc.gz")

    assert done.returncode == 1
    assert "only http and https" in done.stderr


def test_interrupted_it_ends_at_once_and_goes_on_later(home):
    archives(home, dull_pages=3000)
    command = [sys.executable, "-m", "crawler", "backfill", "*.warc.gz", "--workers", "1"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    time.sleep(4)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=10)

    assert running.returncode == 130
    assert "Traceback" not in told
    assert backfill("*.warc.gz")["told"]["deals"] == 5


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name archives"),
        (("*.yaml", "--parts", "config.yaml"), "config.yaml: "),
        (("*.yaml", "--out", "nowhere/found.jsonl"), "no such folder"),
        (("nothing-*.gz",), "no such file"),
        (("s3://private/x.warc.gz",), "only files, http"),
        (("*.warc.gz", "--out", "found.csv"), "writes .jsonl or .parquet"),
        (("--since", "2026-03-01", "--listing", "http://127.0.0.1:9"), "CC-NEWS/2026/03"),
    ],
)
@pytest.mark.usefixtures("home")
def test_what_cannot_be_meant_is_one_clear_line(arguments, told):
    done = shell.run("backfill", *arguments)

    assert done.returncode in {1, 2}
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_as_a_datatrove_step_the_same_parts_come_out(home):
    executor = pytest.importorskip("datatrove.executor", reason="needs the extra `backfill`")
    from crawler.history.trove import FindDeals

    places = [str(file) for file in archives(home)]
    step = FindDeals(places, str(home / "backfill"))
    logs = str(home / "logs")
    executor.LocalPipelineExecutor([step], tasks=2, workers=2, logging_dir=logs).run()

    told = backfill("*.warc.gz")

    assert (told["read_before"], told["told"]["deals"]) == (5, 5)
