"""`doctor`: the usual mistakes, each with what to do about it."""

from __future__ import annotations

import os
import resource
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crawler.cli import logs, show
from crawler.cli.context import Context, current, now
from crawler.errors import RaisewireError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.store import Connection, Store

Finding = tuple[str, str]  # what was looked at, and what to do about it: nothing when it is fine

ROOM = 500_000_000  # bytes that should be free on disk, and in memory
SILENT = timedelta(minutes=2)  # a daemon or worker says more often that it lives
FAR = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "glusterfs"})
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def doctor(
    ctx: typer.Context,
    alive: Annotated[
        Literal["daemon", "worker"] | None,
        typer.Option(help="Only say whether one was heard of lately: for whoever restarts it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look for the usual mistakes, and say what to do about each; exit 1 if there is one."""
    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    look = _look(context) if alive is None else _look_alive(context, alive)
    findings = [("ok" if not advice else "!!", what, advice) for what, advice in look]
    if as_json:
        keys = ("verdict", "what", "advice")
        show.json_lines(dict(zip(keys, finding, strict=True)) for finding in findings)
    else:
        show.table("Doctor", ("", "what", "what to do"), findings)
    if any(mark == "!!" for mark, _, _ in findings):
        raise typer.Exit(1)


def _look(context: Context) -> Iterator[Finding]:
    yield from on_machine(os.environ, files=resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    try:
        loaded = context.loaded
    except RaisewireError as error:
        yield "config", str(error)
        return
    yield f"config {loaded.file or '(built-in defaults)'}", "; ".join(loaded.warnings)
    yield from in_config(loaded.config)
    yield from _look_at_store(context)


# --- the machine --------------------------------------------------------------------


def on_machine(env: Mapping[str, str], *, files: int) -> Iterator[Finding]:
    """Yield what is said of a machine with this environment and so many open files allowed."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield f"Python {version}", "" if sys.version_info >= (3, 11) else "install 3.11 or newer"
    enough = files == resource.RLIM_INFINITY or files >= 1024
    yield f"open files ({files})", "" if enough else "too few: `ulimit -n 8192`, or LimitNOFILE="
    proxies = sorted(name for name in env if name.lower() in PROXIES)
    yield "proxy", f"{', '.join(proxies)}: not used; raisewire asks directly" if proxies else ""
    free = _memory()
    if free is not None:
        advice = "" if free > ROOM else "too little: give `extract.workers` fewer processes"
        yield f"memory ({free // 1_000_000:,} MB free)", advice


def _memory() -> int | None:
    """Return how many bytes may be had, where the kernel tells."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(x.split()[1]) * 1024 for x in lines if x.startswith("MemAvailable")), None)


# --- the config ---------------------------------------------------------------------


def in_config(config: Config) -> Iterator[Finding]:
    """Yield what is said of a config that holds."""
    from crawler.config import sources

    contact = "http" in config.http.user_agent or "@" in config.http.user_agent
    yield "User-Agent", "" if contact else "put a contact URL or address into http.user_agent"
    yield "pause", "" if config.http.per_host_delay else "hosts get no rest: http.per_host_delay"
    watched = any(source.enabled for source in sources(config))
    yield "sources", "" if watched else "the config watches nothing: add `catalogue: {}`"
    yield from _telling(config)
    spare, cores = config.extract.workers - (os.cpu_count() or 1), os.cpu_count()
    many = f"more than {cores} cores: extract.workers" if spare > 2 else ""
    yield f"{config.extract.workers} reading processes", many
    if config.http.browser is not None:
        there = config.http.browser.exists()
        yield "browser", "" if there else f"there is no {config.http.browser}: http.browser"
    if config.llm is not None:
        from crawler.second import warning

        yield warning(config.llm), "" if find_spec("openai") else "pip install 'raisewire[llm]'"
    if config.workers == "procrastinate":
        there = find_spec("procrastinate") is not None
        yield "workers' queue", "" if there else "pip install 'raisewire[postgres]'"


def _telling(config: Config) -> Iterator[Finding]:
    """Yield what is said of who is told."""
    yield "alert rules", "" if config.alerts else "nobody is told: add `channels:` and `alerts:`"
    used = {name for rule in config.alerts for name in rule.to} | set(config.operators.to)
    if idle := sorted(set(config.channels) - used):
        yield "channels", f"{', '.join(idle)}: named by no rule's `to`"
    if config.channels and not config.operators.to:
        yield "operators", "nobody hears of a broken channel: add `operators: {to: […]}`"
    narrow = [rule.name for rule in config.alerts if rule.when.watchlist]
    if narrow and not config.watchlist:
        yield "watchlist", f"it is empty, and {', '.join(narrow)} waits for names in it"


# --- the database -------------------------------------------------------------------


def _look_at_store(context: Context) -> Iterator[Finding]:
    try:
        with context.store() as store, store.read() as conn:
            yield "database", ""
            yield from _files(store)
            yield from in_database(conn, now())
            yield from _who_works(context.loaded.config, conn)
    except RaisewireError as error:
        yield "database", f"{error} (raisewire db upgrade makes it)"


def _files(store: Store) -> Iterator[Finding]:
    if store.path is None:
        return
    free = shutil.disk_usage(store.path.parent).free
    yield f"disk ({free // 1_000_000:,} MB free)", "" if free > ROOM else "make room"
    mounts = Path("/proc/self/mounts")
    kind = filesystem(store.path.resolve(), mounts.read_text() if mounts.exists() else "")
    far = f"SQLite is unsafe on {kind}: use a local disk, or PostgreSQL" if kind in FAR else ""
    yield f"file system {kind or '?'}", far


def filesystem(path: Path, mounts: str) -> str:
    """Return the kind of file system that `path` is on, by the lines of /proc/mounts."""
    found = [line.split()[1:3] for line in mounts.splitlines() if len(line.split()) > 2]
    over = [(len(point), kind) for point, kind in found if path.is_relative_to(point)]
    return max(over, default=(0, ""))[1]


def in_database(conn: Connection, at: datetime) -> Iterator[Finding]:
    """Yield what is said of the work that a database holds."""
    from crawler.store import frontier, outbox
    from crawler.types import Outcome

    states = frontier.sources(conn)
    failing = [source.id for source, state in states if state.failures >= 3]
    advice = f"{', '.join(failing[:5])}: raisewire sources health" if failing else ""
    yield f"{len(states)} sources known", advice
    poison = len(frontier.pages(conn, Outcome.POISON, 100, state="quarantined"))
    advice = f"{poison}: raisewire sources pages --outcome poison" if poison else ""
    yield "pages put aside", advice
    letters = outbox.dead(conn)
    yield "dead letters", f"{len(letters)}: raisewire alerts dead" if letters else ""
    for stats in outbox.stats(conn):
        if stats.held:
            yield f"channel {stats.channel}", f"held: {stats.reason}"
    if (seen := last_seen(conn)) is not None:
        ahead = seen - at > SILENT
        yield "clock", "it is behind what was stored: set it, then restart" if ahead else ""


def last_seen(conn: Connection) -> datetime | None:
    """Return when a daemon last said that it lives."""
    from crawler.store import upkeep

    kept = upkeep.fact(conn, "alive")
    return datetime.fromisoformat(kept) if isinstance(kept, str) else None


def _who_works(config: Config, conn: Connection) -> Iterator[Finding]:
    from crawler.store import workers

    at, seen = _now(conn), last_seen(conn)
    silent = seen is not None and at - seen > SILENT
    yield "daemon", f"not heard of since {seen:%m-%d %H:%M} UTC: start it" if silent else ""
    if config.workers == "procrastinate":
        alive = [one for one in workers.seen(conn) if at - one.at <= SILENT]
        nobody = "" if alive else "nobody works: start `raisewire worker`"
        yield f"{len(alive)} workers", nobody


def _now(conn: Connection) -> datetime:
    """Return the time by the clock that daemons and workers go by."""
    from crawler.store.hosts import clock

    return clock(conn, now())


def _look_alive(context: Context, role: str) -> Iterator[Finding]:
    """Yield one finding: whether a daemon, or a worker of this machine, was heard of lately."""
    from crawler.owner import owner
    from crawler.store import workers

    try:
        with context.store() as store, store.read() as conn:
            at, here = _now(conn), owner(role).split(" ")[1]
            if role == "daemon":
                heard = last_seen(conn)
            else:
                ours = [one.at for one in workers.seen(conn) if one.owner.split(" ")[1] == here]
                heard = max(ours, default=None)
    except RaisewireError as error:
        yield role, str(error)
        return
    fresh = heard is not None and at - heard <= SILENT
    yield role, "" if fresh else f"not heard of for {SILENT.seconds // 60} minutes: restart it"
