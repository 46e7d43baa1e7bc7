"""Logs: events with words as data, one line each, on standard error, never a secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any

from crawler.safe import one_line, redact

_how: dict[str, Any] = {}  # what `set_up` was last told in this process
LEVELS = {False: logging.WARNING, True: logging.DEBUG}


def set_up(*, verbose: bool, log_format: str, level: int | None = None) -> None:
    """Send structlog and the standard library's logging the same way, once per process."""
    import structlog

    _how.update(verbose=verbose, log_format=log_format, level=level)
    level = LEVELS[verbose] if level is None else level
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("scrapy", "twisted", "asyncio", "apscheduler", "alembic", "mail.log"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    for silent in ("trafilatura", "htmldate", "courlan", "justext", "apprise"):
        logging.getLogger(silent).setLevel(logging.CRITICAL)


def as_here() -> Callable[[], None] | None:
    """Return what makes another process log as this one does; None if it was never set up."""
    return partial(set_up, **_how) if _how else None


def _formatter(log_format: str) -> logging.Formatter:
    import structlog

    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _clean,
            last,
        ],
    )


def _clean(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep hostile text to one line, and secrets out."""
    for key, value in event.items():
        if isinstance(value, str):
            limit = 4000 if key == "exception" else 500
            text = redact(value)
            event[key] = text[:limit] if key == "exception" else one_line(text, limit)
    return event
