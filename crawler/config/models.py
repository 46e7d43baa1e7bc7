"""The shape of config.yaml. Every key has a default or is required; unknown keys are errors."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from crawler.config.rules import Language, Moment, Names, When, Windows
from crawler.config.units import Duration, Size
from crawler.config.web import Metrics, Web

DEFAULT_USER_AGENT = "raisewire/0.1 (+https://github.com/raisewire/raisewire)"


class Model(BaseModel):
    """A part of the config: frozen, and strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Http(Model):
    """Manners and limits on the wire."""

    user_agent: str = DEFAULT_USER_AGENT
    per_host_delay: Duration = timedelta(seconds=1)
    concurrency: int = Field(default=256, ge=1, le=4096)
    max_body: Size = 8_000_000
    timeout: Duration = timedelta(seconds=30)
    allow_private: tuple[str, ...] = ()
    reactor: bool = False  # True: Twisted's reactor instead of plain asyncio
    browser: Path | None = None  # Chromium, for pages whose words are made by scripts


class Extract(Model):
    """The process pool that reads pages."""

    workers: int = Field(default=2, ge=0, le=64)
    timeout: Duration = timedelta(seconds=10)


class Defaults(Model):
    """What a source has when it does not say."""

    every: Duration = timedelta(minutes=15)


class Catalogue(Model):
    """Which enabled entries of the shipped catalogue to watch."""

    groups: tuple[str, ...] | Literal["any"] = "any"
    languages: tuple[str, ...] | Literal["any"] = "any"


class Retention(Model):
    """How long what is not needed any more is kept; deals and their proof stay for ever."""

    bodies: Duration = timedelta(days=90)  # words of articles
    alerts: Duration | None = None  # what was delivered or suppressed; None: for ever


class SourceEntry(Model):
    """A source of the user's own."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,80}$")
    kind: str
    url: str
    every: Duration | None = None
    language: str = "und"
    country: str | None = None
    source_class: Literal["filing", "issuer", "wire", "outlet", "aggregator"] = "outlet"
    enabled: bool = True
    allow_private: tuple[str, ...] = ()
    options: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _rendering(self) -> SourceEntry:
        if self.options.get("render", "shell") not in {"shell", "always", "never"}:
            raise ValueError("options.render is shell, always or never")
        return self


class Watch(Model):
    """A company or investor to follow, with the other names it goes by."""

    name: str
    aliases: tuple[str, ...] = ()


class ChannelBase(Model):
    """What every channel may say."""

    language: Language = "en"  # of our words, numbers and dates; proof stays in its own
    timeout: Duration = timedelta(seconds=15)
    per_minute: float | None = Field(default=None, gt=0)  # default: Slack 60, e-mail 20, else 60
    burst: int = Field(default=20, ge=1)  # more waiting than this become one digest
    templates: Path | None = None  # a folder whose files replace the shipped ones by name


class SlackChannel(ChannelBase):
    """Slack, by incoming webhook or by bot token and channel."""

    type: Literal["slack"]
    webhook_url: SecretStr | None = None
    bot_token: SecretStr | None = None
    channel: str | None = None
    api_url: str = "https://slack.com/api/"

    @model_validator(mode="after")
    def _one_way_in(self) -> SlackChannel:
        if (self.webhook_url is None) == (self.bot_token is None):
            raise ValueError("give either webhook_url, or bot_token and channel")
        if self.bot_token is not None and not self.channel:
            raise ValueError("bot_token also needs channel")
        return self


class EmailChannel(ChannelBase):
    """E-mail by SMTP: smtp://, smtp+starttls:// or smtps://."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    type: Literal["email"]
    smtp: SecretStr
    sender: str = Field(alias="from")
    to: tuple[str, ...] = Field(min_length=1)
    ca: Path | None = None  # PEM bundle, where the mail server's certificate is a private one's


class WebhookChannel(ChannelBase):
    """JSON over HTTP POST, signed."""

    type: Literal["webhook"]
    url: SecretStr
    secret: SecretStr | None = None  # signs each body (HMAC-SHA256)
    ca: Path | None = None  # PEM bundle, where the receiver's certificate is a private one's


class CommandChannel(ChannelBase):
    """A program of the user's own: JSON on its standard input."""

    type: Literal["command"]
    argv: tuple[str, ...] = Field(min_length=1)
    timeout: Duration = timedelta(seconds=30)  # then its whole process group is ended


class AppriseChannel(ChannelBase):
    """Any of the 100+ services that Apprise knows."""

    type: Literal["apprise"]
    url: SecretStr


Channel = Annotated[
    SlackChannel | EmailChannel | WebhookChannel | CommandChannel | AppriseChannel,
    Field(discriminator="type"),
]


class AlertRule(Model):
    """Who is told what."""

    name: str
    when: When = When()
    to: tuple[str, ...] = Field(min_length=1)
    digest: Literal["none", "hourly", "daily", "weekly"] = "none"
    digest_at: Moment = Moment()
    quiet_hours: Windows = ()  # held until the window ends, then sent as one digest
    market_hours: Windows = ()  # outside these it is held until they open
    mute: Names = ()  # companies this rule never speaks of


class Operators(Model):
    """Who hears of raisewire itself: that it is alive, and that a channel is in trouble."""

    to: Names = ()  # channels; name two, so that one can tell of the other
    heartbeat: Moment | None = None  # once a day

    @model_validator(mode="after")
    def _somebody(self) -> Operators:
        if self.heartbeat is not None and not self.to:
            raise ValueError("heartbeat needs `to`: the channels that hear it")
        return self


class Llm(Model):
    """A language model that is asked about doubtful events. Their text then leaves the machine."""

    base_url: str = Field(pattern=r"^https?://[^\s/@?#]+(?:/[^\s?#]*)?$")
    model: str = Field(min_length=1)
    api_key: SecretStr | None = None
    per_day: int = Field(default=500, ge=0)  # questions
    timeout: Duration = timedelta(seconds=20)  # of one question, as a whole
    cache: Path = Path("raisewire-llm")  # a folder for the answers
    keep: Duration = timedelta(days=30)  # answers
    band: tuple[float, float] | None = None  # probabilities; default: between store and alert

    @model_validator(mode="after")
    def _rising(self) -> Llm:
        if self.band is not None and not 0 <= self.band[0] < self.band[1] <= 1:
            raise ValueError("band is two rising probabilities, such as [0.2, 0.7]")
        return self


class Config(Model):
    """The whole of config.yaml."""

    database: str = "sqlite:///raisewire.db"
    workers: Literal["inline", "procrastinate"] = "inline"  # who asks: the daemon, or workers
    http: Http = Http()
    extract: Extract = Extract()
    defaults: Defaults = Defaults()
    catalogue: Catalogue | None = None
    sources: tuple[SourceEntry, ...] = ()
    watchlist: tuple[Watch, ...] = ()
    channels: dict[str, Channel] = Field(default_factory=dict)
    alerts: tuple[AlertRule, ...] = ()
    muted: Names = ()  # companies that no rule speaks of
    operators: Operators = Operators()
    llm: Llm | None = None
    dashboard_url: str | None = None
    web: Web = Web()
    metrics: Metrics = Metrics()
    retention: Retention = Retention()
    archive: Duration = timedelta(days=7)  # how long raw pages are kept; 0s: not at all
    shutdown_grace: Duration = timedelta(seconds=25)
