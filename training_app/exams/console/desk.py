"""One look at a console: the sitting, its board, what the person may do, and the page or the part that is answered."""

from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from training_app.exams.console.access import console_of, may_act
from training_app.exams.console.added_time import open_proposals
from training_app.exams.console.board import GROUPS, Board, Tile, board_of
from training_app.exams.console.history import history_of_seat, history_of_sitting
from training_app.exams.console.rules import acts_at, next_for_sitting, remedy, sitting_acts
from training_app.exams.models import Attempt
from training_app.exams.paper.handing_in import close_if_over
from training_app.exams.setup.dealing import alike_seats, letters_of
from training_app.exams.setup.duties import open_duties
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person
from training_app.people.signed import me
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import name_of

VIEWS = ("trouble", "plan")


@dataclass(frozen=True, slots=True)
class Desk:
    """A console as one person looks at it: by trouble or by seats, all rooms or one."""

    sitting: Sitting
    board: Board
    acting: bool
    view: str
    room: int | None

    def here(self, endpoint: str = "exams.console", **more: Any) -> str:
        """An address of this console that keeps view and room."""
        kept = {"view": self.view if self.view != VIEWS[0] else None, "room": self.room}
        return url_for(endpoint, sitting_id=self.sitting.id, **{**kept, **more})

    @property
    def latest_start_over(self) -> bool:
        """Whether nobody may begin any more."""
        return self.board.now > self.sitting.latest_start_at

    def acts(self, tile: Tile) -> tuple[str, ...]:
        """Acts that are offered at a seat, the one that its trouble asks for first."""
        if not self.acting:
            return ()
        offered = acts_at(tile.stage, latest_start_over=self.latest_start_over)
        first = remedy(tile.stage, tile.troubles, latest_start_over=self.latest_start_over)
        return tuple(sorted(offered, key=lambda act: act != first))

    def first_act(self, tile: Tile) -> str | None:
        """The act in gold at a seat."""
        if not self.acting:
            return None
        return remedy(tile.stage, tile.troubles, latest_start_over=self.latest_start_over)


def desk_of(sitting_id: int) -> Desk:
    """The console as the address asks for it. Time that is over closes an attempt before it is shown."""
    session = read_session()
    sitting = console_of(session, me().holder, sitting_id)
    board = board_of(session, sitting, now())
    over = [tile.attempt_id for tile in board.tiles if tile.stage == "over"]
    if over:
        with write_session() as writing:
            for attempt in writing.scalars(select(Attempt).where(Attempt.id.in_(over)).order_by(Attempt.id)).all():
                close_if_over(writing, attempt, now())
        session = read_session()
        sitting = console_of(session, me().holder, sitting_id)
        board = board_of(session, sitting, now())
    view = request.args.get("view", VIEWS[0])
    room = request.args.get("room", type=int)
    rooms = {found.id for found in board.rooms}
    return Desk(
        sitting=sitting,
        board=board,
        acting=may_act(session, me().holder, sitting),
        view=view if view in VIEWS else VIEWS[0],
        room=room if room in rooms else None,
    )


def is_part() -> bool:
    """Whether only the side of the page is asked for."""
    return request.headers.get("HX-Target") == "side"


def answer(desk: Desk, side: str, *, status: int = 200, **context: Any) -> Response:
    """The whole page, or its side alone: `side` names a template in exams/console."""
    known = {
        "desk": desk,
        "board": desk.board,
        "sitting": desk.sitting,
        "groups": GROUPS,
        "seat_open": None,
        "said": None,
    }
    template = "exams/console/_side.html" if is_part() else "exams/console/page.html"
    page = render_template(template, **{"said": None, **known, **context}, side=f"exams/console/{side}.html")
    return make_response(page, status)


def seat_answer(desk: Desk, place_id: int, *, status: int = 200, said: tuple[str, object] | None = None) -> Response:
    """The panel of one seat, or of the sitting when the seat is not on the board."""
    tile = desk.board.tile(place_id)
    if tile is None:
        return sitting_answer(desk, status=status, said=said)
    return answer(desk, "_seat", status=status, said=said, **seat_context(tile))


def seat_context(tile: Tile) -> dict[str, Any]:
    """What the panel of a seat shows besides its tile."""
    session = read_session()
    place = session.get_one(RosterPlace, tile.place_id)
    seen_by = session.get(Person, place.document_seen_by) if place.document_seen_by else None
    return {
        "seat_open": tile,
        "place": place,
        "lines": history_of_seat(session, tile),
        "seen_by": seen_by,
        "letter": letters_of(session, place.sitting_id).get(place.id),
        "alike": alike_seats(session, place.sitting_id).get(place.id, ()),
    }


def sitting_answer(desk: Desk, *, status: int = 200, said: tuple[str, object] | None = None) -> Response:
    """The panel of the sitting: what it waits for, proposals, late answers, the last acts."""
    return answer(desk, "_sitting", status=status, said=said, **sitting_context(desk))


def sitting_context(desk: Desk) -> dict[str, Any]:
    """What the panel of the sitting shows besides the board."""
    session, board = read_session(), desk.board
    paused, at_work = board.count("paused"), board.count("running", "closing", "paused")
    offered = sitting_acts(desk.sitting.state, paused=paused, working=at_work)
    first = next_for_sitting(
        desk.sitting.state,
        announced=desk.sitting.start_at is not None,
        at_work=at_work + board.count("over"),
        paused=paused,
        latest_start_over=desk.latest_start_over,
    )
    names = {tile.attempt_id: tile for tile in board.tiles}
    return {
        "offered": offered if desk.acting else (),
        "first": first if desk.acting and first in offered else None,
        "proposals": [
            (proposal, [(names.get(int(number)), seconds) for number, seconds in proposal.lines.items()])
            for proposal in open_proposals(session, desk.sitting)
        ],
        "on_duty": [(name_of(duty.person), duty.room_id) for duty in open_duties(session, desk.sitting)],
        "lines": history_of_sitting(session, desk.sitting),
        "my_id": me().id,
    }
