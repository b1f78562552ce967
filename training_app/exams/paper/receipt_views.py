"""Receipts of hand-ins: the candidate's own with the proof, and the public page that tells nothing of a person."""

from typing import Final

import segno
from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from training_app.errors import NotFound, TooMany
from training_app.exams.models import Attempt
from training_app.exams.paper.access import own_attempt
from training_app.exams.paper.receipts import is_genuine, receipt_by_code, receipt_of, recompute
from training_app.exams.paper.settling import settle
from training_app.exams.paper.showing import title_of
from training_app.exams.paper.standing import HANDED_IN
from training_app.exams.views import bp
from training_app.people.signed import me
from training_app.web.access import PUBLIC, permit
from training_app.web.pace import Pace
from training_app.web.requests import address, now, read_session

PACE: Final = Pace(120)
"""Look-ups of receipts a minute from one address: codes have 80 bits, so that nobody finds one by trying."""

NO_RECEIPT = _l("There is no receipt with this code. Check it letter by letter.")


@bp.get("/attempts/<int:attempt_id>/receipt")
@permit("practice.take")
def receipt(attempt_id: int) -> str | Response:
    """The own receipt: code and QR over the whole answer set."""
    attempt = settle(own_attempt(read_session(), me().holder, attempt_id), now())
    if attempt.state not in HANDED_IN:
        return redirect(url_for("exams.paper", attempt_id=attempt_id))
    return _page(attempt, report=None)


@bp.post("/attempts/<int:attempt_id>/receipt")
@permit("practice.take")
def check_receipt(attempt_id: int) -> str | Response:
    """The same with the chain computed anew from every answer and held against the receipt."""
    attempt = own_attempt(read_session(), me().holder, attempt_id)
    if attempt.state not in HANDED_IN:
        return redirect(url_for("exams.paper", attempt_id=attempt_id))
    return _page(attempt, report=recompute(read_session(), attempt))


def _page(attempt: Attempt, *, report: object) -> str:
    found = receipt_of(read_session(), attempt.id)
    address_of = url_for("exams.public_receipt", code=found.code, _external=True) if found else ""
    return render_template(
        "exams/receipt.html",
        attempt=attempt,
        receipt=found,
        title=title_of(read_session(), attempt),
        report=report,
        public_address=address_of,
        picture=_qr(address_of) if found else "",
    )


def _qr(text: str) -> str:
    """The text as a QR code: a picture in the page itself."""
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=4)


@bp.get("/receipts")
@permit(PUBLIC)
def find_receipt() -> str | Response:
    """Where the code of a receipt is typed."""
    code = request.args.get("code", "").strip()
    if code:
        return redirect(url_for("exams.public_receipt", code=code[:60]))
    return render_template("exams/find_receipt.html")


@bp.get("/receipts/<code>")
@permit(PUBLIC)
def public_receipt(code: str) -> str:
    """When something was handed in, how many answers, which form, the head of its chain. No name, score or base."""
    wait_s = PACE.wait_s(address(), now())
    if wait_s:
        raise TooMany(_l("Too many receipts were asked for from here. Wait a minute."), retry_after_s=wait_s)
    found = receipt_by_code(read_session(), code)
    if found is None:
        raise NotFound(NO_RECEIPT)
    return render_template("exams/public_receipt.html", receipt=found, genuine=is_genuine(read_session(), found))
