"""
One page, one address: canonical URLs, and the key under which a page is known.

    >>> canonical("HTTP://Example.com:80/a/../b/?utm_source=x&id=7#top")
    'http://example.com/b/?id=7'
    >>> url_key("https://m.example.com/b/amp/?id=7&fbclid=z")
    'example.com/b?id=7'
"""

from __future__ import annotations

import re
from posixpath import normpath
from urllib.parse import quote, urlsplit, urlunsplit

import idna

_PORTS = {"http": 80, "https": 443}
# Parameters that say where a reader came from, never which page it is.
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|piwik|hsa|oly|vero|ga|at|fb|guce|ss|trk|sc|wt|soc|mc|action|_hs|cx)_[\w-]+"
    r"|_hs\w+|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|twclid|ttclid|yclid|ysclid|igshid"
    r"|igsh|li_fat_id|_ga|_gl|_ke|__s|mkt_tok|ncid|cmpid|cmp|icid|intcid|wt_zmc|wt_mc|xtor"
    r"|s_cid|sr_share|srsltid|ref_?src|ref_?url|referrer|smid|smtyp|spm|scm|isappinstalled"
    r"|ocid|guccounter|sref|leadsource|taid|__twitter_impression|echobox|reflink|mbid|dicbo"
    r"|ito|tsrc|yptr|amp|outputtype|embedded-checkout|trk|trkid|trackingid|campaign_?id"
    r"|rss_?id|share_?(?:from|source|token|type|app_id)|wfr|chksm|nsukey|sessionid|phpsessid"
    r"|jsessionid|sid",
    re.IGNORECASE,
)
# These name a page on one site and a channel on another: the value tells.
_PERHAPS = re.compile(
    r"ref|source|src|from|feature|mod|campaign|partner|output|via|cid|share|s|sh|medium|channel"
    r"|rss|feed",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"(?:\w*[_.-])?(?:rss\d?|feed\w*|twitter|x|facebook|fb|linkedin|reddit|whatsapp|telegram"
    r"|wechat|weibo|timeline|newsletter|e?mail|social\w*|share\w*|sharing|home(?:page)?|amp"
    r"|google\w*|yahoo|flipboard|apple_?news|hp|nl|top\w*|bottom\w*|header|footer|sidebar"
    r"|related|recirc\w*|1|true|20)(?:[_.-]\w*)?",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"^(?:www\d?|m|mobile|amp|wap|touch|3g|i)\.(?=[^.]+\.[^.])")
_AMP_PATH = re.compile(r"/amp(?=/|$)|\.amp(?=\.html?$|$)|(?<=/)amp-(?=[^/]+$)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp|shtml)$", re.IGNORECASE)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_CACHE = re.compile(
    r"^https?://(?:[^/]+\.cdn\.ampproject\.org/[cvwi]/(s/)?|(?:www\.)?google\.[a-z.]+/amp/(s/)?)"
    r"(?=[^/]+\.[a-z])",
    re.IGNORECASE,
)


def canonical(url: str) -> str:
    """
    Return `url` in one spelling that still fetches the same page.

    Scheme and host in lower case and IDNA, no default port, no fragment, no dot segments,
    percent-encoding in one form, tracking parameters gone. What is no URL comes back as is.
    """
    try:
        parts = urlsplit(_CACHE.sub(_out_of_the_cache, url.strip()))
        host = _netloc(parts.hostname or "", parts.port, parts.scheme.lower())
    except ValueError:
        return url.strip()
    if not host:
        return url.strip()
    path = _path(parts.path)
    return urlunsplit(
        (parts.scheme.lower(), host, path, _query(parts.query), _bang(parts.fragment))
    )


def url_key(url: str) -> str:
    """
    Return the key under which a page is known: equal for all addresses of one article.

    On top of `canonical`: no scheme, no `www.`, mobile and AMP hosts and paths folded, no
    trailing slash or index file, query in order.
    """
    clean = canonical(url)
    try:
        parts = urlsplit(clean)
        if not parts.hostname or parts.port == 0:
            return clean
    except ValueError:
        return clean
    host = _MOBILE.sub("", parts.netloc)
    path = _INDEX.sub("", _AMP_PATH.sub("", parts.path)).rstrip("/")
    path = re.sub(r"/{2,}", "/", path)
    query = "&".join(sorted(filter(None, parts.query.split("&"))))
    return (
        host
        + path
        + (f"?{query}" if query else "")
        + (f"#{parts.fragment}" if parts.fragment else "")
    )


def host_of(url: str) -> str:
    """Return the host of `url` in lower case ("" where there is none)."""
    try:
        return _idna(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def _out_of_the_cache(match: re.Match[str]) -> str:
    return "https://" if match[1] or match[2] else "http://"


def _netloc(host: str, port: int | None, scheme: str) -> str:
    name = _idna(host)
    shown = f"[{name}]" if ":" in name else name
    return shown if port in {None, _PORTS.get(scheme)} else f"{shown}:{port}"


def _idna(host: str) -> str:
    plain = host.rstrip(".").lower()
    if plain.isascii():
        return plain
    try:
        return idna.encode(plain, uts46=True).decode()
    except idna.IDNAError:
        return plain


def _path(path: str) -> str:
    clean = _one_encoding(path or "/", safe="/!$&'()*+,;=:@%~-._")
    if "/." not in clean:
        return clean
    folded = normpath(clean)
    return folded.replace("//", "/", 1) + (
        "/" if clean.endswith(("/", "/.", "/..")) and folded != "/" else ""
    )


def _query(query: str) -> str:
    kept = [pair for pair in query.split("&") if pair and not _is_tracking(pair)]
    return "&".join(_one_encoding(pair, safe="/!$'()*+,;=:@%~-._?[]|") for pair in kept)


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    if _TRACKING.fullmatch(name):
        return True
    return bool(_PERHAPS.fullmatch(name)) and (not value or bool(_CHANNEL.fullmatch(value)))


def _bang(fragment: str) -> str:
    """Keep `#!/page`, by which some sites still address pages."""
    return fragment if fragment.startswith("!") else ""


def _one_encoding(text: str, *, safe: str) -> str:
    return _ESCAPED.sub(_decoded, quote(text, safe=safe, errors="replace"))


def _decoded(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.match(character) else escape[0].upper()
