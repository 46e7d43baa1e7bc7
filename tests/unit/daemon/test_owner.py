"""A lease names its process, and a process that has ended is told from one that lives."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from crawler.owner import is_over, owner
from crawler.store import frontier, leases, outbox


def of_a_dead_process(role: str = "crawl") -> str:
    code = f"from crawler.owner import owner; print(owner({role!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_we_are_alive():
    assert not is_over(owner("crawl"))
    assert not is_over(owner("daemon"), leading=True)


def test_a_process_that_ended_is_over():
    assert is_over(of_a_dead_process())


def test_a_process_number_that_was_given_again_is_over():
    role, machine, pid, _, desk = owner("crawl").split(" ")
    assert is_over(f"{role} {machine} {pid} 17 {desk}")


def test_a_process_that_the_kernel_hides_is_taken_to_be_alive():
    """As under systemd's ProtectProc=invisible, where every service has a user of its own."""
    ask = f'from crawler.owner import is_over; print(is_over("{owner("daemon")}"))'
    hidden = (
        "mount -t proc -o hidepid=2 proc /proc && "
        f"exec setpriv --reuid=65534 --clear-groups {sys.executable} -c '{ask}'"
    )
    command = ["unshare", "--mount", "sh", "-c", hidden]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr or "Permission denied" in done.stderr:
        pytest.skip("only root can hide processes")
    assert done.stdout.strip() == "False", done.stderr


def test_who_leads_knows_that_other_daemons_are_over_wherever_they_ran():
    elsewhere = "daemon other-machine 4711 17 desk"
    assert is_over(elsewhere, leading=True)
    assert not is_over(elsewhere)
    assert not is_over("crawl other-machine 4711 17 desk", leading=True)


def test_a_name_that_is_none_of_ours_is_left_alone():
    assert not is_over("somebody", leading=True)


def test_what_the_dead_had_out_is_due_again_at_once(store, nouns):
    lease = timedelta(minutes=10)
    with store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], nouns.now)
        outbox.enqueue(conn, [nouns.alert()], nouns.now)
        frontier.take_due(conn, nouns.now, 5, owner="dead", lease=lease)
        outbox.claim(conn, "desk", "dead", nouns.now, lease)
        assert leases.owners(conn) == {"dead"}
        assert leases.give_back(conn, "dead", nouns.now) == 2
        assert leases.owners(conn) == set()
        assert len(frontier.take_due(conn, nouns.now, 5, owner="me", lease=lease)) == 1
        assert outbox.claim(conn, "desk", "me", nouns.now, lease)
