"""
Bytes to text, whatever the declaration says.

The order is that of the WHATWG standard (byte order mark, HTTP header, `<meta>`), with two
differences that real pages teach: bytes that are valid UTF-8 are UTF-8, and a declaration
is believed only when the text it yields looks like writing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import yaml

_HEAD = 4096  # a declaration further down is not read by browsers either (they stop at 1024)
_SAMPLE = 6000  # non-ASCII characters judged
_PLAUSIBLE = 0.55  # a right decoding of running text scores above, a wrong one below

_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w:.-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w:.-]{2,40})["']""")
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w:.-]{2,40})""", re.IGNORECASE)
_LANG = re.compile(rb"""<html[^>]{0,500}?\slang\s*=\s*["']?([a-zA-Z]{2})""", re.IGNORECASE)
_TAG = re.compile(
    r"<(script|style)\b(?:.*?</\1\s*>|.*\Z)|<[^<>]{0,5000}>?", re.IGNORECASE | re.DOTALL
)
_RUN = re.compile(r"[^\x00-\x7f]{1,200}")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A label means the wider encoding that pages under it really use (WHATWG Encoding, 4.2).
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030",
    "gb_2312-80": "gb18030", "hz-gb-2312": "hz", "big5": "big5hkscs", "big5-hkscs": "big5hkscs",
    "cp950": "cp950", "x-x-big5": "big5hkscs", "shift_jis": "cp932", "shift-jis": "cp932",
    "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "ms_kanji": "cp932",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "korean": "cp949",
    "windows-949": "cp949", "x-windows-949": "cp949",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "l1": "cp1252",
    "us-ascii": "cp1252", "ascii": "cp1252", "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "x-cp1250": "cp1250", "x-cp1251": "cp1251", "x-cp1252": "cp1252", "koi8-r": "koi8_r",
    "koi8-u": "koi8_u", "unicode": "utf-16-le", "utf-16": "utf-16-le", "utf8": "utf-8",
}  # fmt: skip
# What pages in a language were written in before UTF-8, likeliest first.
_LEGACY = {
    "zh": ("gb18030", "big5hkscs"), "ja": ("cp932", "euc_jp"), "ko": ("cp949",),
    "ru": ("cp1251", "koi8_r"), "uk": ("cp1251", "koi8_u"), "bg": ("cp1251",),
    "pl": ("cp1250", "iso8859_2"), "cs": ("cp1250", "iso8859_2"), "hu": ("cp1250", "iso8859_2"),
    "sk": ("cp1250", "iso8859_2"), "ro": ("cp1250", "iso8859_2"), "sl": ("cp1250",),
    "hr": ("cp1250",), "tr": ("cp1254",), "el": ("cp1253",), "he": ("cp1255",),
    "ar": ("cp1256",), "th": ("cp874",), "vi": ("cp1258",), "lt": ("cp1257",), "lv": ("cp1257",),
}  # fmt: skip
_SNIFFED = (
    "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1251", "koi8_r", "cp1253",
    "cp1255", "cp1256", "cp874", "cp1252", "cp1254", "cp1250",
)  # fmt: skip


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of `body`; never raises, undecodable bytes become U+FFFD."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if b"\x1b$" in body[: _HEAD * 4] and (text := _strict(body, "iso2022_jp")) is not None:
        return text
    if (text := _utf8(body)) is not None:
        return text
    return _legacy(body, content_type)


def declared(body: bytes, content_type: str = "") -> list[str]:
    """Return the codecs that the HTTP header and the page's head name, in that order."""
    head = body[:_HEAD]
    labels = [match[1] for match in (_HEADER.search(content_type),) if match]
    labels += [
        match[1].decode("ascii") for p in (_META, _XML) for match in (p.search(head),) if match
    ]
    return list(dict.fromkeys(name for label in labels if (name := _codec(label))))


def plausible(text: str) -> float:
    """
    Return how much the non-ASCII part of `text` looks like writing, from -1 to 1.

    Text without a non-ASCII character scores 1.
    """
    letters = list(_beyond_ascii(text))
    if not letters:
        return 1.0
    return sum(_familiar(before, char) for before, char in letters) / len(letters)


def _codec(label: str) -> str | None:
    label = label.strip().lower()
    try:
        return _WIDER.get(label) or codecs.lookup(label).name
    except LookupError:
        return None


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _utf8(body: bytes) -> str | None:
    """Decode UTF-8, forgiving a cut tail and a few stray bytes in otherwise sound text."""
    text = _strict(body, "utf-8")
    if text is not None:
        return text
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = sum(1 for char in text[:200_000] if char > "\x7f") - min(broken, 200_000)
    return text if sound > 20 * broken else None


def _legacy(body: bytes, content_type: str) -> str:
    named = [name for name in declared(body, content_type) if name not in {"utf-8", "ascii"}]
    best, best_score = body.decode("cp1252", "replace"), -2.0
    for place, name in enumerate(_candidates(body, named)):
        text = _lenient(body, name)
        if text is None:
            continue
        score = plausible(text)
        if place < len(named) and score >= _PLAUSIBLE:
            return text
        if score > best_score + 0.02:  # a tie goes to the likelier encoding
            best, best_score = text, score
    return best


def _candidates(body: bytes, named: list[str]) -> list[str]:
    match = _LANG.search(body[:_HEAD])
    likely = _LEGACY.get(match[1].decode("ascii").lower(), ()) if match else ()
    return list(dict.fromkeys((*named, *likely, *_SNIFFED)))


def _lenient(body: bytes, name: str) -> str | None:
    """Decode, forgiving one broken character in two hundred (ads pasted in another encoding)."""
    try:
        text = body.decode(name, "replace")
    except LookupError:
        return None
    broken = text.count("\ufffd")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return text if broken * 200 <= beyond else None


def _beyond_ascii(text: str) -> Iterator[tuple[str, str]]:
    """Yield the non-ASCII characters of the words on a page, each with the one before it."""
    plain, seen = _TAG.sub(" ", text[:400_000]), 0
    for run in _RUN.finditer(plain):
        before = plain[run.start() - 1] if run.start() else " "
        for char in run[0]:
            yield before, char
            before = char
        seen += len(run[0])
        if seen >= _SAMPLE:
            return


def _familiar(before: str, char: str) -> float:  # noqa: PLR0911 - one line a script
    known, code = _known(), ord(char)
    if char.isalpha() and code < 0x250:  # accents stand alone: a row of them is another script
        return known.get(char, 0.3) if before.isascii() else -0.4
    if char in known:
        return known[char]
    if 0x3400 <= code <= 0x9FFF:
        return -0.2  # a rare Han character: right texts have some, wrong ones have only these
    if 0xAC00 <= code <= 0xD7A3:
        return 0.0
    if 0x3041 <= code <= 0x30FE:
        return 1.0
    if 0x0E01 <= code <= 0x0E5B or 0x05D0 <= code <= 0x05EA or 0x0621 <= code <= 0x0652:
        return 0.9
    if 0x0370 <= code <= 0x052F:
        return _cased(before, char)
    if code in _NEVER or code < 0xA0:
        return -1.0
    return -0.5 if code < 0x2000 else 0.0  # flags, arrows and emoji say nothing


def _cased(before: str, char: str) -> float:
    """Greek and Cyrillic: a capital inside a word betrays a wrong table (KOI8-R as 1251)."""
    if before.isascii() and before.isalpha():
        return -0.8  # no word mixes alphabets
    if char.islower():
        return 0.9
    if char.isupper():
        return -0.8 if before.islower() else 0.4
    return -0.3


# half-width katakana, private use, the replacement character
_NEVER = frozenset((*range(0xFF61, 0xFFA0), *range(0xE000, 0xF900), 0xFFFD))


@cache
def _known() -> dict[str, float]:
    """Return the characters of running text, from charset.yaml."""
    words = yaml.safe_load((files(__package__) / "charset.yaml").read_text("utf-8"))
    return {
        char: (0.5 if script == "marks" else 1.0)
        for script in ("marks", "latin", "hangul", "japanese", "traditional", "simplified")
        for char in words[script] + (words[script].upper() if script == "latin" else "")
    }
