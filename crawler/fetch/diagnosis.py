"""What an answer, or none, means for the operator: one outcome and one plain line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from socket import EAI_AGAIN, gaierror

from crawler.errors import SourceError
from crawler.types import Outcome

START = 40_000  # bytes of the body that are looked at


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How it ended, and what to tell the operator ("" where all is well)."""

    outcome: Outcome
    message: str = ""


FINE = Diagnosis(Outcome.OK)

_STATUS = {
    304: Diagnosis(Outcome.UNCHANGED),
    401: Diagnosis(Outcome.BLOCKED, "401: it wants a login"),
    402: Diagnosis(Outcome.PAYWALLED, "402: it wants payment"),
    403: Diagnosis(Outcome.BLOCKED, "403: the site refuses us"),
    404: Diagnosis(Outcome.GONE, "404: not found"),
    405: Diagnosis(Outcome.ERROR, "405: the server does not answer GET here"),
    407: Diagnosis(Outcome.BLOCKED, "407: a proxy wants a login"),
    408: Diagnosis(Outcome.SLOW, "408: the server gave up waiting"),
    410: Diagnosis(Outcome.GONE, "410: gone for good"),
    420: Diagnosis(Outcome.THROTTLED, "420: too many requests"),
    429: Diagnosis(Outcome.THROTTLED, "429: too many requests"),
    451: Diagnosis(Outcome.BLOCKED, "451: withheld for legal reasons"),
    504: Diagnosis(Outcome.ERROR, "504: the server's own server is slow"),
    999: Diagnosis(Outcome.BLOCKED, "999: the site refuses robots"),
}

# Headers with which a wall says that this answer is a challenge, not the page.
_WALL_HEADERS = (
    ("cf-mitigated", re.compile("challenge"), "Cloudflare"),
    ("x-amzn-waf-action", re.compile("challenge|captcha"), "AWS WAF"),
    ("x-vercel-mitigated", re.compile("challenge|deny"), "Vercel"),
)
# Words of challenge pages that articles about these firms do not have: titles and scripts.
_WALLS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), name)
    for pattern, name in (
        (r"<title>\s*(just a moment\.*|attention required! \| cloudflare)", "Cloudflare"),
        (r"_cf_chl_opt|cf-browser-verification|id=.challenge-form", "Cloudflare"),
        (r"(geo|ct)\.captcha-delivery\.com/|var dd=\{", "DataDome"),
        (r"px-captcha|_pxappid\s*=|captcha\.px-cdn|perimeterx\.net/whywas", "PerimeterX"),
        (r"_incapsula_resource|incapsula incident id", "Incapsula"),
        (r"<title>access denied</title>.*reference\s*(&#32;|#)|errors\.edgesuite\.net", "Akamai"),
        (r"sec-if-cpt-container|bm-verify=|_sec/cp_challenge", "Akamai"),
        (r"awswafcookiedomainlist|challenge\.js.{0,80}awswaf|token\.awswaf\.com", "AWS WAF"),
        (r"sucuri_cloudproxy_js|<title>sucuri website firewall", "Sucuri"),
        (r"<title>[^<]{0,40}(are you a robot|robot check|human verification)", "a challenge page"),
        (r"<title>[^<]{0,40}(security check|checking your browser|ddos-guard)", "a challenge page"),
        (r"<title>[^<]{0,40}verify(ing)? (that )?you are (a )?human", "a challenge page"),
    )
)  # fmt: skip
# One of these stands in every page that a pattern above can match: plain search is 100 times
# faster, and nearly every page has none.
_MARKS = tuple(
    mark.encode()
    for mark in (
        "just a moment", "attention required!", "_cf_chl_opt", "cf-browser-verification",
        "challenge-form", "captcha-delivery.com", "var dd={", "px-captcha", "_pxappid",
        "captcha.px-cdn", "perimeterx.net", "incapsula", "access denied", "edgesuite.net",
        "sec-if-cpt-container", "bm-verify=", "_sec/cp_challenge", "awswaf", "sucuri",
        "are you a robot", "robot check", "human verification", "security check",
        "checking your browser", "ddos-guard", "you are human", "you are a human",
    )
)  # fmt: skip
_TEXT = re.compile(rb"<(script|style|noscript|title)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_WALL_TEXT = 3_000  # characters of visible text; a page with more is a page
_PAYWALL = re.compile(
    r"[\"']isAccessibleForFree[\"']\s*:\s*[\"']?false", re.IGNORECASE
)  # schema.org, which Google asks paywalled outlets to print

_FAULTS: tuple[tuple[tuple[str, ...], Outcome, str], ...] = (
    # An outage of the name server, ours as a rule, says nothing of the host.
    (("EAI_AGAIN",), Outcome.UNREACHABLE, "the name server does not answer"),
    (("CannotResolveHostError", "DNSLookupError", "gaierror"), Outcome.DEAD, "no such host"),
    (("DownloadTimeoutError", "TimeoutError"), Outcome.SLOW, "no complete answer in time"),
    (("UnsupportedURLSchemeError",), Outcome.REFUSED, "refused: not http or https"),
    (("DownloadCancelledError",), Outcome.REFUSED, "refused: the answer is too big"),
    (("_DecompressionMaxSizeExceeded",), Outcome.REFUSED, "refused: the answer is too big"),
    (("ResponseDataLossError",), Outcome.UNREACHABLE, "the answer broke off"),
    (("BadGzipFile", "EOFError", "error"), Outcome.ERROR, "the answer's compression is broken"),
    (
        ("HttpProcessingError", "ClientResponseError", "ParseError"),
        Outcome.ERROR,
        "the answer is not proper HTTP",
    ),
    (
        ("DownloadConnectionRefusedError", "ConnectionRefusedError"),
        Outcome.UNREACHABLE,
        "the connection was refused",
    ),
    (
        ("ConnectionResetError", "ConnectionLost", "ConnectionDone", "ServerDisconnectedError"),
        Outcome.UNREACHABLE,
        "the server hung up without an answer",
    ),
)
_TLS = re.compile(r"SSL|TLS|Certificate|VerificationError|service_identity|CertVerif")


def of_answer(  # noqa: PLR0911 - one return for each kind of answer
    status: int, headers: Mapping[str, str], body: bytes
) -> Diagnosis:
    """Return what an answer means (`headers` have lower-case names, `body` is decoded)."""
    if wall := _wall(status, headers, body):
        return Diagnosis(Outcome.BLOCKED, f"bot wall: {wall} (status {status})")
    if status == 503 and headers.get("retry-after", "").strip():
        return Diagnosis(Outcome.THROTTLED, "503: the server asks to come back later")
    if status in _STATUS:
        return _STATUS[status]
    if 300 <= status < 400:
        return Diagnosis(Outcome.ERROR, f"{status}: a redirect to nowhere")
    if not 200 <= status < 300:
        return Diagnosis(Outcome.ERROR, f"{status}: the server made an error")
    if not body.strip():
        return Diagnosis(Outcome.EMPTY, f"{status} with an empty body")
    return FINE


def is_paywalled(body: bytes) -> bool:
    """Tell whether a page declares itself closed to readers who do not pay."""
    at = body.find(b"isAccessibleForFree")
    return at >= 0 and bool(_PAYWALL.search(body[at - 2 : at + 2_000].decode("latin-1")))


def _wall(status: int, headers: Mapping[str, str], body: bytes) -> str:
    for name, pattern, wall in _WALL_HEADERS:
        if pattern.search(headers.get(name, "").lower()):
            return wall
    if status == 304 or not body or _is_data(body):
        return ""
    start = body[:START].lower()
    if not any(mark in start for mark in _MARKS):
        return _by_server(status, headers)
    words = start.decode("latin-1")
    for pattern, wall in _WALLS:
        if pattern.search(words) and (status >= 400 or _is_bare(body)):
            return wall
    return _by_server(status, headers)


def _by_server(status: int, headers: Mapping[str, str]) -> str:
    is_wall = status == 403 and "datadome" in headers.get("server", "").lower()
    return "DataDome" if is_wall else ""


def _is_data(body: bytes) -> bool:
    """Tell feeds and sitemaps, whose items may quote anything, from pages."""
    start = body[:600].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf", b"<urlset", b"{", b"["))


def _is_bare(body: bytes) -> bool:
    """Tell whether a page shows next to no text: a challenge, not an article about one."""
    return len(body) < 300_000 and len(visible(body).split()) < _WALL_TEXT // 10


def visible(body: bytes) -> bytes:
    """Return about what a reader sees of a page without its scripts."""
    return _TEXT.sub(b" ", body)


def of_fault(error: BaseException) -> Diagnosis:
    """Return what it means that there was no answer."""
    chain = list(_causes(error))
    for link in chain:
        if isinstance(link, SourceError):
            return Diagnosis(link.outcome, str(link))
    names = {kind.__name__ for link in chain for kind in type(link).__mro__}
    if any(isinstance(link, gaierror) and link.errno == EAI_AGAIN for link in chain):
        names.add("EAI_AGAIN")
    if any(_TLS.search(name) for name in names) or _is_openssl(chain):
        return Diagnosis(Outcome.UNREACHABLE, "TLS: the certificate or handshake is not valid")
    for kinds, outcome, message in _FAULTS:
        if names.intersection(kinds):
            return Diagnosis(outcome, message)
    if isinstance(error, ValueError) and not isinstance(error, UnicodeError):
        return Diagnosis(Outcome.REFUSED, "refused: not a web address")
    if "DownloadFailedError" in names and "ValueError" in names:
        return Diagnosis(Outcome.ERROR, "the answer is not proper HTTP")
    return Diagnosis(Outcome.UNREACHABLE, f"no answer: {_short(error)}")


def _is_openssl(chain: list[BaseException]) -> bool:
    return any(type(link).__module__.startswith(("OpenSSL", "service_identity")) for link in chain)


def _causes(error: BaseException) -> list[BaseException]:
    """Return `error` and what caused it, Twisted's collected reasons included."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting and len(seen) < 20:
        link = waiting.pop(0)
        if link is None or link in seen:
            continue
        seen.append(link)
        reasons = [
            getattr(reason, "value", None) for reason in getattr(link, "reasons", None) or ()
        ]
        waiting += [link.__cause__, getattr(link, "os_error", None), *reasons]
    return seen


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:160] if text else type(error).__name__
