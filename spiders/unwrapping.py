"""
Bytes of a feed as UTF-8, whatever they came wrapped in.

Servers send gzip as a body without saying so, and UTF-16 or UTF-32, in which the patterns
that tame a bomb would see nothing. One broken byte must not cost a whole page its letters.
"""

from __future__ import annotations

import re
import zlib

MAX_BYTES = 16_000_000  # unzipped
_GZIP, _ZLIB = b"\x1f\x8b", (b"\x78\x01", b"\x78\x9c", b"\x78\xda")
_STARTS = (  # byte order marks, and `<` or `{` in so many bytes; the longer ones first
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
)
_DECLARED = re.compile(r"""^(\s*<\?xml[^>]{0,100}?)\s+encoding\s*=\s*["'][^"']{0,40}["']""")
_CHARSET = re.compile(rb"""encoding\s*=\s*["']([\w.:-]{1,40})""")
_UTF8 = frozenset({b"utf-8", b"utf8"})
_FEW = 20  # letters that are fine, for each broken one, in what is UTF-8 all the same


def unwrap(body: bytes) -> bytes:
    """Return `body` unzipped and in UTF-8 where it was UTF-16 or UTF-32; b"" for a bomb."""
    plain = _unzipped(body)
    for start, encoding in _STARTS:
        if plain.startswith(start):
            text = plain.decode(encoding, "replace")
            return _DECLARED.sub(r"\1", text.lstrip("\ufeff")).encode("utf-8", "replace")
    return plain


def mended(body: bytes, content_type: str) -> bytes:
    """Return what is meant as UTF-8 with its few broken bytes replaced (U+FFFD)."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return _mended(body) if _is_utf8(body, content_type) else body
    return body


def _mended(body: bytes) -> bytes:
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    letters = sum(not character.isascii() for character in text) - broken
    return text.encode() if broken * _FEW <= max(letters, _FEW) else body


def _is_utf8(body: bytes, content_type: str) -> bool:
    """Tell whether nothing says that `body` is in another encoding."""
    told = _CHARSET.findall(body[:200])[:1]
    _, _, charset = content_type.lower().partition("charset=")
    told += [charset.strip(" \"';").encode()] if charset else []
    return all(name.lower() in _UTF8 for name in told)


def _unzipped(body: bytes) -> bytes:
    if not body.startswith((_GZIP, *_ZLIB)):
        return body
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = inflater.decompress(body, MAX_BYTES)
    except zlib.error:
        return body
    return b"" if inflater.unconsumed_tail else plain
