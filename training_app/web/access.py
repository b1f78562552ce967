"""What an endpoint declares about who may use it."""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC: Final = "public"
"""Anyone, signed in or not."""

SIGNED_IN: Final = "signed-in"
"""Anyone who is signed in, whatever the role."""

ATTRIBUTE: Final = "permission"


def permit(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator that declares the permission an endpoint asks for. It stands below the route decorator."""

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, ATTRIBUTE, permission)
        return view

    return declare


def declared_permission(view: object) -> str | None:
    """The permission that `view` declares, None when it declares nothing."""
    return getattr(view, ATTRIBUTE, None)
