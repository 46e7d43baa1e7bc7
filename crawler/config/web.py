"""Who may use the dashboard and its API, and where the daemon shows its metrics."""

from __future__ import annotations

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
