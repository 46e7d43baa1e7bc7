"""
Which currency a figure is in: by sign, code, word, adjective, or the outlet's country.

A bare "$" is the dollar of the outlet's country, "¥" the yuan or the yen by language and by
the words around; "kr", "pesos", "rupees" and "francs" likewise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crawler.classify.moneywords import View, any_of, money_names

_REACH = 28  # characters looked at on each side of a figure
_FIGURES = frozenset("0123456789十百千万亿兆余多십백천만억조여")
_OPENING = 5_000  # characters asked for the country spoken of
_LETTER = r"[^\W\d_]"


@dataclass(frozen=True, slots=True)
class Mark:
    """A currency seen beside a figure: its name (a code or a family) and where it stands."""

    name: str
    start: int
    end: int
    nation: str | None = None
    sign: bool = False
    power: int = 0  # "mdd" and "MEUR" carry a scale, too


def before(view: View, start: int) -> Mark | None:
    """Return the currency mark that ends just before `start`."""
    low = view.low
    piece = low[max(0, start - _REACH) : start][::-1]
    match = _before().match(piece)
    if match is None:
        return _column(view, start)
    sign = match["mark"][::-1]
    at = start - match.end("mark")
    if not _well_cased(view, sign, at) or (sign[0] > "\u2e7f" and low[at - 1 : at] in _FIGURES):
        return None  # "5亿美元2028年": the word belongs to the figure before it
    name = _signs().get(sign) or sign.upper()
    return Mark(
        _aliased(name), at, start - len(match["gap"]), sign=sign.endswith("$") or sign in "¥£"
    )


def after(view: View, end: int, *, scaled: bool) -> Mark | None:
    """Return the currency mark that follows a figure ending at `end`."""
    return _after_cjk(view, end) or _after_sign(view, end) or _after_word(view, end, scaled=scaled)


def code(view: View, mark: Mark) -> str | None:
    """Turn a mark into its ISO 4217 code; None when the country it needs is another one."""
    name = mark.name
    if name.endswith("_ONLY"):
        return (
            name[:3] if _home(view) == {"VND": "vn", "PHP": "ph", "ZAR": "za"}[name[:3]] else None
        )
    family = money_names()["families"].get(name)
    if family is None:
        return name
    return family.get(mark.nation or "") or _by_place(view, mark, family) or str(family["default"])


def _by_place(view: View, mark: Mark, family: dict[str, str]) -> str | None:
    home = _home(view)
    if mark.name == "DOLLAR":
        bends = mark.sign or home in money_names()["word_countries"]
        if home is None and view.lang == "fr":  # Quebec's papers write "48 M$" for their own
            home = (
                "ca"
                if _score(view.low[:_OPENING], money_names()["hints"]["DOLLAR_FR"]["ca"])
                else None
            )
        return family.get(home or "") if bends and not _says_us(view) else None
    if mark.name == "YUAN":
        return family.get(view.country or _chinese_home(view.text) or "")
    return _by_hints(view, mark) or family.get(home or "")


@lru_cache(maxsize=4)
def _chinese_home(text: str) -> str | None:
    """Return where an article in traditional characters was printed; None for simplified."""
    top = text[:_OPENING]
    if not any(char in top for char in "億萬資發這個們"):
        return None
    counts = {home: _score(top, words) for home, words in money_names()["hints"]["YUAN"].items()}
    home = max(counts, key=lambda one: counts[one])
    return home if counts[home] else None


def _says_us(view: View) -> bool:
    """Tell whether the outlet marks its own dollars ("A$"), so that a bare one is American."""
    own = {"hk": "hk$", "sg": "s$", "tw": "nt$", "au": "a$", "ca": "c$", "nz": "nz$"}.get(
        view.country or ""
    )
    return bool(own) and _prints(view.low, own or "")


@lru_cache(maxsize=4)
def _prints(low: str, sign: str) -> bool:
    return re.search(rf"(?<![a-z]){re.escape(sign)}", low) is not None


def _home(view: View) -> str | None:
    return view.country or money_names()["languages"].get(view.lang)


def _by_hints(view: View, mark: Mark) -> str | None:
    """Ask the words nearby, then those of the whole text, which country is spoken of."""
    hints = money_names()["hints"].get(mark.name)
    if not hints or view.lang in {"ja", "zh"}:
        return None
    near = view.low[max(0, mark.start - 150) : mark.start + 150]
    for text in (near, view.low[:_OPENING]):
        scores = {nation: _score(text, words) for nation, words in hints.items()}
        best = max(scores, key=lambda nation: scores[nation])
        if scores[best]:
            return _family_member(mark.name, best)
    return None


def _score(text: str, words: list[str]) -> int:
    return sum(word in text for word in words)


def _family_member(name: str, nation: str) -> str | None:
    member = money_names()["families"][name].get(nation)
    return str(member) if member else None


def _aliased(name: str) -> str:
    return str(money_names()["code_aliases"].get(name, name))


_COLUMN = re.compile(
    r"[(（](?:单位\s?[:：]?\s?|단위\s?[:：]?\s?)?(?P<mark>원|円|元)[)）][\s|:：]{0,4}$"
)


def _column(view: View, start: int) -> Mark | None:
    """Return the currency that heads a table cell: "(원) | 25,000,000,000"."""
    if view.lang not in {"ko", "ja", "zh"}:
        return None
    match = _COLUMN.search(view.low, max(0, start - 12), start)
    return Mark(_cjk_names()[match["mark"]], start, start) if match is not None else None


# --- in front -----------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    return {str(sign): str(name) for sign, name in money_names()["signs"].items()}


@lru_cache(maxsize=1)
def _before() -> re.Pattern[str]:
    """Match, in reversed text, a mark and the spaces between it and the figure."""
    signs, codes = _signs(), [c.lower() for c in money_names()["codes"]]
    lettered = [s for s in [*signs, *codes] if s[0].isascii() and s[0].isalpha()]
    bare = [s for s in signs if s not in lettered]
    closed, open_ = any_of([s[::-1] for s in lettered]), any_of([s[::-1] for s in bare])
    return re.compile(rf"(?P<gap>[ ~-]{{0,2}})(?P<mark>(?:{closed})(?!{_LETTER})|(?:{open_}))")


def _well_cased(view: View, word: str, at: int) -> bool:
    """Codes are printed in capitals ("TRY", not "try"); one-letter signs, too."""
    printed = view.text[at : at + len(word)]
    if word in {"d", "p", "r"} or word.upper() in money_names()["codes"]:
        return printed.isupper() or word in money_names()["free_case"]
    if word in {"rm", "sr", "qr", "kd", "le", "tl"}:
        return printed.isupper()
    return not (word in {"rs", "re.", "dh", "ft"} and printed.islower())


# --- behind -------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _cjk_marks() -> re.Pattern[str]:
    names = money_names()
    parts = []
    for word in sorted(names["cjk"], key=lambda w: -len(w)):
        refused = names["cjk_not"].get(word, "")
        parts.append(re.escape(word.lower()) + (f"(?![{refused}])" if refused else ""))
    return re.compile(rf"[ ]?(?P<mark>{'|'.join(parts)})")


def _after_cjk(view: View, end: int) -> Mark | None:
    if view.low[end : end + 2].strip().isascii():
        return None
    match = _cjk_marks().match(view.low, end)
    if match is None:
        return None
    word = match["mark"]
    return Mark(_cjk_names()[word], match.start("mark"), match.end(), sign=False)


@lru_cache(maxsize=1)
def _cjk_names() -> dict[str, str]:
    return {str(word).lower(): str(name) for word, name in money_names()["cjk"].items()}


@lru_cache(maxsize=1)
def _sign_pattern() -> re.Pattern[str]:
    codes = any_of([c.lower() for c in money_names()["codes"]])
    packed = any_of(list(money_names()["packed"]))
    return re.compile(
        r"\.?[ \n-]?(?:(?P<sign>(?:us|a|c|hk|s|nt|r)\$|\$us|\$can|\$ca|[$€£¥₩₹₽₺₴₪฿₫₱₸])"
        rf"|(?P<code>{codes})(?!{_LETTER})|(?P<packed>{packed})(?!{_LETTER}))"
    )


_AFTER_SIGNS = {"$us": "USD", "$can": "CAD", "$ca": "CAD"}


def _after_sign(view: View, end: int) -> Mark | None:
    match = _sign_pattern().match(view.low, end)
    if match is None:
        return None
    if match["packed"]:
        power, name = money_names()["packed"][match["packed"]]
        return Mark(str(name), match.start("packed"), match.end(), power=int(power))
    if match["code"]:
        if not _well_cased(view, match["code"], match.start("code")):
            return None
        return Mark(_aliased(match["code"].upper()), match.start("code"), match.end())
    if re.match(r"[ ]?\d", view.low[match.end() : match.end() + 2]) and view.low[end : end + 1] in {
        " ",
        "-",
        "\n",
    }:
        return None  # "up 5 $300 million": the sign belongs to the next figure
    sign = match["sign"]
    return Mark(
        _AFTER_SIGNS.get(sign) or _signs()[sign], match.start("sign"), match.end(), sign=True
    )


@lru_cache(maxsize=1)
def _word_pattern() -> re.Pattern[str]:
    names = money_names()
    words = [str(w) for ws in names["nouns"].values() for w in ws if str(w)[0].isalpha()]
    adjectives = [str(w) for ws in names["nations"].values() for w in ws]
    adj = any_of(adjectives).replace(r"\ ", r"\s")
    return re.compile(
        r"\.?[ \n-](?:(?:of|di|de|d['’]|in|em|en|of the|des|dei)[ \n]?)?"
        rf"(?:(?P<pre>{adj})[ \n-]?)?(?:(?:offshore|onshore)[ ])?"
        rf"(?P<noun>{any_of(words)})(?!{_LETTER})(?:[ \n-](?P<post>{adj})(?!{_LETTER}))?"
        rf"|(?P<tight>['’]?(?:{any_of(words)}))(?!{_LETTER})"
    )


@lru_cache(maxsize=1)
def _noun_names() -> dict[str, str]:
    return {
        str(word): str(name) for name, words in money_names()["nouns"].items() for word in words
    }


@lru_cache(maxsize=1)
def _nation_of() -> dict[str, str]:
    return {
        str(word): str(nation)
        for nation, words in money_names()["nations"].items()
        for word in words
    }


def _after_word(view: View, end: int, *, scaled: bool) -> Mark | None:
    match = _word_pattern().match(view.low, end)
    if match is None:
        return None
    noun = match["noun"] or match["tight"]
    if noun in {"real", "won", "pence", "ft", "rs", "sol", "sols", "leu", "lei"} and not scaled:
        return None
    nation = _nation_of().get((match["pre"] or match["post"] or "").replace("\n", " "))
    return Mark(_noun_names()[noun.lstrip("'’")], match.start(), match.end(), nation=nation)
