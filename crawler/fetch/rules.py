r"""
robots.txt as RFC 9309 reads it: groups merge, the longest match wins, allow wins ties.

    >>> rules = parse(b"User-agent: *\nDisallow: /private/\nAllow: /private/open", "raisewire")
    >>> rules.allows("/private/open/1"), rules.allows("/private/2")
    (True, False)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

MAX_BYTES = 512_000  # RFC 9309 section 2.5: at least 500 KiB must be read
MAX_DELAY = 300.0  # seconds of Crawl-delay that are honoured

_PRODUCT = re.compile(r"[A-Za-z_-]+")
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z -]*?)\s*:\s*(.*?)\s*$")
_NO_COLON = re.compile(r"\s*(user-agent|allow|disallow)\s+(\S+)\s*$", re.IGNORECASE)
_MEANT = {  # spellings that site owners use for what they mean (Google's parser forgives them, too)
    "useragent": "user-agent",
    "user agent": "user-agent",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
}
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE = "/!$&'()*+,;=:@?%~-._[]#"


@dataclass(frozen=True, slots=True)
class Rule:
    """One Allow or Disallow line."""

    allow: bool
    path: str  # normalised

    def matches(self, path: str) -> bool:
        """Tell whether the rule speaks of `path` (`*` any characters, final `$` the end)."""
        anchored = self.path.endswith("$")
        pieces = _literal(self.path[:-1] if anchored else self.path).split("*")
        return _fits(path, pieces, anchored=anchored)


def _fits(path: str, pieces: Sequence[str], *, anchored: bool) -> bool:
    """Match left to right, each piece at its first place: linear, whatever the pattern."""
    first, *rest = pieces
    if not path.startswith(first):
        return False
    at = len(first)
    if not rest:
        return not anchored or at == len(path)
    *middle, last = rest
    for piece in middle:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if anchored:
        return path.endswith(last) and len(path) - len(last) >= at
    return path.find(last, at) >= 0


@dataclass(slots=True)
class Rules:
    """What one robots.txt says to one robot."""

    rules: list[Rule] = field(default_factory=list)
    crawl_delay: float | None = None
    sitemaps: list[str] = field(default_factory=list)

    def allows(self, url: str) -> bool:
        """Tell whether the path (and query) of `url` may be asked."""
        path = target(url)
        if path == "/robots.txt":
            return True
        matching = [rule for rule in self.rules if rule.matches(path)]
        best = max(matching, key=lambda rule: (len(rule.path), rule.allow), default=None)
        return best is None or best.allow


EVERYTHING = Rules()
NOTHING = Rules(rules=[Rule(allow=False, path="/")])


def target(url: str) -> str:
    """Return the path and query of `url` as rules are matched against it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    asked = normal(f"{path}?{parts.query}" if parts.query else path)
    return _literal(asked).replace("*", "%2A")


def _literal(path: str) -> str:
    """Spell a `$` that ends nothing as rules must (RFC 9309 section 2.2.3)."""
    return path.replace("$", "%24")


def normal(path: str) -> str:
    """
    Return `path` with percent-encoding in one form (RFC 9309 section 2.2.2).

    Non-ASCII is encoded as UTF-8, unreserved characters are decoded, hex is upper-case.
    """
    encoded = quote(path, safe=_SAFE)
    return _ESCAPED.sub(_one_form, encoded)


def _one_form(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def parse(body: bytes, user_agent: str) -> Rules:
    """Return what `body` says to the robot whose product token begins `user_agent`."""
    token = product(user_agent)
    groups: dict[str, Rules] = {}
    sitemaps: list[str] = []
    names: list[str] = []
    told = False  # the group has begun to give rules; the next user-agent starts another
    for key, value in _lines(body):
        if key == "sitemap":
            sitemaps.append(value)
        elif key == "user-agent":
            names = [*([] if told else names), _agent(value)]
            told = False
            groups.setdefault(names[-1], Rules())
        elif key in {"allow", "disallow", "crawl-delay"}:
            told |= key != "crawl-delay"  # section 2.2.4: other records do not end a group
            for name in dict.fromkeys(names):
                _add(groups[name], key, value)
    chosen = groups.get(token) if token in groups else groups.get("*")
    rules = chosen or Rules()
    rules.sitemaps = sitemaps
    return rules


def product(user_agent: str) -> str:
    """Return the product token of a User-Agent, lower-case (RFC 9309 section 2.2.1)."""
    match = _PRODUCT.match(user_agent.strip())
    return match[0].lower() if match else ""


def _agent(value: str) -> str:
    """Return what a user-agent line names; words may follow a `*`."""
    return "*" if value.split()[:1] == ["*"] else product(value)


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    # UTF-8 by section 2.3; some editors save another, and mean it all the same.
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = body[:MAX_BYTES].decode("utf-16" if wide else "utf-8-sig", "replace")
    for line in re.split(r"\r\n|\r|\n", text):
        code = line.partition("#")[0]
        match = _LINE.match(code) or _NO_COLON.match(code)
        if match:
            key = match[1].lower()
            yield _MEANT.get(key, key), match[2]


def _add(rules: Rules, key: str, value: str) -> None:
    if key == "crawl-delay":
        rules.crawl_delay = _delay(value) if rules.crawl_delay is None else rules.crawl_delay
    elif value:  # an empty Disallow forbids nothing
        path = normal(value if value.startswith(("/", "*")) else f"/{value}")
        rules.rules.append(Rule(allow=key == "allow", path=path))


def _delay(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return min(seconds, MAX_DELAY) if seconds > 0 else None
