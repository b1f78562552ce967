"""Pages of an item reviewer: what waits, and one item with everything a confirmation rests on."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from question_bank.serialising import item_from_json
from training_app.bank.review import confirm, item_for_review, waiting_items
from training_app.bank.services import criteria, current_bank
from training_app.bank.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import address, now, read_session, write_session


@bp.get("/bank/review")
@permit("bank.confirm")
def review() -> str:
    """Secret items that wait for a confirmation by this reviewer."""
    versions = waiting_items(read_session(), me().holder)
    return render_template("bank/review.html", rows=[(version, item_from_json(version.body)) for version in versions])


@bp.get("/bank/review/<int:version_id>")
@permit("bank.confirm")
def review_item(version_id: int) -> str:
    """One item with key, reasons, source and the criteria it counts for."""
    version = item_for_review(read_session(), me().holder, version_id)
    item = item_from_json(version.body)
    found = current_bank(read_session()).cases.get(item.case or "")
    return render_template(
        "bank/review_item.html",
        version=version,
        item=item,
        case=found[1] if found else None,
        nodes=[criteria().node(code) for code in item.codes if code in criteria()],
    )


@bp.post("/bank/review/<int:version_id>")
@permit("bank.confirm")
def confirm_item(version_id: int) -> Response:
    """The item is confirmed in the reviewer's name; the next one opens."""
    with write_session() as session:
        version = confirm(session, me().holder, version_id, address=address(), now=now())
    flash(_("Confirmed: %(item)s.", item=version.item_id), "success")
    rest = waiting_items(read_session(), me().holder)
    if rest:
        return redirect(url_for("bank.review_item", version_id=rest[0].id))
    return redirect(url_for("bank.review"))
