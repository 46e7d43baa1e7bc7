"""Sums as newsrooms write them, in ten languages; the table is data."""

from decimal import Decimal
from pathlib import Path

import pytest

from crawler.classify.money import Money, find

TABLE = Path(__file__).parents[2] / "corpus" / "money.tsv"
ROWS = [
    line.split("\t")
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def shown(money: Money) -> str:
    """Write a sum as the table does."""
    span = f"{money.value:f}" + (f"..{money.value_max:f}" if money.value_max else "")
    parts = [span, money.currency or "?"]
    parts += [money.qualifier.value] if money.qualifier.value != "exact" else []
    parts += [f"={money.other.value:f} {money.other.currency}"] if money.other else []
    return " ".join(parts)


def wanted(cell: str) -> str:
    """Spell the table's 5e6 out as 5000000."""
    return " ".join(_plain(word) for word in cell.split())


def _plain(word: str) -> str:
    lead = "=" if word.startswith("=") else ""
    ends = word.lstrip("=").split("..")
    if not all(end[:1].isdigit() for end in ends):
        return word
    values = [Decimal(end) for end in ends]
    return lead + "..".join(
        f"{int(v) if v == v.to_integral_value() else v.normalize():f}"
        if v != int(v)
        else str(int(v))
        for v in values
    )


def read(lang: str, country: str, words: str) -> str:
    """Read a row's words; a bare count is no money."""
    return " ; ".join(shown(money) for money in find(words, lang, country or None)) or "-"


@pytest.mark.parametrize(("lang", "country", "words", "cell"), ROWS)
def test_a_sum_is_read_as_a_reader_would(lang, country, words, cell):
    assert read(lang, country, words) == wanted(cell)


def test_the_table_has_four_hundred_rows_in_ten_languages():
    assert len(ROWS) >= 400
    assert {row[0] for row in ROWS} >= {"en", "it", "zh", "de", "fr", "es", "pt", "ja", "ko", "tr"}
