"""Links as pages and feeds print them, made absolute; anything but http(s) is dropped."""

from __future__ import annotations

from urllib.parse import urljoin

MAX_URL = 2_048


def absolute(base: str, href: str) -> str:
    """Return `href` against `base`, or "" where that is no web address."""
    written = href.strip().replace("\n", "").replace("\r", "").replace("\t", "")
    try:
        url = urljoin(base, written)
    except ValueError:  # "http://[half" and its like
        return ""
    if len(url) > MAX_URL or not url.lower().startswith(("http://", "https://")):
        return ""
    return url
