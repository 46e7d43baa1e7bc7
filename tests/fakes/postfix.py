"""
Debian's Postfix on a loopback port, with a configuration and a spool of its own.

    with Postfix(folder, mailboxes=["anna"], later=["slow"]) as server:
        ...  # send to server.url()
        letter = server.letters("anna")[0]

It takes mail for its mailboxes at example.org, puts `later` off with 450, and refuses all else.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Self

PROGRAM = Path("/usr/sbin/postfix")
_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
_MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {home}/data
maillog_file = {home}/mail.log
maillog_file_prefixes = {home}
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
alias_maps =
local_recipient_maps =
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_cert_file = {chain}
smtpd_tls_key_file = {chain}
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {later} }}, reject_unauth_destination
virtual_mailbox_domains = example.org
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
"""


class Postfix:
    """A mail server in `home`, which must be a folder that every user can walk into."""

    def __init__(
        self, home: Path, chain: Path, *, mailboxes: Sequence[str], later: Sequence[str] = ()
    ) -> None:
        self.home = home
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        known = [*mailboxes, *later]
        for name in ("etc", "spool", "data", "mail"):
            (home / name).mkdir()
        (home / "mail").chmod(0o777)
        shutil.chown(home / "data", "postfix")
        shutil.copy(chain, home / "chain.pem")
        main = _MAIN.format(
            home=home,
            chain=home / "chain.pem",
            later=", ".join(f"{{{name}@example.org = 450 4.2.0 greylisted}}" for name in later)
            or "{nobody@example.org = OK}",
            boxes=", ".join(f"{{{name}@example.org = {name}/}}" for name in known),
        )
        (home / "etc" / "main.cf").write_text(main)
        (home / "etc" / "master.cf").write_text(_SERVICES.format(port=self.port))

    def url(self, scheme: str = "smtp+starttls") -> str:
        return f"{scheme}://127.0.0.1:{self.port}"

    def letters(self, name: str, count: int = 1, seconds: float = 15) -> list[EmailMessage]:
        """Return a mailbox's letters, oldest first, once there are `count`."""
        box, end = self.home / "mail" / name / "new", time.monotonic() + seconds
        while not box.is_dir() or len(list(box.iterdir())) < count:
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)
        files = sorted(box.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def log(self) -> str:
        file = self.home / "mail.log"
        return file.read_text() if file.exists() else "no log"

    def __enter__(self) -> Self:
        self._run("start")
        end = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._run("stop")

    def _run(self, word: str) -> None:
        command = [PROGRAM, "-c", self.home / "etc", word]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr + self.log()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as talk:
                return talk.recv(3) == b"220"
        except OSError:
            return False
