"""One conversation with a mail server, and what each of its answers means."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from crawler import safe
from crawler.alert.post import deadline, secret_free
from crawler.errors import DeliveryError, Scope

GREYLIST = timedelta(minutes=5)  # no server wants to be asked again sooner
LATER, NEVER = "later", "dead"
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where `smtp://user:password@host:port` leads."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""


def relay(url: str) -> Relay:
    """
    Read an SMTP address.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("write smtp://, smtp+starttls:// or smtps://, then user:password@host")
    return Relay(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


@dataclass(frozen=True, slots=True)
class Conversation:
    """Sends one letter. `context` says whom to trust; None where nothing is encrypted."""

    channel: str
    relay: Relay
    timeout: float
    context: ssl.SSLContext | None

    def run(self, raw: bytes, sender: str, to: Sequence[str]) -> dict[str, str]:
        """Return for each recipient `ok`, `later 451 …` or `dead 550 …`."""
        server = self._server()
        try:
            with deadline(self.timeout, server):
                self._greet(server)
                self._secure(server)
                verdicts = self._envelope(server, sender, to)
                return verdicts | self._content(server, raw, _accepted(verdicts))
        finally:
            _leave(server)

    def _server(self) -> smtplib.SMTP:
        kind = smtplib.SMTP_SSL if self.relay.scheme == "smtps" else smtplib.SMTP
        name = socket.gethostname() or "localhost"
        if kind is smtplib.SMTP_SSL:
            return smtplib.SMTP_SSL(local_hostname=name, timeout=self.timeout, context=self.context)
        return smtplib.SMTP(local_hostname=name, timeout=self.timeout)

    def _greet(self, server: smtplib.SMTP) -> None:
        server._host = self.relay.host  # type: ignore[attr-defined]  # noqa: SLF001 - smtplib takes the TLS name from its constructor alone, which would connect before our deadline runs
        with self._judged("no connection"):
            code, said = server.connect(self.relay.host, self.relay.port)
            if code != 220:
                raise self._refused("the server does not greet", code, said, retry=code < 500)
            server.ehlo_or_helo_if_needed()

    def _secure(self, server: smtplib.SMTP) -> None:
        if self.relay.scheme == "smtp+starttls":
            with self._judged("STARTTLS"):
                if not server.has_extn("starttls"):
                    raise self._refused("the server offers no STARTTLS", 0, b"", retry=False)
                server.starttls(context=self.context)
                server.ehlo()
        if self.relay.user:
            with self._judged("login"):
                server.login(self.relay.user, self.relay.password)

    def _envelope(self, server: smtplib.SMTP, sender: str, to: Sequence[str]) -> dict[str, str]:
        with self._judged("envelope"):
            code, said = server.mail(parseaddr(sender)[1])
            if code != 250:
                raise self._refused("sender refused", code, said, retry=code < 500)
            verdicts = {}
            for one in to:
                code, said = server.rcpt(parseaddr(one)[1])
                if code == 421:
                    raise self._refused("the server hung up", code, said, retry=True)
                verdicts[one] = _verdict(code, said)
            return verdicts

    def _content(self, server: smtplib.SMTP, raw: bytes, to: Sequence[str]) -> dict[str, str]:
        if not to:
            return {}
        with self._judged("DATA"):
            code, said = server.docmd("DATA")
        if code != 354:
            return {one: _verdict(code, said, ok=False) for one in to}
        with self._judged("the answer after the message", unknown=True):
            server.send(_dotted(raw))
            code, said = server.getreply()
        return {one: _verdict(code, said) for one in to}

    @contextmanager
    def _judged(self, step: str, *, unknown: bool = False) -> Iterator[None]:
        """Turn what smtplib and the network raise into a verdict on the channel."""
        try:
            yield
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPResponseException) as e:
            raise self._refused(
                step, e.smtp_code, e.smtp_error, retry=400 <= e.smtp_code < 500
            ) from None
        except smtplib.SMTPNotSupportedError as e:
            raise self._refused(f"{step}: {e}", 0, b"", retry=False) from None
        except ssl.SSLCertVerificationError as e:
            reason = f"{step}: certificate not to be trusted: {e.verify_message}"
            raise self._refused(reason, 0, b"", retry=False) from None
        except (OSError, smtplib.SMTPException, ValueError) as e:
            reason = f"{step}: {self._clean(str(e) or type(e).__name__)}"
            raise DeliveryError(
                self.channel, reason, retry=True, scope=Scope.CHANNEL, unknown=unknown
            ) from None

    def _refused(self, step: str, code: int, said: bytes | str, *, retry: bool) -> DeliveryError:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        reason = " ".join(part for part in (step, str(code or ""), self._clean(text)) if part)
        return DeliveryError(
            self.channel,
            reason,
            retry=retry,
            scope=Scope.CHANNEL,
            retry_after=GREYLIST if retry and code else None,
            code=code or None,
        )

    def _clean(self, text: str) -> str:
        return secret_free(text, self.relay.password, self.relay.user)


def _accepted(verdicts: Mapping[str, str]) -> list[str]:
    return [to for to, word in verdicts.items() if word == "ok"]


def _verdict(code: int, said: bytes, *, ok: bool = True) -> str:
    if ok and 200 <= code < 300:
        return "ok"
    text = safe.one_line(said.decode("utf-8", "replace"), 120)
    return f"{NEVER if code >= 500 else LATER} {code} {text}".strip()


def _dotted(raw: bytes) -> bytes:
    """Return the message as DATA wants it (RFC 5321 section 4.5.2)."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
    return b"\r\n".join(b"." + x if x.startswith(b".") else x for x in lines) + b"\r\n.\r\n"


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; whether the server answers changes nothing any more."""
    try:
        if server.sock is not None:
            server.sock.settimeout(2)
            server.quit()
    except (OSError, smtplib.SMTPException):
        return
    finally:
        server.close()
