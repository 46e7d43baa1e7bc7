"""
The `when` of an alert rule, and the hours in which it may speak.

    when:
      type: [funding, bond]
      min_usd: 50_000_000
      status_not: [rumoured]
      any:
        - {investor: [Sequoia, Lightspeed], lead_only: true}
        - {watchlist: true}
      not: {language: [ja]}
    market_hours: "mon-fri 09:30-16:00 America/New_York"
"""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crawler.types import BondType, DealType, Qualifier, Round, SourceClass, Status

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(
    r"(?:(?P<days>[a-z]{3}(?:[-,][a-z]{3})*)\s+)?"
    r"(?P<start>\d{1,2}:\d{2})\s*[-–]\s*(?P<end>\d{1,2}:\d{2})\s+(?P<zone>\S+)",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"(?:(?P<day>[a-z]{3})\s+)?(?P<at>\d{1,2}:\d{2})(?:\s+(?P<zone>\S+))?", re.IGNORECASE
)


def _listed(value: object) -> object:
    """Let `type: bond` stand for `type: [bond]`."""
    return (value,) if isinstance(value, str) else value


def _code(pattern: str, like: str) -> AfterValidator:
    """Check each code of a list against `pattern`, and say what one looks like."""

    def check(codes: tuple[str, ...]) -> tuple[str, ...]:
        for code in codes:
            if not re.fullmatch(pattern, code):
                raise ValueError(f"{code!r} is no code: write it like {like}")
        return codes

    return AfterValidator(check)


def _ordered(low: float | None, high: float | None, name: str) -> None:
    if low is not None and high is not None and low > high:
        raise ValueError(f"min_{name} {low:,} is more than max_{name} {high:,}: nothing can match")


_Listed = BeforeValidator(_listed)
Types = Annotated[tuple[DealType, ...], _Listed]
Statuses = Annotated[tuple[Status, ...], _Listed]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], _Listed]
Currencies = Annotated[tuple[str, ...], _Listed, _code(r"[A-Z]{3}", "USD")]
Countries = Annotated[tuple[str, ...], _Listed, _code(r"[A-Z]{2}", "IT")]
Languages = Annotated[tuple[str, ...], _Listed, _code(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", "it")]


class Condition(BaseModel):
    """All conditions given must hold; those not given hold always."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    type: Types | None = None
    status: Statuses | None = None
    status_not: Statuses = ()
    min_usd: float | None = Field(default=None, ge=0)  # a range counts by its upper end
    max_usd: float | None = Field(default=None, ge=0)  # a range counts by its lower end
    qualifier: Annotated[tuple[Qualifier, ...], _Listed] | None = None
    round: Annotated[tuple[Round, ...], _Listed] | None = None
    bond_type: Annotated[tuple[BondType, ...], _Listed] | None = None
    min_tenor: float | None = Field(default=None, ge=0)  # years; one tranche is enough
    max_tenor: float | None = Field(default=None, ge=0)
    min_coupon: float | None = Field(default=None, ge=0)  # per cent; one tranche is enough
    max_coupon: float | None = Field(default=None, ge=0)
    currency: Currencies | None = None
    country: Countries | None = None  # of an outlet that reports it
    language: Languages | None = None  # of an article that reports it
    languages: Annotated[Literal["any"] | Languages, Field(union_mode="left_to_right")] = (
        "any"  # the same, as `catalogue` spells it
    )
    company: Names | None = None
    investor: Names | None = None
    lead_only: bool = False  # the investor must lead; without `investor`: a lead must be named
    watchlist: bool = False  # the company or an investor is on the watchlist
    min_confidence: float | None = Field(default=None, ge=0, le=1)
    source_class: Annotated[tuple[SourceClass, ...], _Listed] | None = None
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] | None = Field(default=None, min_length=1)
    not_: Condition | None = Field(default=None, alias="not")

    @model_validator(mode="before")
    @classmethod
    def _spelled_any(cls, given: object) -> object:
        """Let `languages: any`, `status: any` … mean what they say: no condition."""
        if not isinstance(given, dict):
            return given
        return {key: value for key, value in given.items() if value != "any" or key == "languages"}

    @model_validator(mode="after")
    def _can_match(self) -> Self:
        _ordered(self.min_usd, self.max_usd, "usd")
        _ordered(self.min_tenor, self.max_tenor, "tenor")
        _ordered(self.min_coupon, self.max_coupon, "coupon")
        both = set(self.status or ()) & set(self.status_not)
        if both:
            raise ValueError(f"{min(both)} is in status and in status_not: nothing can match")
        return self


class When(Condition):
    """What a rule asks of a deal; unlike a nested condition it asks for a type by default."""

    type: Types | None = (DealType.FUNDING, DealType.BOND)


class Hours(BaseModel):
    """
    Hours of a week in a named time zone, written `[mon-fri] 09:30-16:00 Europe/Rome`.

    An end before the start is on the next day; the day names say when a window starts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: time
    end: time
    zone: str
    days: tuple[int, ...] = tuple(range(7))  # Monday is 0

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, given: Any) -> Any:  # noqa: ANN401 - whatever YAML held
        return _hours(given) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        _zone(self.zone)
        return self


def _zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as e:
        raise ValueError(f"no time zone {name!r}: write Europe/Rome or UTC") from e


def _hours(text: str) -> dict[str, object]:
    match = _HOURS.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} are no hours: write 'mon-fri 09:30-16:00 Europe/Rome'")
    return {
        "start": _time(match["start"]),
        "end": _time(match["end"]),
        "zone": match["zone"],
        "days": _days(match["days"] or "mon-sun"),
    }


def _time(text: str) -> time:
    hour, minute = (int(part) for part in text.split(":"))
    if hour == 24 and minute == 0:
        return time(0)
    if hour > 23 or minute > 59:
        raise ValueError(f"{text} is no time of day: write 00:00 to 23:59")
    return time(hour, minute)


def _days(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for span in text.lower().split(","):
        first, _, last = span.partition("-")
        for name in (first, last or first):
            if name not in DAYS:
                raise ValueError(f"{name!r} is no day: write {', '.join(DAYS)}")
        low, high = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(low, high + 1 + 7 * (high < low))}
    return tuple(sorted(found))


def _several(value: object) -> object:
    return (value,) if isinstance(value, (str, dict)) else value


class Moment(BaseModel):
    """When a digest goes out, written `[mon] 08:00 Europe/Rome` (the day counts for weekly)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    at: time = time(8)
    zone: str = "UTC"
    day: int = 0  # Monday

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, given: Any) -> Any:  # noqa: ANN401 - whatever YAML held
        return _moment(given) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        _zone(self.zone)
        return self


def _moment(text: str) -> dict[str, object]:
    match = _MOMENT.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no time of day: write '08:00 Europe/Rome'")
    day = _days(match["day"] or "mon")[0]
    return {"at": _time(match["at"]), "zone": match["zone"] or "UTC", "day": day}


Windows = Annotated[tuple[Hours, ...], BeforeValidator(_several)]


def _locale(code: str) -> str:
    from babel import Locale  # late: only a config that names a language needs it

    try:
        Locale.parse(code, sep="-")
    except (ValueError, LookupError) as e:
        raise ValueError(f"no language {code!r}: write en, it, zh …") from e
    return code


Language = Annotated[str, AfterValidator(_locale)]  # one that numbers and dates can be put in
