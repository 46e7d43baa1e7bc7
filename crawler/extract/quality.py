"""A verdict on body text, with its reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extract import encoding
from crawler.types import Quality

SHORT = 200  # characters; below, a body is a teaser (dense scripts say as much in a third)
LOCKED = 1_200  # a body that a paywall cut is shorter than this

_DENSE = re.compile(r"[\u3041-\u30fa\u3400-\u9fff\uac00-\ud7a3]")
_MOJIBAKE = re.compile(r"锟斤拷|烫烫烫|屯屯屯|[ÃÂ][\x80-\xbf]|â€[\x80-\xff™œž¦˜]|�{2,}|ï¿½")
_LOCK = re.compile(
    r"subscrib\w+ (?:to|now|for|today)|subscribers? only|(?:to|and) (?:continue|keep) reading|"
    r"already a (?:subscriber|member)|sign in to (?:read|continue)|premium content|"
    r"abbonati|riservato agli abbonati|per continuare a leggere|contenuto riservato|"
    r"réservé aux abonnés|abonnez-vous|la suite est réservée|"
    r"jetzt abonnieren|weiterlesen mit|nur für abonnenten|mit \S{1,12}\+? weiterlesen|"
    r"contenido exclusivo|para suscriptores|suscríbete|exclusivo para assinantes|assine já|"
    r"alleen voor abonnees|только для подписчиков|оформите подписку|"
    r"订阅后|付费阅读|登录后继续|会员专享|開通會員|訂閱後|有料会員|会員限定|この記事は有料|続きを読む|"
    r"유료 회원|구독자 전용|로그인 후",
    re.IGNORECASE,
)
_SAMPLE = 20_000
_GARBLED_SHARE = 0.004  # of characters


@dataclass(frozen=True, slots=True)
class Verdict:
    """How good a body is, and why."""

    quality: Quality
    reasons: tuple[str, ...] = ()


def judge(text: str, *, free: bool | None = None) -> Verdict:
    """Return the verdict on `text`; `free` is schema.org's isAccessibleForFree."""
    if reason := garbled(text):
        return Verdict(Quality.GARBLED, (reason,))
    size = weight(text)
    if size < LOCKED and free is False:
        return Verdict(Quality.PAYWALLED, ("isAccessibleForFree is false and the text is short",))
    if size < LOCKED and (match := _LOCK.search(text[-400:])):
        return Verdict(Quality.PAYWALLED, (f'ends in "{match[0]}"',))
    if size < SHORT:
        return Verdict(Quality.SHORT, (f"{len(text)} characters",))
    return Verdict(Quality.OK)


def weight(text: str) -> int:
    """Return the length of `text` in Latin letters' worth: a Han character counts three."""
    return len(text) + 2 * len(_DENSE.findall(text))


def garbled(text: str) -> str:
    """Return why `text` is not writing, or ""."""
    if not text:
        return ""
    marks = sum(len(match) for match in _MOJIBAKE.findall(text)) + text.count("\ufffd")
    if marks > len(text) * _GARBLED_SHARE and marks > 3:
        return f"{marks} characters of mojibake"
    text = text[:_SAMPLE]
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    if beyond > max(20, len(text) // 20) and encoding.plausible(text) < -0.1:
        return "the letters make no words of any script"
    return ""
