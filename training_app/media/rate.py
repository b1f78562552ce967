"""How fast a publisher may send and how often it is asked for keyframes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HIGHEST: Final = 2_500_000
"""Bits a second of picture and sound of one venue."""
LOWEST: Final = 300_000
EVERY_S: Final = 1.2
"""A publisher hears its rate so often; browsers forget it after a few seconds."""


def next_rate(rate: int, lost: float) -> int:
    """Bits a second after a part `lost` (0 to 1) of the packets had not come at once.

    Over 10 % lost: less by half of what is lost; over 2 %: as before; else up by 8 %, between LOWEST and HIGHEST.
    Source: loss-based control of draft-ietf-rmcat-gcc-02, section 6.
    """
    if lost > 0.10:
        rate = round(rate * (1 - lost / 2))
    elif lost < 0.02:
        rate = round(rate * 1.08)
    return max(LOWEST, min(HIGHEST, rate))


@dataclass(slots=True)
class Asking:
    """Passes a wish on at most once in `every_s`; one that comes too soon is passed on when its time has come.

    later: calls a function after so many seconds. ask: passes the wish on. clock: steady seconds.
    """

    every_s: float
    ask: Callable[[], None]
    clock: Callable[[], float]
    later: Callable[[float, Callable[[], None]], object]
    _last: float = float("-inf")
    _is_waiting: bool = False

    def __call__(self) -> None:
        """The wish is passed on now or soon."""
        if self._is_waiting:
            return
        wait_s = self._last + self.every_s - self.clock()
        if wait_s <= 0:
            self._pass_on()
        else:
            self._is_waiting = True
            self.later(wait_s, self._pass_on)

    def _pass_on(self) -> None:
        self._is_waiting = False
        self._last = self.clock()
        self.ask()
