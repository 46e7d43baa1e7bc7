"""
Daemons and workers on one PostgreSQL, killed at random: what is lost, and what is told twice?

    bench/many_hosts.py --hosts 200 --sources 500 --seconds 120     # kill -9 every 5 s
    bench/many_hosts.py --throughput --hosts 60 --pages 8           # CPU for a page

Every 127.x.y.z is a host; one server on loopback answers for all and counts who is there at
once. Needs a PostgreSQL (RAISEWIRE_TEST_POSTGRES) and the extra `postgres`.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from crawler.demo.sinks import SlackSink
from crawler.store import Store, deals, outbox, upkeep
from scheduler import queue
from tests.fakes.hosts import Hosts
from tests.fakes.live import eventually, offspring
from tests.fakes.rounds import company, story

SERVER = os.environ.get("RAISEWIRE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
TICKS = os.sysconf("SC_CLK_TCK")
MOST = 1000  # invented companies
WARM = 15  # seconds until reading processes have loaded what they need


@dataclass
class Fleet:
    """Processes that are killed and started again."""

    config: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    began: dict[str, int] = field(default_factory=dict)  # how much each had said when it started

    def start(self, name: str) -> None:
        kind = name.split("-", 1)[0]
        self.began[name] = len(self.log(name))
        with (self.config.parent / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "crawler", "--config", str(self.config), kind]
            self.running[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def log(self, name: str) -> str:
        file = self.config.parent / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def warm(self, words: str) -> None:
        """Wait until all have started, and their readers too: what that costs is not the pages'."""
        names = [name for name in self.running if name.startswith(words.split(" ", 1)[0])]
        eventually(lambda: all(words in self.log(name) for name in names), 120)
        if names and words.startswith("worker"):
            time.sleep(WARM)

    def stands_by(self) -> bool:
        """Tell whether a daemon is ready to lead."""
        daemons = (name for name in self.running if name.startswith("daemon"))
        return any("standing by" in self.log(name)[self.began[name] :] for name in daemons)

    def kill(self, name: str) -> None:
        self.running[name].kill()
        self.running[name].wait()

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(40)
            process.kill()


def database(stack: ExitStack) -> Store:
    import psycopg

    name = f"raisewire_bench_{uuid.uuid4().hex[:8]}"
    server = psycopg.connect(f"{SERVER}/postgres", autocommit=True)
    server.execute(f"CREATE DATABASE {name}")
    stack.callback(server.execute, f"DROP DATABASE {name} WITH (FORCE)")
    store = Store(f"{SERVER.replace('postgresql:', 'postgresql+psycopg:')}/{name}")
    store.upgrade()
    queue.make(store)
    stack.callback(store.close)
    return store


def config(  # noqa: PLR0913, PLR0917 - a config has this many parts
    folder: Path, store: Store, sources: str, slack: str, every: str, mode: str
) -> Path:
    file = folder / "config.yaml"
    file.write_text(
        f"database: {store.url.render_as_string(hide_password=False)}\nworkers: {mode}\n"
        "http: {per_host_delay: 0s, allow_private: [127.0.0.0/8]}\n"
        f"extract: {{workers: 1}}\ndefaults: {{every: {every}}}\n"
        f'channels: {{desk: {{type: slack, webhook_url: "{slack}", '
        "per_minute: 60000, burst: 1000}}\n"
        f"alerts: [{{name: all, to: [desk]}}]\n{sources}",
        encoding="utf-8",
    )
    return file


def least(hosts: Hosts, feeds: int, since: dict[tuple[int, int], int] | None = None) -> int:
    """Return how often the least polled source was asked since then."""
    return min(count - (since or {}).get(key, 0) for key, count in polls(hosts, feeds).items())


def polls(hosts: Hosts, feeds: int) -> dict[tuple[int, int], int]:
    return {(h, f): hosts.polled(h, f) for h in range(hosts.count) for f in range(feeds)}


def leader(store: Store) -> str:
    with store.read() as conn:
        return next((owner for name, owner, _ in upkeep.leaders(conn) if name == "daemon"), "")


def takeover(store: Store, dead: str, since: float) -> float:
    eventually(lambda: leader(store) != dead, 60, every=0.2)
    return time.monotonic() - since


# --- kill -9 ------------------------------------------------------------------------


def killing(arguments: argparse.Namespace) -> int:
    rng, feeds = random.Random(arguments.seed), max(arguments.sources // arguments.hosts, 1)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(Hosts(arguments.hosts))
        slack = stack.enter_context(SlackSink())
        store = database(stack)
        for host in range(hosts.count):
            hosts.publish(
                host, 0, f"Weather of week {host}", "It was a mild week.\nNothing happened."
            )
        file = config(
            folder, store, hosts.sources(feeds), slack.url, arguments.every, "procrastinate"
        )
        fleet = Fleet(file)
        stack.callback(fleet.stop)
        for kind in ("daemon", "worker"):
            for number in range(getattr(arguments, f"{kind}s")):
                fleet.start(f"{kind}-{number}")
        began = time.monotonic()
        settled = eventually(lambda: least(hosts, feeds) >= 1, 600, every=1)
        print(
            f"every source polled once: {settled}, after {time.monotonic() - began:.0f} s",
            flush=True,
        )
        return report(
            arguments, store, hosts, slack, feeds, *kills(arguments, rng, store, hosts, fleet)
        )


def kills(
    arguments: argparse.Namespace, rng: random.Random, store: Store, hosts: Hosts, fleet: Fleet
) -> tuple[Counter[str], int, list[float]]:
    """Kill one of the fleet every few seconds, and print news meanwhile."""
    killed, printed, took = Counter[str](), 0, []
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        turn = time.monotonic()
        for _ in range(arguments.news):
            if printed < MOST:
                hosts.publish(rng.randrange(hosts.count), 0, *story(printed))
                printed += 1
        name = rng.choice(sorted(fleet.running))
        led = leader(store).split(":")[1:2] == [str(fleet.running[name].pid)]
        dead = leader(store)
        fleet.kill(name)
        killed[name.split("-", 1)[0]] += 1
        fleet.began[name] = 10**9  # it stands by no more
        if led and fleet.stands_by():
            took.append(takeover(store, dead, time.monotonic()))
        fleet.start(name)
        time.sleep(max(0.0, arguments.pause - (time.monotonic() - turn)))
    return killed, printed, took


def report(  # noqa: PLR0913, PLR0917 - what was done
    arguments: argparse.Namespace,
    store: Store,
    hosts: Hosts,
    slack: SlackSink,
    feeds: int,
    killed: Counter[str],
    printed: int,
    took: list[float],
) -> int:
    since, over = polls(hosts, feeds), time.monotonic()
    eventually(lambda: least(hosts, feeds, since) >= 1, 300, every=1)
    eventually(lambda: is_told(store, printed), 300, every=1)
    recovered = time.monotonic() - over
    with store.read() as conn:
        found = Counter(deal.event.company for deal in deals.listing(conn))
        letters = outbox.listing(conn, limit=100_000)
    unpolled = sum(count <= since[key] for key, count in polls(hosts, feeds).items())
    lost = [company(n) for n in range(printed) if not found[company(n)]]
    twice = sum(count - 1 for count in found.values() if count > 1)
    wrong = len(letters) - len({letter.deal_id for letter in letters})
    extra = len(slack.received) - len(letters)
    asked, kinds = sum(hosts.asked.values()), ", ".join(f"{n} {k}s" for k, n in killed.items())
    print(
        f"hosts {arguments.hosts}, sources {arguments.hosts * feeds}, daemons {arguments.daemons}, "
        f"workers {arguments.workers}: kill -9 of {kinds}, requests {asked}, articles {printed}, "
        f"deals {sum(found.values())}; sources left unpolled {unpolled}, hosts with two requests "
        f"at once {len(hosts.crowded)}, deals lost {len(lost)}, deals twice {twice}, alerts "
        f"{len(letters)}, of them wrong {wrong}, sent again with the same key {extra}; takeovers "
        f"{len(took)}, longest {max(took, default=0):.1f} s; all quiet {recovered:.0f} s after"
    )
    bad = unpolled or hosts.crowded or lost or twice or wrong or max(took, default=0) > 30
    print(*hosts.crowded[:5], *lost[:5], sep="\n")
    return 1 if bad else 0


def is_told(store: Store, printed: int) -> bool:
    with store.read() as conn:
        waiting = outbox.listing(conn, states=(outbox.State.PENDING, outbox.State.SENDING))
        return deals.count(conn) >= printed and not waiting


# --- throughput ---------------------------------------------------------------------


def throughput(arguments: argparse.Namespace) -> int:
    rows = [one_run(arguments, count) for count in (1, 2, 4)]
    for who, pages, seconds, cpu, queueing in rows:
        print(
            f"{who:>9}: {pages} pages in {seconds:.0f} s, {1000 * cpu / pages:.1f} CPU ms a page, "
            f"of which the leader {1000 * queueing / pages:.1f}"
        )
    each = [cpu / pages for _, pages, _, cpu, _ in rows]
    two, four = (one / each[0] - 1 for one in each[1:])
    print(f"coordination: 1 to 2 workers {two:+.1%}, to 4 {four:+.1%}")
    return 0


def one_run(arguments: argparse.Namespace, workers: int) -> tuple[str, int, float, float, float]:
    """Return who read, how many pages, in which time, and the CPU of all, and of the leader."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(Hosts(arguments.hosts, linger=0.005))
        store, wanted = database(stack), arguments.hosts * arguments.pages
        for number in range(wanted):
            hosts.publish(number % arguments.hosts, 0, *story(number % MOST))
        address = "http://127.0.0.1:9/"
        file = config(folder, store, hosts.sources(), address, "1h", "procrastinate")
        fleet = Fleet(file)
        stack.callback(fleet.stop)
        for name in [f"worker-{n}" for n in range(workers)]:
            fleet.start(name)
        fleet.warm("worker started")
        fleet.start("daemon-0")
        fleet.warm("daemon started")
        before, began = {n: cpu(p.pid) for n, p in fleet.running.items()}, time.monotonic()
        eventually(lambda: read(store) >= wanted, 900, every=0.5)
        used = {n: cpu(p.pid) - before[n] for n, p in fleet.running.items()}
        seconds = time.monotonic() - began
        leading = used["daemon-0"] if workers else 0.0
        return (
            f"{workers} workers" if workers else "inline",
            read(store),
            seconds,
            sum(used.values()),
            leading,
        )


def read(store: Store) -> int:
    with store.read() as conn:
        return upkeep.counts(conn).get("page.done", 0)


def cpu(pid: int) -> float:
    """Return the CPU seconds of a process and all below it, start-up included."""
    total = 0
    for one in (pid, *offspring(pid)):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(part) for part in fields[11:15])
    return total / TICKS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--daemons", type=int, default=3)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--pause", type=float, default=5, help="seconds between two kills")
    parser.add_argument("--news", type=int, default=4, help="articles printed between two kills")
    parser.add_argument("--every", default="20s")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--throughput", action="store_true")
    parser.add_argument("--pages", type=int, default=8, help="pages of each host, for --throughput")
    arguments = parser.parse_args()
    run: Callable[[argparse.Namespace], int] = throughput if arguments.throughput else killing
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
