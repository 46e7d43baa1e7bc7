"""
How a name sounds, in Latin letters: to guess that 翰鹿动力 may be Hanlu Dynamics.

A guess only: names that sound alike are one company only if the deals agree as well.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import fuzz

from crawler.resolve import data
from crawler.resolve.names import core, script

_INITIALS = "g kk n d tt r m b pp s ss _ j jj ch k t p h".replace("_", "-").split()
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()  # noqa: SIM905
_FINALS = [""] + "k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split()  # noqa: RUF005, SIM905
_HANGUL, _VOWEL_COUNT, _FINAL_COUNT = 0xAC00, 21, 28
_VOICE = str.maketrans({"r": "l", "v": "b", "f": "h", "g": "k", "d": "t", "z": "s", "j": "s"})
_FOLDS = (("ck", "k"), ("ph", "h"), ("th", "s"), ("sh", "s"), ("ch", "s"), ("c", "k"), ("q", "k"))
_ALIKE, _SHORTEST, _BEGINNING = 80.0, 3, 5
_SMALL = str.maketrans("ァィゥェォャュョッ", "アイウエオヤユヨ_")


@lru_cache(maxsize=1)
def _syllables() -> dict[str, str]:
    """Return Chinese characters and kana with their most usual sound."""
    lines = [
        line.split("\t")
        for name in ("pinyin.tsv", "kana.tsv")
        for line in (files(data) / name).read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    return {letter: sound for sound, letters in lines for letter in letters}


def _sound(letter: str) -> str:
    if "가" <= letter <= "힣":
        place = ord(letter) - _HANGUL
        initial, rest = divmod(place, _VOWEL_COUNT * _FINAL_COUNT)
        vowel, final = divmod(rest, _FINAL_COUNT)
        return _INITIALS[initial].replace("-", "") + _VOWELS[vowel] + _FINALS[final]
    return _syllables().get(letter, letter if letter.isascii() else "")


@lru_cache(maxsize=32768)
def syllables(name: str) -> tuple[str, ...]:
    """Return the sounds of the core of a name, character by character."""
    text = core(name).translate(_SMALL)
    katakana = (chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)
    return tuple(sound for letter in katakana if (sound := _sound(letter)))


def beginning(name: str) -> str:
    """Return a blocking key that a name and its romanisation share: they begin alike."""
    sounds = "".join(syllables(name)) if script(name) != "Latn" else core(name)
    return re.sub(r"[^a-z]", "", sounds)[:_BEGINNING]


@lru_cache(maxsize=32768)
def _consonants(sounds: str) -> str:
    text = "".join(c for c in unicodedata.normalize("NFD", sounds) if c.isascii() and c.isalpha())
    for letters, fold in _FOLDS:
        text = text.replace(letters, fold)
    text = re.sub(r"[aeiouwyhmn](?=[bp])", "n", text)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouwy]", "", text.translate(_VOICE)))


def sounds_like(one: str, other: str) -> bool:
    """Tell whether two names, one of them in Latin letters, may be one name in two scripts."""
    native, latin = (one, other) if script(other) == "Latn" else (other, one)
    if script(native) == "Latn" or script(latin) != "Latn":
        return False
    sounds, plain = syllables(native), re.sub(r"[^a-z]", "", core(latin))
    if script(native) == "Hani":
        return len(sounds) > 1 and plain.startswith("".join(sounds[:2]))
    heard, printed = _consonants("".join(sounds)), _consonants(plain)
    if min(len(heard), len(printed)) < _SHORTEST:
        return False
    return fuzz.ratio(heard, printed) >= _ALIKE
