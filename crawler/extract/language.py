"""Which language a text is in: the script decides, then the text, then what the page claims."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

_SAMPLE = 500  # characters; more does not change the answer
_ENOUGH = 100  # characters from which the text is believed against the page's claim

_PROOF = 3  # different function words of its own

_KANA = re.compile(r"[\u3041-\u30fa]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SCRIPTS = (
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u05d0-\u05ea]")),
    ("th", re.compile(r"[\u0e01-\u0e5b]")),
)
_LETTER = re.compile(r"[^\W\d_]")


def identify(text: str, claimed: str = "") -> str:
    """Return the ISO 639-1 code of `text`, or "und" when there is nothing to go by."""
    sample = text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters < 3:
        return claimed or "und"
    by_script = _east_asian(sample, letters) or _one_language_script(sample, letters)
    if by_script:
        return by_script
    if claimed and (letters < _ENOUGH or _borne_out(sample, claimed)):
        return claimed
    return _classify(sample)


def _east_asian(sample: str, letters: int) -> str:
    kana, hangul, han = (len(p.findall(sample)) for p in (_KANA, _HANGUL, _HAN))
    if kana + hangul + han < letters * 0.25:
        return ""
    if hangul > max(kana, han) / 2:
        return "ko"
    return "ja" if kana > (kana + han) * 0.08 else "zh"


def _one_language_script(sample: str, letters: int) -> str:
    return next((lang for lang, p in _SCRIPTS if len(p.findall(sample)) > letters / 2), "")


def _borne_out(sample: str, claimed: str) -> bool:
    """Tell whether the text is full of the claimed language's own function words."""
    words = _function_words().get(claimed)
    return words is not None and len(words & set(sample.casefold().split())) >= _PROOF


@cache
def _function_words() -> dict[str, frozenset[str]]:
    table = yaml.safe_load((files(__package__) / "function_words.yaml").read_text("utf-8"))
    mine = {lang: frozenset(words.split()) for lang, words in table.items()}
    # a word that several languages share ("de", "en", "in") proves none of them
    return {
        lang: words - frozenset().union(*(w for other, w in mine.items() if other != lang))
        for lang, words in mine.items()
    }


def _classify(sample: str) -> str:
    import py3langid

    return str(py3langid.classify(sample)[0])
