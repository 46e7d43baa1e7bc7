"""The command line as a user meets it: streams, exit codes, and errors that help."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.fakes.live import raisewire
from tests.fakes.shell import run

ROUND = {
    "url": "https://ledger.example/a",
    "title": "Corvid Robotics raises $85 million in Series C round",
    "text": "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures.",
    "published": "2026-03-02T09:00:00Z",
    "source": "ledger",
    "lang": "en",
}


@pytest.fixture
def env(tmp_path):
    return {"RAISEWIRE_DATABASE": f"sqlite:///{tmp_path}/cli.db"}


@pytest.fixture
def articles(tmp_path):
    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps(ROUND) + "\n")
    return str(file)


def test_help_lists_every_command_and_starts_with_the_demo():
    told = raisewire("--help").stdout

    for command in ("demo", "crawl", "daemon", "import", "deals", "analyze", "explain", "alerts"):
        assert command in told


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("worker", "--once"), "share a PostgreSQL database"),
        (("web", "--port", "99999"), "--port"),
        (("import", "nothing.parquet"), "no such file"),
    ],
)
def test_what_cannot_be_meant_is_told_without_a_traceback(tmp_path, monkeypatch, command, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("database: sqlite:///a.db\n")
    done = run(*command)

    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("databse: x\n", "bad.yaml:1:1:", "did you mean 'database'"),
        ("http: {timeout: 5 minutes}\n", "bad.yaml:1:17:", "no duration"),
        ("database: a\ndatabase: b\n", "bad.yaml:2:1:", "given twice"),
        ('channels: {d: {type: slack, webhook_url: "${NOT_SET_42}"}}\n', ":1:42:", "NOT_SET_42"),
    ],
)
@pytest.mark.parametrize("command", [("config", "check"), ("crawl",)])
def test_a_wrong_config_is_one_line_and_exit_2(tmp_path, text, place, words, command):
    (tmp_path / "bad.yaml").write_text(text)
    done = run(*command, "--config", str(tmp_path / "bad.yaml"))

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert place in done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_the_daemon_refuses_a_wrong_config_alike(tmp_path):
    (tmp_path / "bad.yaml").write_text("databse: x\n")
    done = raisewire("daemon", "--config", str(tmp_path / "bad.yaml"))

    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "bad.yaml:1:1:" in line


def test_an_unknown_kind_of_source_is_told(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("sources: [{name: a, kind: fed, url: 'http://x.example/'}]")
    done = run("config", "check", "--config", str(file))

    assert done.returncode == 2
    assert "'fed'" in done.stderr
    assert "feed" in done.stderr


def test_analyze_reads_json_lines_and_tells_a_bad_line(tmp_path):
    file = tmp_path / "in.jsonl"
    file.write_text(json.dumps({"id": "a", **ROUND}) + "\nnot json\n")
    done = run("analyze", str(file))
    first, second = (json.loads(line) for line in done.stdout.splitlines())

    assert first["id"] == "a"
    assert [event["company"] for event in first["events"]] == ["Corvid Robotics"]
    assert "not JSON" in second["error"]
    assert done.returncode == 1


def test_import_then_deals_in_every_format(env, articles):
    assert run("import", articles, env=env).returncode == 0
    (deal,) = [json.loads(line) for line in run("deals", "--json", env=env).stdout.splitlines()]
    (row,) = csv.DictReader(io.StringIO(run("deals", "--csv", env=env).stdout))
    listed = run("deals", env=env).stdout
    shown = run("deals", "show", deal["id"][:8], env=env).stdout

    assert deal["company"] == "Corvid Robotics"
    assert deal["amount"] == 85_000_000
    assert deal["articles"][0]["url"] == ROUND["url"]
    assert row["amount"] == "85000000"
    assert "Corvid Robotics" in listed
    assert deal["evidence"] in shown


def test_a_deal_as_of_a_day_is_what_was_known_then(env, tmp_path):
    later = ROUND | {
        "url": "https://wire.example/b",
        "source": "wire",
        "published": "2026-03-05T09:00:00Z",
        "text": ROUND["text"] + " Tidewater Capital also took part.",
    }
    file = tmp_path / "two.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in (ROUND, later)))
    run("import", str(file), env=env)
    (deal,) = [json.loads(line) for line in run("deals", "--json", env=env).stdout.splitlines()]
    show = ("deals", "show", deal["id"], "--json", "--as-of")
    then = json.loads(run(*show, "2026-03-02", env=env).stdout)

    assert (len(deal["articles"]), len(then["articles"])) == (2, 1)
    assert run(*show, "2026-03-01", env=env).returncode == 2


def test_importing_again_changes_nothing(env, articles):
    run("import", articles, env=env)
    before = run("deals", "--json", env=env).stdout
    again = json.loads(run("import", articles, "--json", env=env).stdout)

    assert again["known"] == 1
    assert run("deals", "--json", env=env).stdout == before


def test_articles_and_search_find_what_was_imported(env, articles):
    run("import", articles, env=env)
    (article,) = run("articles", "--json", env=env).stdout.splitlines()
    hits = run("search", "Northgate", "--json", env=env).stdout

    assert json.loads(article)["title"] == ROUND["title"]
    assert "Northgate" in hits


def test_explain_shows_each_figure_and_its_fate(articles):
    told = run("explain", articles).stdout

    assert "taken" in told
    assert "$85 million" in told
    assert "Corvid Robotics" in told


def test_a_database_that_is_not_there_yet_says_what_to_do(env):
    done = run("deals", env=env)

    assert done.returncode == 1
    assert "raisewire db upgrade" in done.stderr
    assert run("db", "upgrade", env=env).returncode == 0
    assert run("deals", "--json", env=env).stdout == ""


def test_the_catalogue_is_listed_as_json_lines():
    rows = [
        json.loads(line) for line in run("sources", "list", "--all", "--json").stdout.splitlines()
    ]

    assert len(rows) == 139


@pytest.mark.parametrize(
    "arguments",
    [
        ("deals", "--since", "soon"),
        ("crawl", "no-such-source"),
        ("analyze", "/no/such/file"),
        ("nope",),
    ],
)
def test_bad_usage_is_exit_2_without_a_traceback(env, arguments):
    done = run(*arguments, env=env)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_hostile_titles_reach_no_terminal_raw(env, tmp_path):
    file = tmp_path / "evil.jsonl"
    file.write_text(json.dumps({**ROUND, "title": "\x1b[31mred\u202e" + ROUND["title"]}) + "\n")
    run("import", str(file), env=env)
    shown = run("articles", env=env).stdout

    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_doctor_says_what_to_do(env):
    done = run("doctor", env=env)

    assert done.returncode == 1
    assert "raisewire db upgrade" in done.stdout
