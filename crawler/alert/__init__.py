"""Who is told what, in which words, through which channel. Nothing here touches the store."""

from crawler.alert.rules import Routed, Silence, Verdict, key, route, unsure

__all__ = ["Routed", "Silence", "Verdict", "key", "route", "unsure"]
