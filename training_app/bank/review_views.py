"""What waits for an item reviewer."""

from flask import render_template

from training_app.bank.review import waiting_count, waiting_items
from training_app.bank.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session


@bp.get("/bank/review")
@permit("bank.confirm")
def review() -> str:
    """Secret items that wait for a review by this person; what they ask is read on their own pages."""
    session, holder = read_session(), me().holder
    return render_template(
        "bank/review.html", versions=waiting_items(session, holder), count=waiting_count(session, holder)
    )
