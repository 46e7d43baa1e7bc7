"""
Which language is a document in? What the source says, if the script agrees; else we look.

A wrong label is common (a Chinese feed marked "en"), so script has the last word. Latin text
that says nothing is judged by its small words first and by py3langid only if those are mute.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

from crawler.classify import cues
from crawler.types import Document

_LOOK = 700  # characters looked at
_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
)
_OTHER = re.compile(r"[\u0370-\u1fff]")  # Greek, Cyrillic, Hebrew, Arabic, Indic …
_FOREIGN = re.compile(r"[\u0370-\U0010ffff]")  # no Latin letter
_LETTER = re.compile(r"[^\W\d_]")
_SMALL = {
    "en": "the of and to in that is for with was its has by from",
    "it": "il di che la per del della una con sono nel gli alla ha le",
    "de": "der die das und den von mit ist für auf ein eine dem zu hat",
    "fr": "le la les des et du une dans est pour par sur qui au ses",
    "es": "el que los las del por una con para su al lo y más sus",
    "pt": "o de que da do em um para com uma os no na das não",
    "tr": "ve bir bu için ile olarak olan da de yılında milyon lira şirketi yatırım aldı",
    "nl": "de het een van en dat is op te voor met zijn niet aan er",
    "sv": "och att det som en är för på med av till den har ett",
}
_VOTES = {lang: frozenset(words.split()) for lang, words in _SMALL.items()}
_MARKED = re.compile(r"[a-zà-ÿçğıöşü]+")


def _script(sample: str) -> str:
    """Return the language of a script of its own, `und` for a foreign one, "" for Latin."""
    if not _FOREIGN.search(sample):
        return ""
    letters = len(_LETTER.findall(sample)) or 1
    for lang, marks in _SCRIPTS:
        share = len(marks.findall(sample)) / letters
        if share > (0.08 if lang == "ja" else 0.2):
            return lang
    return "und" if len(_OTHER.findall(sample)) / letters > 0.3 else ""


def _shares(sample: str) -> dict[str, float]:
    """Return what share of a text's words are the small words of each language."""
    words = _MARKED.findall(sample.lower())
    if len(words) < 12:
        return {}
    counted = Counter(words)
    return {
        lang: sum([counted[w] for w in small if w in counted]) / len(words)
        for lang, small in _VOTES.items()
    }


def _by_small_words(shares: dict[str, float], said: str) -> str:
    """Return the language the small words speak for, if clearly and not just against `said`."""
    ranked = sorted(shares, key=lambda lang: -shares[lang])
    if not ranked or shares[ranked[0]] < 0.1:
        return ""
    best, rival = ranked[0], said if said in shares else ranked[1]
    # "en" is what careless feeds say of everything; any other label was chosen.
    factor = 1.5 if said in {"en", "und"} else 3
    return best if best == said or shares[best] > factor * shares[rival] else ""


# Languages of the Latin script with a business press: fewer to choose from, surer of a headline.
_LATIN = (
    "en it de fr es pt nl sv da no fi pl cs sk sl hr ro hu tr id ms ca gl vi et lv lt sq is af sw "
    "tl az eu ga cy mt"
)


@cache
def _identifier() -> Any:  # noqa: ANN401 - an untyped library's object
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    found.set_languages(_LATIN.split())
    return found


def _by_model(sample: str) -> str:
    """Ask py3langid (its model takes most of a second to load); "und" when it is not sure."""
    found, sure = _identifier().classify(sample)
    return str(found) if sure > 0.6 else "und"


def detect(document: Document) -> str:
    """Return the language of a document as ISO 639-1, or "und"."""
    sample = f"{document.title[:_LOOK]} {document.text[:_LOOK]}"
    script = _script(sample)
    if script:
        return script
    said = (document.lang or "und").lower().replace("_", "-").partition("-")[0]
    if looked := _by_small_words(_shares(sample), said):
        return looked
    if said in cues.UNSPACED or said in {"und", ""}:
        return _by_model(sample) if _LETTER.search(sample) else "und"
    return said
