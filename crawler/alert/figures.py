"""Sums, dates and names of rounds as a reader of one language writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from crawler.alert.words import words
from crawler.types import BondType, Event, Qualifier, Round, Tranche, UsdBasis


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes for one language. Babel knows its numbers and dates, `words` our vocabulary."""

    lang: str

    @property
    def words(self) -> dict[str, Any]:
        """Our vocabulary."""
        return words(self.lang)

    @property
    def locale(self) -> Locale:
        """Babel's rules; British dates in English, for a desk reads day before month."""
        try:
            return Locale.parse("en_GB" if self.lang == "en" else self.lang.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            return Locale("en", "GB")

    def label(self, slot: str) -> str:
        """Return the name of a slot; the slot itself if it has none."""
        return str(self.words["label"].get(slot, slot.replace("_", " ")))

    def number(self, amount: Decimal | float) -> str:
        """Return every digit: `1,000,000,000`."""
        return str(format_decimal(amount, locale=self.locale))

    def short(self, amount: Decimal | float) -> str:
        """Return the figure as said aloud: `1.37 billion`, `10亿`."""
        if abs(float(amount)) < 10_000:
            return self.number(amount)
        forms = self.locale.compact_decimal_formats
        kind: Literal["long", "short"] = "long" if "long" in forms else "short"
        text = format_compact_decimal(
            amount, format_type=kind, locale=self.locale, fraction_digits=2
        )
        return str(text).replace("\xa0", " ")

    def sum(self, amount: Decimal, currency: str | None, *, full: bool = False) -> str:
        """Return `CNY 1 billion`, or `CNY 1,000,000,000`."""
        digits = self.number(amount) if full else self.short(amount)
        sign = {"USD": "US$"}.get(currency or "", f"{currency} " if currency else "")
        return f"{sign}{digits}"

    def amount(self, event: Event, *, full: bool = False) -> str:
        """Return the event's amount with its qualifier: `over CNY 1 billion`."""
        how = self.words["qualifier"]
        if event.amount is None:
            return str(how["undisclosed"])
        low = self.sum(event.amount, event.currency, full=full)
        if event.qualifier is Qualifier.RANGE and event.amount_max is not None:
            return str(
                how["range"].format(low, self.sum(event.amount_max, event.currency, full=full))
            )
        kind = event.qualifier
        plain = kind in {Qualifier.RANGE, Qualifier.UNDISCLOSED}
        return str(how["exact" if plain else kind.value].format(low))

    def usd(self, event: Event) -> str:
        """Return the dollars if they say more than the amount; a converted sum begins with ≈."""
        if event.amount_usd is None or event.currency == "USD":
            return ""
        about = "" if event.amount_usd_basis is UsdBasis.PRINTED else "≈ "
        return about + self.sum(event.amount_usd, "USD")

    def usd_basis(self, event: Event) -> str:
        """Return where the dollars come from: `as printed`, `at the day's rate`."""
        return str(self.words["basis"].get(event.amount_usd_basis.value, ""))

    def what(self, event: Event) -> str:
        """Return the kind of deal in a few words: `funding, Series B`, `bond (offshore)`."""
        kind = str(self.words["type"][event.type.value])
        if event.round and event.round is not Round.UNSPECIFIED:
            return f"{kind}, {self.round(event.round)}"
        if event.bond_types:
            return f"{kind} ({self.bond_types(event.bond_types)})"
        return kind

    def round(self, name: Round) -> str:
        """Return `Series B`, `B轮`."""
        table = self.words["round"]
        for prefix, form in (("pre_series_", "pre_series"), ("series_", "series")):
            if name.value.startswith(prefix):
                return str(table[form].format(name.value.removeprefix(prefix).upper()))
        return str(table[name.value])

    def bond_types(self, kinds: tuple[BondType, ...]) -> str:
        """Return `offshore, senior`."""
        return ", ".join(str(self.words["bond_type"][kind.value]) for kind in kinds)

    def status(self, event: Event) -> str:
        """Return the deal's status in a word."""
        return str(self.words["status"][event.status.value])

    def tranche(self, tranche: Tranche, currency: str | None) -> str:
        """Return one tranche in a line; what is unknown is left out."""
        w, parts = self.words, []
        if tranche.amount is not None:
            parts.append(self.sum(tranche.amount, tranche.currency or currency))
        if tranche.tenor_years is not None:
            parts.append(w["years"].format(self.number(tranche.tenor_years)))
        if tranche.maturity:
            parts.append(w["due"].format(tranche.maturity))
        if tranche.coupon_pct is not None:
            parts.append(w["coupon"].format(self.number(tranche.coupon_pct)))
        return " · ".join(parts)

    def when(self, at: datetime) -> str:
        """Return an instant in UTC: `24 Nov 2026, 11:05 UTC`."""
        text = format_datetime(at.astimezone(UTC), "d MMM y, HH:mm", locale=self.locale)
        if self.locale.language in {"zh", "ja", "ko"}:
            text = format_datetime(at.astimezone(UTC), "y-MM-dd HH:mm", locale=self.locale)
        return f"{text} UTC"

    def day(self, at: datetime) -> str:
        """Return a day in UTC: `24 Nov 2026`."""
        pattern = "y-MM-dd" if self.locale.language in {"zh", "ja", "ko"} else "d MMM y"
        return format_datetime(at.astimezone(UTC), pattern, locale=self.locale)

    def percent(self, share: float) -> str:
        """Return `97 %` as the language prints it."""
        return str(format_percent(share, locale=self.locale)).replace("\xa0", " ")

    def language(self, code: str) -> str:
        """Return the name of a language: `Italian`; the code itself if Babel has none."""
        try:
            return Locale.parse(code.replace("-", "_")).get_display_name(self.locale) or code
        except (UnknownLocaleError, ValueError):
            return code

    def names(self, names: tuple[str, ...], limit: int = 6) -> str:
        """Return a list of names, cut after `limit`."""
        shown = ", ".join(names[:limit])
        left = len(names) - limit
        return f"{shown} {self.words['more'].format(left)}" if left > 0 else shown
