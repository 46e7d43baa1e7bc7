"""Durations (`15m`, `1h30m`) and sizes (`8MB`, `512KiB`) as people write them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_STEP = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(k|m|g)?(i)?b?", re.IGNORECASE)


def duration(text: object) -> timedelta:
    """
    Return `15m`, `1h30m`, `2.5s` as a timedelta.

    Raises:
        ValueError: it is not a duration.
    """
    if isinstance(text, timedelta):
        return text
    written = str(text).strip()
    steps = _STEP.findall(written)
    if not steps or "".join(number + unit for number, unit in steps) != written:
        raise ValueError(f"{written!r} is no duration: write 30s, 15m, 2h or 1d")
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in steps))


def size(text: object) -> int:
    """
    Return `8MB` (powers of 1000) or `8MiB` (powers of 1024) as bytes.

    Raises:
        ValueError: it is not a size.
    """
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    match = _SIZE.fullmatch(str(text).strip())
    if not match:
        raise ValueError(f"{text!r} is no size: write 500KB, 8MB or 8MiB")
    number, prefix, binary = match.groups()
    power = "kmg".index(prefix.lower()) + 1 if prefix else 0
    return round(float(number) * float(1024 if binary else 1000) ** power)


Duration = Annotated[timedelta, BeforeValidator(duration)]
Size = Annotated[int, BeforeValidator(size)]
