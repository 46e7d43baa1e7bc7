"""
Archives and their lists over HTTP, behind the guard of every other request.

Each hop's address is checked before it is asked, and the connection goes to just the address
that was checked: a name may be answered anew. No proxy is asked. Private networks are only
those of the config (`http.allow_private`).
"""

from __future__ import annotations

import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import IO, Any

from crawler.errors import SourceError
from crawler.fetch.guard import check_url, checker
from crawler.types import Outcome

TIMEOUT = 60.0  # seconds without a byte


def ask(url: str, allow: Sequence[str] = (), start: int = 0) -> Any:  # noqa: ANN401 - HTTPResponse, by urllib's own door
    """
    Return the answer for `url`, from byte `start` on (RFC 9110 section 14); close it.

    Raises:
        SourceError: the guard refuses it, or there is no good answer.
    """
    check_url(url)
    headers = {"Range": f"bytes={start}-"} if start else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked above
    try:
        return _opener(allow).open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        raise failure(url, f"HTTP {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise failure(url, error) from error


def failure(place: str, reason: object) -> SourceError:
    """Return the error that says what could not be read, and why."""
    return SourceError(Outcome.UNREACHABLE, f"{place}: {reason}")


def _opener(allow: Sequence[str]) -> urllib.request.OpenerDirector:
    connect = _guarded(checker(allow))

    def plain(*given: Any, **named: Any) -> http.client.HTTPConnection:  # noqa: ANN401 - its own
        return _led(http.client.HTTPConnection(*given, **named), connect)

    def secure(*given: Any, **named: Any) -> http.client.HTTPConnection:  # noqa: ANN401 - its own
        return _led(http.client.HTTPSConnection(*given, **named), connect)

    class Http(urllib.request.HTTPHandler):
        def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(plain, request)

    class Https(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(secure, request)

    return urllib.request.build_opener(urllib.request.ProxyHandler({}), Http, Https, _Checked)


_Connect = Callable[..., socket.socket]


def _led(connection: http.client.HTTPConnection, connect: _Connect) -> http.client.HTTPConnection:
    # The certificate is still checked against the name: only the look-up is ours.
    connection._create_connection = connect  # type: ignore[attr-defined]  # noqa: SLF001 - where http.client looks a name up
    return connection


def _guarded(check: Callable[[str, int], None]) -> _Connect:
    def connect(place: tuple[str, int], timeout: float, source: Any = None) -> socket.socket:  # noqa: ANN401 - http.client's own
        host, port = place
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        for address in addresses:
            check(address, port)
        failed: OSError = OSError(f"no address for {host}")
        for address in addresses:
            try:
                return socket.create_connection((address, port), timeout, source)
            except OSError as error:
                failed = error
        raise failed

    return connect


class _Checked(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only where an address of a config could lead."""

    max_redirections = 5

    def redirect_request(  # noqa: PLR0913, PLR0917 - urllib's own
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the next request; refuse what is not plainly http or https."""
        check_url(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
