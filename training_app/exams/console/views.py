"""Pages of the console: the board that renews itself, the panel of a seat or of the sitting."""

from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from training_app.exams.console.acts import SEAT_ACTS, SITTING_ACTS
from training_app.exams.console.board import GROUPS
from training_app.exams.console.desk import desk_of, seat_answer, seat_context, sitting_answer, sitting_context
from training_app.exams.console.words import (
    DOCUMENTS,
    STAGES,
    TROUBLE_ICONS,
    WHY_LATE,
    countdown,
    last_sign,
    span,
    trouble_note,
    trouble_title,
)
from training_app.exams.views import bp
from training_app.web.access import permit

WORDS = {
    "trouble_icons": TROUBLE_ICONS,
    "trouble_title": trouble_title,
    "trouble_note": trouble_note,
    "last_sign": last_sign,
    "stages": STAGES,
    "documents": DOCUMENTS,
    "why_late": WHY_LATE,
    "span": span,
    "countdown": countdown,
    "seat_acts": SEAT_ACTS,
    "sitting_acts": SITTING_ACTS,
}
bp.record(lambda state: state.app.jinja_env.globals.update(console_words=WORDS))


@bp.get("/sittings/<int:sitting_id>/console")
@permit("console.read")
def console(sitting_id: int) -> Response:
    """The console: the board, and beside it a seat or the sitting as a whole."""
    desk = desk_of(sitting_id)
    seat = request.args.get("seat", type=int)
    return seat_answer(desk, seat) if seat is not None else sitting_answer(desk)


@bp.get("/sittings/<int:sitting_id>/console/board")
@permit("console.read")
def console_board(sitting_id: int) -> str:
    """The board as it is now, and what else on the page renews itself: counts, the clock, the open seat."""
    desk = desk_of(sitting_id)
    tile = desk.board.tile(request.args.get("seat", 0, type=int))
    context: dict[str, Any] = {"desk": desk, "board": desk.board, "sitting": desk.sitting, "groups": GROUPS}
    if tile is not None and request.args.get("live"):
        return render_template("exams/console/_renewed.html", **context, **seat_context(tile), renew="seat")
    context["seat_open"] = tile
    if request.args.get("panel") == "sitting":
        return render_template("exams/console/_renewed.html", **context, **sitting_context(desk), renew="sitting")
    return render_template("exams/console/_renewed.html", **context, renew="")
