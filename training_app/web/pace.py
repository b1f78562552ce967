"""How often one address may ask for something: counted in this process, forgotten after a minute."""

import threading
from collections import deque
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=1)
MOST_ADDRESSES: Final = 10_000


class Pace:
    """At most `most` in a minute from one address."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._heard: dict[str, deque[datetime]] = {}

    def wait_s(self, address: str, now: datetime) -> int:
        """Seconds until the address is heard again; 0 when it is heard now, which counts."""
        with self._lock:
            heard = self._heard.pop(address, deque())
            while heard and now - heard[0] >= WINDOW:
                heard.popleft()
            wait = 0
            if len(heard) >= self.most:
                wait = 1 + int((heard[0] + WINDOW - now).total_seconds())
            else:
                heard.append(now)
            # the address that asked last stands last, so that the longest silent one is forgotten first
            self._heard[address] = heard
            while len(self._heard) > MOST_ADDRESSES:
                del self._heard[next(iter(self._heard))]
            return wait
