"""
Hostile text made harmless for the place where it is shown.

Titles and names come from strangers. Each function here names one place and what can go
wrong there; none changes what is stored.
"""

from __future__ import annotations

import re

# C0, C1, DEL, line and paragraph separators, bidi controls and isolates, zero-width
# characters, the BOM and interlinear marks: all can hide, reorder or end a line.
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_ENCODED_WORD = re.compile(r"=\?(?=[^?\s]{1,40}\?[bBqQ]\?)")
_FORMULA = re.compile(r"^[\s\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r|%]")
_WEB = re.compile(r"https?://[^\s\x00-\x20\x7f/?#\\@]+(?:[/?#][^\s\x00-\x20\x7f]*)?", re.IGNORECASE)
_QUOTED = re.compile(r"[<>|\"'`\\{}^]")


def one_line(text: str, limit: int = 500) -> str:
    """Return `text` on one line without control or bidi characters: terminals and logs."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def header(text: str, limit: int = 200) -> str:
    """
    Return `text` fit for a mail header.

    Python's `EmailMessage` decodes an RFC 2047 encoded word inside an unstructured header
    and lets its CR LF start a new one, so a news title could add recipients.
    """
    return one_line(_ENCODED_WORD.sub("= ?", text), limit)


def slack(text: str) -> str:
    """Escape the three characters that Slack's mrkdwn gives meaning to."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cell(value: object) -> str:
    """Return a CSV cell that no spreadsheet runs as a formula (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and _FORMULA.match(text):
        return "'" + text
    return text


def link(url: str) -> str:
    """Return `url` if a person may click it: http or https, a host, no controls; else ''."""
    if not _WEB.fullmatch(url):
        return ""
    return _QUOTED.sub(lambda match: f"%{ord(match[0]):02X}", url)


_SECRETS = (
    (re.compile(r"https://hooks\.slack\.com/[^\s'\"<>]+"), "<slack webhook>"),
    (re.compile(r"\bxox[a-z]-[A-Za-z0-9-]+"), "<slack token>"),
    (re.compile(r"(?<=://)([^\s:/@]{0,200}):[^\s/@]{1,200}@"), r"\1:***@"),
    (re.compile(r"(?i)\b(bearer|basic) [A-Za-z0-9._~+/=-]{8,}"), r"\1 ***"),
)


def redact(text: str) -> str:
    """Return `text` without the secrets that have a known shape: for logs and errors."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text
