"""What the words around a candidate say of it: the title, the genre, the years, the refusals."""

from __future__ import annotations

import re
from functools import cache

from crawler.classify.reading import Line, Reading

_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]\d|\d|%)")
_NAMED = ("status", "genre", "refuse")


def years(line: Line, reading: Reading) -> dict[str, float]:
    """Tell whether a line speaks of years before the article's own: history, mostly."""
    published = reading.document.published
    if published is None:
        return {}
    named = [int(year) for year in _YEAR.findall(line.sentence.text)]
    past = [year for year in named if 1990 < year < published.year]
    return {
        "past_year": float(bool(past)),
        "only_past_years": float(bool(past) and len(past) == len(named)),
        "this_year": float(published.year in named),
    }


@cache
def _feature(place: str, kind: str, means: str) -> str:
    return f"{place}_{kind}_{means}".replace(" ", "_")


def _means(place: str, line: Line) -> dict[str, float]:
    return {
        _feature(place, c.kind, c.means): 1.0 for c in line.cues if c.kind in _NAMED and c.means
    }


def describe(line: Line, reading: Reading) -> dict[str, float]:
    """Return the features of a line in its article."""
    found = {**years(line, reading), **_means("line", line)}
    if reading.lines:
        found |= _means("title", reading.lines[0])
        found["title_correction"] = float(reading.lines[0].has("correction"))
    genres = {c.means for other in reading.lines for c in other.cues if c.kind == "genre"}
    found |= {_feature("any", "genre", means): 1.0 for means in genres if means}
    found["denials"] = min(sum("denied" in ln.means("status") for ln in reading.lines), 3) / 3
    found["priors"] = min(sum(ln.has("prior") for ln in reading.lines), 8) / 8
    return found
