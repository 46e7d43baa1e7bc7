"""
The second reader: a language model asked about doubtful events. Off unless the config names one.

What it is asked and what may be believed is decided in `classify/second.py`, without any
wire; here is the asking: a budget a day, answers kept on disk, and a breaker that leaves a
server alone that fails. Whatever goes wrong, the first reader's answer stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from crawler.classify import second as opinion
from crawler.config.models import Llm
from crawler.reading import Reading, document
from crawler.safe import one_line
from crawler.second.shelf import Shelf, key
from crawler.types import Analysis, DealType, Document, Event

if TYPE_CHECKING:
    from crawler.second.endpoint import Endpoint

log = structlog.get_logger()
Guard = Callable[[str], list[str]]
_TRIES = 2  # a malformed answer is asked for once more
_FAILURES = 4  # in a row open the breaker
_REST = timedelta(minutes=1)  # doubled with every failure after that
_LONGEST = timedelta(hours=1)
_MOST = 3  # questions about one article


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was said of one event, and what was made of it."""

    event: Event
    verdict: str  # confirm | refuse | unsure | none (nobody answered, or not to be believed)
    reason: str  # the model's own words, or why there are none that count
    kept: bool = False  # from the shelf: nothing left this machine now


class Breaker:
    """Leaves a server alone after failures in a row, longer each time."""

    def __init__(self) -> None:
        self._failures = 0
        self._until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether nothing is to be asked now."""
        return self._until is not None and now < self._until

    def note(self, *, good: bool, now: datetime) -> None:
        """Take note of a question's end."""
        self._failures = 0 if good else self._failures + 1
        over = self._failures - _FAILURES
        self._until = now + min(_REST * 2 ** min(over, 10), _LONGEST) if over >= 0 else None


class SecondReader:
    """Asks one model about what the first reader was not sure of."""

    def __init__(
        self,
        config: Llm,
        guard: Guard,
        bands: Mapping[DealType, tuple[float, float]],
        clock: Callable[[], datetime],
    ) -> None:
        self._config, self._guard, self._clock = config, guard, clock
        self._bands = dict.fromkeys(bands, config.band) if config.band else dict(bands)
        self._shelf = Shelf(config.cache, config.per_day, config.keep)
        self._breaker = Breaker()
        self._endpoint: Endpoint | None = None

    @property
    def host(self) -> str:
        """Where the words of doubtful articles go."""
        return host(self._config)

    async def reread(self, reading: Reading) -> Reading:
        """Return a reading after a second look; a text whose owner reserves it stays here."""
        if reading.article.restrictions:
            return reading
        analysis, _ = await self.look(document(reading.article), reading.analysis)
        return replace(reading, analysis=analysis)

    async def look(
        self, article: Document, analysis: Analysis
    ) -> tuple[Analysis, tuple[Opinion, ...]]:
        """Return the analysis after a second look at its doubtful events. Never raises."""
        opinions = []
        for event in opinion.doubtful(analysis, self._bands)[:_MOST]:
            try:
                said, answer = await self._ask(article, analysis, event)
            except Exception as error:  # noqa: BLE001 - the first reader's answer stands
                said = Opinion(event, "none", f"the second reader broke: {type(error).__name__}")
                answer = None
            opinions.append(said)
            if answer is not None:
                analysis = opinion.settled(analysis, event, answer, self._bands[event.type][1])
            log.info("second look", verdict=said.verdict, reason=said.reason, url=article.url)
        return analysis, tuple(opinions)

    async def _ask(
        self, article: Document, analysis: Analysis, event: Event
    ) -> tuple[Opinion, opinion.Answer | None]:
        messages = opinion.question(article, event)
        asked = messages[-1]["content"]
        name = key(str(opinion.VERSION), self._config.base_url, self._config.model, asked)
        words = self._shelf.find(name, self._clock())
        if words is not None:
            return self._weighed(opinion.parse(words), article, analysis, event, kept=True)
        for _ in range(_TRIES):
            hindrance = self._hindrance()
            if hindrance:
                return Opinion(event, "none", hindrance), None
            words, fault = await self._words(messages)
            if words is not None:
                self._shelf.put(name, words, self._clock())
                return self._weighed(opinion.parse(words), article, analysis, event)
            if not fault.startswith("not an answer"):
                break
        return Opinion(event, "none", fault), None

    def _hindrance(self) -> str:
        """Return why nothing may be asked now; empty if it may, and the day's budget is charged."""
        if self._breaker.is_open(self._clock()):
            return "left alone for a while, after failures"
        if not self._shelf.spend(self._clock()):
            return f"the day's {self._config.per_day} questions are spent"
        return ""

    async def _words(self, messages: list[dict[str, str]]) -> tuple[str | None, str]:
        """Return an answer's words, or None and the fault."""
        import asyncio

        from crawler.errors import RaisewireError

        try:
            if self._endpoint is None:
                self._endpoint = await asyncio.to_thread(_endpoint, self._config, self._guard)
            words = await self._endpoint.say(messages, opinion.schema())
            opinion.parse(words)
        except (RaisewireError, ValueError) as error:
            self._breaker.note(good=False, now=self._clock())
            wrong = isinstance(error, ValueError)
            return None, one_line(f"{'not an answer: ' if wrong else ''}{error}", 300)
        self._breaker.note(good=True, now=self._clock())
        return words, ""

    def _weighed(
        self,
        answer: opinion.Answer,
        article: Document,
        analysis: Analysis,
        event: Event,
        *,
        kept: bool = False,
    ) -> tuple[Opinion, opinion.Answer | None]:
        wrong = opinion.problem(answer, event, article, analysis)
        if wrong:
            return Opinion(event, "none", one_line(f"not believed: {wrong}", 300), kept), None
        return Opinion(event, answer.verdict, one_line(answer.reason, 300), kept), answer


def _endpoint(config: Llm, guard: Guard) -> Endpoint:
    from crawler.second.endpoint import Endpoint  # the SDK takes half a second to import

    return Endpoint(config, guard)


def host(config: Llm) -> str:
    """Return the host of an endpoint, as it is shown to people."""
    parts = urlsplit(config.base_url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def warning(config: Llm) -> str:
    """Say plainly what switching the second reader on means."""
    return (
        f"llm: title and text of doubtful articles leave this machine for {host(config)} "
        f"(model {config.model}, at most {config.per_day} questions a day)"
    )
