"""Tell systemd that we are ready and alive (sd_notify(3)); silent where there is none."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Send `state` to the socket systemd named, if it did."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(name)
        sock.sendall(state.encode())


def watchdog_seconds() -> float | None:
    """Return how often systemd wants to hear from us, in seconds."""
    usec = os.environ.get("WATCHDOG_USEC")
    return int(usec) / 1_000_000 if usec and usec.isdecimal() else None
