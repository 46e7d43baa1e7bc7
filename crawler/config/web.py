"""Who may use the dashboard and its API, and where the daemon shows its metrics."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

_LEAST = 22  # characters: 128 bits in base64; in hexadecimal they are 32
_KINDS = 8  # different characters: "aaaa…" is long, and no secret
Scope = Literal["read", "review", "admin"]


def _strong(token: SecretStr) -> SecretStr:
    """Refuse what can be guessed: a token has at least 128 bits."""
    text = token.get_secret_value()
    if len(text) < _LEAST or len(set(text)) < _KINDS or not text.isascii() or " " in text:
        raise ValueError("is too easy to guess; make one with `raisewire web --new-token`")
    return token


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Token(_Part):
    """One person's or program's key. Each scope includes those before it."""

    token: Annotated[SecretStr, AfterValidator(_strong)]
    scope: Scope = "read"


class Web(_Part):
    """The dashboard and its API."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    tokens: dict[str, Token] = Field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()  # names it goes by, beside localhost and dashboard_url
    requests_per_minute: int = Field(default=600, ge=1)  # of the API, by token or address


class Metrics(_Part):
    """Where the daemon shows its metrics; nowhere by default."""

    listen: str | None = Field(default=None, pattern=r"^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$")

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port."""
        host, _, port = (self.listen or "").rpartition(":")
        return (host.strip("[]"), int(port)) if host else None

    @property
    def is_private(self) -> bool:
        """Tell whether only this machine sees them."""
        return self.address is None or is_loopback(self.address[0])


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address that is listened on."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
