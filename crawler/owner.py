"""
Whose lease is it? A process's name, from which others can tell whether it still lives.

    daemon host7 4711 88123 9f2c…      role, machine, process, when it was born, which desk

A lease that outlives its holder would keep work waiting for minutes: whoever starts next
gives it back at once.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

HIDDEN = "?"


def owner(role: str) -> str:
    """Return a new name for a lease holder of this process; `role` is one word."""
    return f"{role} {_machine()} {os.getpid()} {_born(os.getpid())} {uuid4().hex}"


def is_over(name: str, *, leading: bool = False) -> bool:
    """
    Tell whether the process that goes by `name` has certainly ended.

    `leading`: we are the one daemon of the database, so every other daemon is over. A process
    of another machine, or a name that is none of ours, is taken to be alive: its leases end
    by time.
    """
    parts = name.split(" ")
    if len(parts) != 5 or not parts[2].isdecimal():
        return False
    role, machine, pid, born, _ = parts
    here = machine == _machine()
    if here and int(pid) == os.getpid() and born == _born(os.getpid()):
        return False
    if leading and role == "daemon":
        return True
    return here and _born(int(pid)) not in {born, HIDDEN}


def _machine() -> str:
    """Return where process numbers mean the same: a machine, or a container on it."""
    name = os.uname().nodename.replace(" ", "-") or "?"
    with suppress(OSError):
        return f"{name}/{Path('/proc/self/ns/pid').readlink().name.strip('pid:[]')}"
    return name


def _born(pid: int) -> str:
    """Return when a process started, in ticks of the kernel; "" if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return _alive(pid)
    state, *rest = stat.rpartition(b")")[2].split()  # the name before it may hold anything
    return "" if state == b"Z" else rest[18].decode()


def _alive(pid: int) -> str:
    """
    Return `HIDDEN` for a process that exists, where the kernel does not tell when it started.

    Where systemd hides other users' processes (`ProtectProc=invisible`) it does not.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return HIDDEN
    return HIDDEN
