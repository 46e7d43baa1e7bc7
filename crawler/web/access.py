"""
Who asks, and what may she do? Decisions only: no request, no clock of its own.

Without tokens the house is open, to this machine. With tokens every address but the few in
`OPEN` wants one: as `Authorization: Bearer`, as the password of `Basic` (feed readers know
nothing else), or as the cookie that the login page gives.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from crawler.config import Config
from crawler.config.web import is_loopback
from crawler.errors import UsageError

SCOPES = ("read", "review", "admin")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = ("/healthz", "/readyz", "/login")  # what answers a stranger
OPEN_UNDER = "/static/"
_REVIEW = ("/deals/", "/review", "/api/v1/deals/", "/api/v1/decisions/")
_OWN = ("/logout",)  # what whoever is in may do
_NO_NAME = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - nobody is asked for by them
_HOME = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `way`: open, bearer, basic or cookie."""

    name: str
    scope: str
    way: str

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scope and all that it includes."""
        return frozenset(SCOPES[: SCOPES.index(self.scope) + 1])


def new_token() -> str:
    """Return a token of 256 bits."""
    return secrets.token_urlsafe(32)


def needed(method: str, path: str) -> str:
    """Return the scope that a request wants; "" for what is open to strangers."""
    if path in OPEN or path.startswith(OPEN_UNDER):
        return ""
    if method in SAFE or path in _OWN:
        return "read"
    return "review" if path.startswith(_REVIEW) else "admin"


def check_bind(config: Config, host: str) -> None:
    """
    Refuse to show the house to the network without a lock on its door.

    Raises:
        UsageError: `host` is more than loopback, and there are no tokens.
    """
    if not is_loopback(host) and not config.web.tokens:
        raise UsageError(
            f"listening on {host} shows the dashboard to others: give it tokens first"
            " (config key web.tokens; `raisewire web --new-token` makes one)"
        )


@dataclass(frozen=True, slots=True)
class Door:
    """What the config says of who may come in. `key` signs cookies and forms."""

    tokens: Mapping[str, tuple[bytes, str]]  # name -> the token's digest, scope
    hosts: frozenset[str]
    key: bytes
    public: str = ""  # the origin under which it is reached, where that is known

    @classmethod
    def of(cls, config: Config, host: str) -> Self:
        """Make one; changing the tokens ends every login."""
        public = urlsplit(config.dashboard_url or "")
        names = {host, *_HOME, *config.web.allowed_hosts, public.hostname or ""} - _NO_NAME
        tokens = {
            name: (_digest(one.token.get_secret_value()), one.scope)
            for name, one in config.web.tokens.items()
        }
        whole = b"".join(digest for digest, _ in tokens.values())
        key = hashlib.sha256(b"raisewire" + whole).digest() if tokens else secrets.token_bytes(32)
        hosts = frozenset(name.lower().strip("[]") for name in names)
        origin = f"{public.scheme}://{public.netloc}" if public.netloc else ""
        return cls(tokens, hosts, key, origin)

    @property
    def cookie(self) -> str:
        """Name the login's cookie; the prefix holds browsers to Secure, `/` and no Domain."""
        return "__Host-raisewire" if self.secure else "raisewire"

    @property
    def secure(self) -> bool:
        """Tell whether it is reached by https."""
        return self.public.startswith("https:")

    def admits(self, host: str) -> bool:
        """Tell whether a Host header names us: others come by DNS rebinding."""
        return host_of(host) in self.hosts

    def bearer(self, header: str) -> Visitor | None:
        """Return who an Authorization header is; None for nobody."""
        way, _, said = header.partition(" ")
        if way.lower() == "basic":
            return self.holder(_password(said), "basic")
        return self.holder(said.strip(), "bearer") if way.lower() == "bearer" else None

    def holder(self, token: str, way: str) -> Visitor | None:
        """Return whose token it is, in a time that does not depend on the token."""
        given, found = _digest(token), None
        for name, (digest, scope) in self.tokens.items():
            if hmac.compare_digest(given, digest):
                found = Visitor(name, scope, way)
        return found

    def pass_for(self, name: str, until: datetime) -> str:
        """Return the cookie of one who has logged in."""
        text = f"{int(until.timestamp())}.{name}"
        return f"{text}.{self._sign('pass', text)}"

    def by_pass(self, cookie: str, now: datetime) -> Visitor | None:
        """Return whose cookie it is, if it still holds."""
        text, _, signature = cookie.rpartition(".")
        until, _, name = text.partition(".")
        good = hmac.compare_digest(signature.encode(), self._sign("pass", text).encode())
        if not good or not until.isdecimal() or int(until) < now.timestamp():
            return None
        known = self.tokens.get(name)
        return Visitor(name, known[1], "cookie") if known else None

    def form_token(self, session: str) -> str:
        """Return what a form of this session must bring along: no other site can know it."""
        return self._sign("form", session)

    def is_form_token(self, given: str, session: str) -> bool:
        """Tell whether a form is one of ours."""
        return hmac.compare_digest(given.encode(), self.form_token(session).encode())

    def _sign(self, what: str, text: str) -> str:
        return hmac.new(self.key, f"{what}:{text}".encode(), hashlib.sha256).hexdigest()


def foreign(headers: Mapping[str, str], public: str) -> bool:
    """
    Tell whether a browser says that another site sends this (Fetch Metadata, Origin).

    `public` is the origin that a proxy shows to the world, "" for none.
    """
    site = headers.get("sec-fetch-site", "none")
    if site not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin")
    if origin is None or origin == public:
        return False
    if origin == "null":  # what a browser makes of a page's own under `no-referrer`
        return site != "same-origin"
    return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def host_of(header: str) -> str:
    """Return a Host header without its port, in lower case; "" if it is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""


def _password(said: str) -> str:
    try:
        return base64.b64decode(said, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
