"""The letter itself: headers nobody can slip something into, text, HTML, and a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr
from typing import Any

from crawler import safe
from crawler.errors import DeliveryError

# Python folds a Message-ID longer than a line into encoded words, which no mail program
# reads as one: header lines may be longer (RFC 5322 allows 998), those of the body not.
_LINES = policy.SMTP.clone(max_line_length=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What goes into an e-mail. `chart` is a PNG shown as `cid:chart@raisewire`."""

    sender: str
    to: Sequence[str]
    subject: str
    text: str
    html: str
    key: str
    channel: str
    date: datetime
    references: Sequence[str] = ()  # Message-IDs of this deal's earlier letters, oldest first
    chart: bytes = b""


def domain(sender: str) -> str:
    """Return the domain of an address; a harmless one if it has none."""
    name = parseaddr(sender)[1].rpartition("@")[2] if "@" in sender else ""
    return name or "raisewire.invalid"


def message_id(key: str, sender: str) -> str:
    """Return the Message-ID of a message: equal on every try, so mail programs see one."""
    return f"<{key}@{domain(sender)}>"


def compose(letter: Letter) -> EmailMessage:
    """Return the letter as MIME, text before HTML."""
    mail = EmailMessage(policy=policy.SMTP)
    for name, value in _headers(letter).items():
        mail[name] = value
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    if letter.chart:
        page = mail.get_body(("html",))
        assert isinstance(page, EmailMessage)
        page.add_related(
            letter.chart, "image", "png", cid="<chart@raisewire>", filename="chart.png"
        )
    return mail


def _headers(letter: Letter) -> dict[str, Any]:
    name = safe.header(letter.channel, 60).replace("<", "").replace(">", "")
    host = domain(letter.sender)
    headers: dict[str, Any] = {
        "From": _address(letter.sender),
        "To": [_address(one) for one in letter.to],
        "Subject": safe.header(letter.subject),
        "Date": format_datetime(letter.date),
        "Message-ID": message_id(letter.key, letter.sender),
        "List-Id": f"raisewire {name} <{_label(letter.channel)}.raisewire.{host}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Raisewire-Key": letter.key,
    }
    if letter.references:
        headers["In-Reply-To"] = letter.references[-1]
        headers["References"] = " ".join(letter.references[-10:])
    return headers


def _label(channel: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in channel.lower()) or "alerts"


def _address(written: str) -> Address:
    """Return `Desk <desk@example.com>` as an address; the name is the operator's own."""
    name, spec = parseaddr(written)
    return Address(display_name=safe.header(name, 80), addr_spec=spec)


def serialise(mail: EmailMessage, channel: str) -> bytes:
    """
    Return the bytes to send, after reading them back.

    Raises:
        DeliveryError: they hold a header that we did not write: somebody's title got out of
            the subject. Nothing is sent.
    """
    raw = mail.as_bytes(policy=_LINES)
    back = BytesParser(policy=policy.SMTP).parsebytes(raw, headersonly=True)
    ours = sorted(name.lower() for name in mail.keys())  # noqa: SIM118 - repeats count too
    theirs = sorted(name.lower() for name in back.keys())  # noqa: SIM118 - likewise
    if ours != theirs or _flat(back["To"]) != _flat(mail["To"]):
        raise DeliveryError(channel, "the title tried to write mail headers", retry=False)
    return raw


def _flat(value: object) -> str:
    return "".join(str(value).split())
