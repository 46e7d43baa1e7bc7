"""Whatever is sent, in the words of one reader, and under the name of its templates."""

from __future__ import annotations

from crawler.alert.digest import Digest, DigestMessage, digest_message
from crawler.alert.message import Message, message
from crawler.alert.notice import Notice, NoticeMessage, notice_message
from crawler.types import Alert

Sendable = Alert | Digest | Notice
Said = Message | DigestMessage | NoticeMessage


def say(what: Sendable, lang: str, dashboard: str | None) -> tuple[str, Said]:
    """Return the name of the templates (`deal`, `digest`, `notice`), and what they show."""
    match what:
        case Alert():
            return "deal", message(what, lang, dashboard)
        case Digest():
            return "digest", digest_message(what, lang, dashboard)
        case Notice():
            return "notice", notice_message(what, lang, dashboard)
