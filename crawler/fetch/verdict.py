"""From an answer on the wire to the nouns of the house: PollResult, Page, Failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scrapy.http import Response

from crawler.fetch import diagnosis, guard, manners
from crawler.fetch.brakes import Brakes, Stopped
from crawler.safe import one_line
from crawler.types import Failure, Fetch, Outcome, Page, Poll, PollResult


class Verdict:
    """The judge that the spider asks; decides by its arguments, and holds the run's brakes."""

    def __init__(self, brakes: Brakes) -> None:
        self.brakes = brakes

    def check(self, url: str) -> None:
        """Raise SourceError for an address that must not be asked."""
        guard.check_url(url)

    def polled(self, poll: Poll, response: Response, now: datetime) -> PollResult:
        """Return what an answer to a poll says; OK means: there is something to parse."""
        headers = lower(response)
        found = diagnosis.of_answer(response.status, headers, response.body)
        result = PollResult(
            poll=poll,
            outcome=found.outcome,
            at=now,
            message=found.message,
            status=response.status,
            conditional=bool(response.meta.get("validators")),
            retry_after=manners.retry_after(response.status, headers, now),
            moved_to=_moved_to(response),
            seconds=float(response.meta.get("download_latency") or 0.0),
            size=len(response.body),
        )
        if found.outcome is Outcome.UNCHANGED:
            return _with(result, headers, now, poll.state.body_hash)
        if found.outcome is not Outcome.OK:
            return result
        return _compared(result, headers, manners.body_hash(response.body), now)

    def fetched(self, fetch: Fetch, response: Response, now: datetime) -> Page | Failure:
        """Return the page, or why it is none."""
        headers = lower(response)
        found = diagnosis.of_answer(response.status, headers, response.body)
        if found.outcome is not Outcome.OK:
            wait = manners.retry_after(response.status, headers, now)
            return Failure(
                fetch=fetch,
                outcome=found.outcome,
                at=now,
                message=found.message,
                status=response.status,
                retry_after=wait,
            )
        if response.meta.get("tdm"):  # by the site's tdmrep.json; the page's own header wins
            headers.setdefault("tdm-reservation", "1")
        paywalled = diagnosis.is_paywalled(response.body)
        return Page(
            fetch=fetch,
            url=response.url,
            status=response.status,
            body=response.body,
            at=now,
            headers=headers,
            outcome=Outcome.PAYWALLED if paywalled else Outcome.OK,
        )

    def failed(
        self, work: Poll | Fetch, error: BaseException, now: datetime
    ) -> PollResult | Failure:
        """Return how work ended that got no answer."""
        found = diagnosis.of_fault(error)
        message = one_line(found.message, 300)
        wait: timedelta | None = getattr(error, "retry_after", None)
        if isinstance(work, Poll):
            return PollResult(
                poll=work, outcome=found.outcome, at=now, message=message, retry_after=wait
            )
        return Failure(fetch=work, outcome=found.outcome, at=now, message=message, retry_after=wait)

    def released(self, error: BaseException) -> bool:
        """Tell whether `error` only means that the run is stopping."""
        return isinstance(error, Stopped) or self.brakes.is_over


def lower(response: Response) -> dict[str, str]:
    """Return an answer's headers by lower-case name; repeated ones joined as RFC 9110 says."""
    return {
        name.decode("latin-1").lower(): ", ".join(_text(value) for value in values)
        for name, values in response.headers.items()
    }


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _moved_to(response: Response) -> str | None:
    """Return the new address where every hop of the way was permanent (301, 308)."""
    reasons = response.meta.get("redirect_reasons") or ()
    return response.url if reasons and all(reason in {301, 308} for reason in reasons) else None


def _compared(
    result: PollResult, headers: dict[str, str], digest: str, now: datetime
) -> PollResult:
    """Return `result` with its validators, and UNCHANGED where the bytes are those of last time."""
    state = result.poll.state
    caught = manners.lied(state, headers.get("etag"), headers.get("last-modified"), digest)
    same = state.body_hash == digest
    outcome = Outcome.UNCHANGED if same else Outcome.OK
    return replace(_with(result, headers, now, digest), outcome=outcome, lied=caught)


def _with(
    result: PollResult, headers: dict[str, str], now: datetime, digest: str | None
) -> PollResult:
    """Return `result` with validators (a 304 may leave them out) and freshness."""
    state = result.poll.state
    silent = result.status == 304
    return replace(
        result,
        etag=headers.get("etag") or (state.etag if silent else None),
        last_modified=headers.get("last-modified") or (state.last_modified if silent else None),
        body_hash=digest,
        min_interval=manners.fresh_for(headers, now),
    )
