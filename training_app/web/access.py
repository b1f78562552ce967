"""What an endpoint declares about who may use it."""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from werkzeug.wrappers import Response

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC: Final = "public"
"""Anyone, signed in or not."""

SIGNED_IN: Final = "signed-in"
"""Anyone who is signed in, whatever the role."""

ATTRIBUTE: Final = "permission"
QUICK_WAY: Final = "quick_way"


def permit(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator that declares the permission an endpoint asks for. It stands below the route decorator."""

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, ATTRIBUTE, permission)
        return view

    return declare


def declared_permission(view: object) -> str | None:
    """The permission that `view` declares, None when it declares nothing."""
    return getattr(view, ATTRIBUTE, None)


QuickWay = Callable[..., Response | None]
"""Takes the claim and what the address names. None when anything is out of the ordinary; then nothing was done.

It is called again when its connection to the database turns out to be cut, so a repetition must do no harm.
"""


def quickly(answer: QuickWay) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator that gives an endpoint a quick way, which is tried before anybody is looked up.

    Who takes the quick way is found by a condition in its statements (people.claims); whoever is not found there goes
    the ordinary way, with every check and sentence.
    """

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, QUICK_WAY, answer)
        return view

    return declare


def quick_way_of(view: object) -> QuickWay | None:
    """The quick way of `view`, if it has one."""
    return getattr(view, QUICK_WAY, None)
