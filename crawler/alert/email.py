"""
E-mail, judged for each recipient by itself.

A letter has the same Message-ID on every try. What the server said of each recipient is in
the receipt, so a second try writes only to those who have not got it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.alert.channels import Door, Receipt
from crawler.alert.chart import chart
from crawler.alert.digest import DigestMessage
from crawler.alert.mail import Letter, compose, message_id, serialise
from crawler.alert.post import trust
from crawler.alert.say import Sendable
from crawler.alert.smtp import GREYLIST, LATER, NEVER, Conversation, relay
from crawler.config import models
from crawler.errors import DeliveryError
from crawler.types import Alert, AlertKind


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """A list of recipients behind one mail server."""

    door: Door
    cfg: models.EmailChannel

    @property
    def name(self) -> str:
        """The channel's name in the config."""
        return self.door.name

    def send(self, message: Sendable, previous: Receipt | None = None) -> Receipt:
        """Write to every recipient that has not got this message yet."""
        receipt = self._receipt(message.key, previous or {})
        done: dict[str, str] = receipt["recipients"]
        missing = [to for to in self.cfg.to if done.get(to, LATER).startswith(LATER)]
        if missing:
            self._deliver(self._raw(message, receipt["thread"]), missing, receipt)
        return receipt

    def _receipt(self, key: str, before: Receipt) -> Receipt:
        """Start from what an earlier try, or the deal's earlier letter, has left."""
        own = message_id(key, self.cfg.sender)
        thread = [ident for ident in before.get("thread", ()) if ident != own]
        again = before.get("key") == key
        return {
            "key": key,
            "message_id": own,
            "thread": [*thread, own][-10:],
            "recipients": dict(before.get("recipients", {})) if again else {},
        }

    def _raw(self, message: Sendable, thread: Sequence[str]) -> bytes:
        update = isinstance(message, Alert) and message.kind is AlertKind.UPDATE
        letter = self._letter(message, thread[:-1] if update else ())
        return serialise(compose(letter), self.name)

    def _letter(self, told: Sendable, references: Sequence[str]) -> Letter:
        door = self.door
        name, said = door.say(told)
        return Letter(
            sender=self.cfg.sender,
            to=self.cfg.to,
            subject=said.headline,
            text=door.templates.render(f"{name}.txt", said),
            html=door.templates.render(f"{name}.html", said),
            key=told.key,
            channel=door.name,
            date=datetime.fromtimestamp(int(door.clock()), UTC),
            references=references,
            chart=chart(said.by_currency) if isinstance(said, DigestMessage) else b"",
        )

    def _deliver(self, raw: bytes, missing: Sequence[str], receipt: Receipt) -> None:
        to = relay(self.cfg.smtp.get_secret_value())
        context = None if to.scheme == "smtp" else trust(self.cfg.ca)
        talk = Conversation(self.name, to, self.door.timeout, context)
        try:
            receipt["recipients"] |= talk.run(raw, self.cfg.sender, missing)
        except DeliveryError as e:
            e.receipt = dict(receipt)  # who got it on an earlier try still has it
            raise
        self._judge(receipt)

    def _judge(self, receipt: Receipt) -> None:
        """Raise unless everybody has it, or those who have not can never have it."""
        said: Mapping[str, str] = receipt["recipients"]
        later = [f"{to}: {word}" for to, word in said.items() if word.startswith(LATER)]
        dead = [f"{to}: {word}" for to, word in said.items() if word.startswith(NEVER)]
        if not later and len(dead) < len(said):
            return
        raise DeliveryError(
            self.name,
            "; ".join(later or dead)[:300],
            retry=bool(later),
            retry_after=GREYLIST if later else None,
            receipt=dict(receipt),
        )
