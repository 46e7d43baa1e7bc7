"""Over a hundred other services, through Apprise."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from crawler.alert.channels import Door, Receipt
from crawler.alert.say import Sendable
from crawler.config import models
from crawler.errors import DeliveryError, Scope


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """One Apprise URL. Apprise says only yes or no, so every no is tried again."""

    door: Door
    cfg: models.AppriseChannel

    @property
    def name(self) -> str:
        """The channel's name in the config."""
        return self.door.name

    def send(self, message: Sendable, previous: Receipt | None = None) -> Receipt:
        """Notify once."""
        del previous
        from apprise import Apprise, AppriseAsset, NotifyFormat

        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it logs URLs with secrets
        service = Apprise(asset=AppriseAsset(app_id="raisewire", async_mode=False))
        if not service.add(self.cfg.url.get_secret_value()):
            reason = "Apprise does not know this kind of URL"
            raise DeliveryError(self.name, reason, retry=False, scope=Scope.CHANNEL)
        title, body = self._words(message)
        if not service.notify(title=title, body=body, body_format=NotifyFormat.TEXT):
            reason = "the service did not take it"
            raise DeliveryError(self.name, reason, retry=True, unknown=True)
        return {"key": message.key}

    def _words(self, what: Sendable) -> tuple[str, str]:
        name, said = self.door.say(what)
        return said.headline, self.door.templates.render(f"{name}.txt", said)
