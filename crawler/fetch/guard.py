"""
What may be asked, decided on the address actually connected (SSRF).

`check_url` refuses addresses that no reader could have meant; `check_address` is asked
again, with the numbers, at the moment of connecting: DNS rebinding, odd spellings and
redirects all end there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from crawler.errors import SourceError
from crawler.types import Outcome

Address = IPv4Address | IPv6Address

MAX_URL = 4_096
PORTS = frozenset({80, 443})

# `is_global` of Python 3.11 lets several of these through.
_DENIED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.175.48.0/24",
        "2001::/23",
        "2002::/16",
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
)
# Nothing else has been given to anybody; translated, mapped and local addresses lie outside.
_WORLD6 = ip_network("2000::/3")
_BAD = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A network (and, where given, one port) that may be asked although it is private."""

    network: IPv4Network | IPv6Network
    port: int | None = None

    def __contains__(self, place: tuple[Address, int | None]) -> bool:
        """Tell whether (address, port) lies within."""
        address, port = place
        same = address.version == self.network.version
        return same and address in self.network and self.port in {None, port}


@lru_cache(maxsize=1_024)
def allowed(text: str) -> Allowed:
    """
    Return `10.0.0.0/8`, `127.0.0.1:8080`, `::1` or `[fd00::/8]:8080` as an `Allowed`.

    Raises:
        ValueError: it is none of these.
    """
    written, port = text.strip(), None
    if match := re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([\d./]+):(\d+)", written):
        written = match[1] or match[3]
        port = int(match[2] or match[4]) if match[2] or match[4] else None
    return Allowed(ip_network(written, strict=False), port)


def check_url(url: str) -> None:
    """
    Refuse an address that is not plainly http or https.

    Raises:
        SourceError: `Outcome.REFUSED`, with the reason.
    """
    reason = _fault(url)
    if reason:
        raise SourceError(Outcome.REFUSED, f"refused: {reason}")


def _fault(url: str) -> str:  # noqa: PLR0911 - a list of reasons reads best as one
    if len(url) > MAX_URL:
        return "the address is too long"
    if _BAD.search(url.strip(" ")):
        return "a backslash, blank or control character in the address"
    try:
        parts = urlsplit(url.strip(" "))
        port = parts.port
    except ValueError:
        return "not a web address"
    if parts.scheme.lower() not in {"http", "https"}:
        return f"scheme {parts.scheme or 'missing'}: only http and https"
    if "@" in parts.netloc:
        return "a user name in the address"
    if not parts.hostname or "%" in parts.netloc:
        return "no host name"
    return "port 0" if port == 0 else ""


def check_address(
    ip: str, allow: Iterable[str] = (), *, port: int | None = None, ports: Iterable[int] = ()
) -> None:
    """
    Refuse to connect to an address that is not a public one, unless `allow` names it.

    `allow` are networks as `allowed` reads them. A port, where given, must be 80, 443, one
    of `ports`, or lie in an allowed network.

    Raises:
        SourceError: `Outcome.REFUSED`, with the reason.
    """
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError as error:
        raise SourceError(Outcome.REFUSED, f"refused: {ip!r} is no IP address") from error
    inner = getattr(address, "ipv4_mapped", None) or address
    if any((inner, port) in allowed(text) for text in allow):
        return
    if not is_public(address):
        raise SourceError(Outcome.REFUSED, f"refused: {ip} is not a public address")
    if port is not None and port not in PORTS and port not in set(ports):
        raise SourceError(Outcome.REFUSED, f"refused: port {port}")


def is_public(address: Address) -> bool:
    """Tell whether `address` is out on the open internet (reliability over `is_global`)."""
    if isinstance(address, IPv6Address) and ("%" in str(address) or address not in _WORLD6):
        return False
    denied = any(address in network for network in _DENIED if network.version == address.version)
    return address.is_global and not denied and not address.is_multicast


def checker(allow: Iterable[str] = ()) -> Callable[[str, int], None]:
    """
    Return a check of (address, port) for others who connect: webhooks, discovery.

    The port is not judged: an operator chose it. Call it on what `getaddrinfo` returned,
    and connect to exactly that.
    """
    networks = tuple(allow)
    return lambda ip, port: check_address(ip, networks, port=port, ports=(port,))
