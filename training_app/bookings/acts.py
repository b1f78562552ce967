"""What is written to the audit log of an act on a room or a piece of equipment, by whoever is signed in."""

from collections.abc import Mapping

from training_app.audit.services import Act
from training_app.bookings.reach import Bookable, kind_of
from training_app.people.signed import me
from training_app.web.requests import address


def act_on_bookable(act: str, bookable: Bookable, details: Mapping[str, object] | None = None) -> Act:
    """The act in the chain of the base of the room or kit."""
    return Act(act, kind_of(bookable), bookable.id, me().id, bookable.base_id, address(), dict(details or {}))
