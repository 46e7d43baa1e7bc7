"""How often one visitor may ask: a bucket each, refilled by the second."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

_KEPT = 10_000  # visitors remembered; the one that asked longest ago is forgotten first
LOGINS = 10  # tries a minute from one address
_COUNTED = ("/api/", "/feeds/", "/calendar/")


class Rates:
    """Token buckets by visitor. `steady` gives seconds that only grow."""

    def __init__(self, per_minute: int, steady: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._steady = per_minute, steady
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, path: str, who: str, address: str) -> int:
        """Take one request's token; return the seconds to wait if there is none, else 0."""
        if path == "/login":
            return self._take(f"login {address}", LOGINS)
        return self._take(who, self._per_minute) if path.startswith(_COUNTED) else 0

    def _take(self, key: str, per_minute: int) -> int:
        now, rate = self._steady(), per_minute / 60
        left, at = self._buckets.pop(key, (float(per_minute), now))
        left = min(float(per_minute), left + (now - at) * rate)
        enough = left >= 1
        self._buckets[key] = (left - 1 if enough else left, now)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return 0 if enough else max(1, math.ceil((1 - left) / rate))
