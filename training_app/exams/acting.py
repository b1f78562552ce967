"""What pages that change a sitting share: who acts, and the way back after an act."""

from collections.abc import Callable

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.people.signed import me
from training_app.web.requests import address, now, write_session


def by() -> By:
    """Whoever is signed in, at the moment of this request."""
    return By(me().holder, address(), now())


def done(
    sitting_id: int,
    act: Callable[[Session, Sitting], object],
    sentence: str,
    onward: str | None = None,
    *,
    permission: str = "sittings.edit",
) -> Response:
    """The way back after `act` on the locked sitting: with `sentence`, or with why it was refused."""
    try:
        with write_session() as session:
            act(session, sitting_within(session, me().holder, permission, sitting_id, to_change=True))
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        flash(str(refusal.message), "error")
    else:
        flash(sentence, "success")
    return redirect(onward or url_for("exams.sitting", sitting_id=sitting_id))
