"""Which language a text is in: the script decides, then the text, then what the page claims."""

from __future__ import annotations

import re

_SAMPLE = 800  # characters; more does not change the answer
_ENOUGH = 160  # characters from which the text is believed against the page's claim

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
    if claimed and letters < _ENOUGH:
        return claimed
    found = _classify(sample)
    return found if letters >= _ENOUGH or not claimed else claimed


def _east_asian(sample: str, letters: int) -> str:
    kana, hangul, han = (len(p.findall(sample)) for p in (_KANA, _HANGUL, _HAN))
    if kana + hangul + han < letters * 0.25:
        return ""
    if hangul > max(kana, han) / 2:
        return "ko"
    return "ja" if kana > (kana + han) * 0.08 else "zh"


def _one_language_script(sample: str, letters: int) -> str:
    return next((lang for lang, p in _SCRIPTS if len(p.findall(sample)) > letters / 2), "")


def _classify(sample: str) -> str:
    import py3langid

    return str(py3langid.classify(sample)[0])
