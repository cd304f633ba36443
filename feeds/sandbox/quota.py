"""The limit on requests: a strict window of one second that slides."""

import math
import time
from collections import deque

_WINDOW = 1.0


class Quota:
    """Counts the requests of the last second; refused ones do not count."""

    def __init__(self, most: int) -> None:
        """Let this many requests arrive within any one second; 0 lets all in."""
        self._most = most
        self._arrivals: deque[float] = deque()

    def wait(self) -> int:
        """Take one arrival.

        Returns:
            0 when it is let in, else the whole seconds after which to come again.
        """
        if not self._most:
            return 0
        now = time.monotonic()
        while self._arrivals and self._arrivals[0] <= now - _WINDOW:
            self._arrivals.popleft()
        if len(self._arrivals) >= self._most:
            return math.ceil(self._arrivals[0] + _WINDOW - now)
        self._arrivals.append(now)
        return 0
