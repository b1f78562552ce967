"""A candidate's own results: the list, and one of them with everything that the page and the report show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.rekeying import Corrections, points_under
from question_bank.texts import Text
from training_app.errors import NotFound
from training_app.exams.attempts import SITTING, PaperItem, given_of, paper_of_form
from training_app.exams.day_models import Receipt
from training_app.exams.marking.keys import corrections_of
from training_app.exams.marking.released import RunResult, lines_of, released_result, results_by
from training_app.exams.marking.scoring import SCORABLE, UNCOUNTED
from training_app.exams.marking.words import result_state
from training_app.exams.marking_models import KeyRevision, Release, Standard
from training_app.exams.models import Attempt, Form
from training_app.exams.results import SectionScore
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder

NO_RESULT = _l("You have no such result. Your own results stand under Exams.")


@dataclass(frozen=True, slots=True)
class OwnResult:
    """A place that ended, with what may be told of it. state: a key of `words.RESULT_STATES`."""

    place: RosterPlace
    sitting: Sitting
    attempt: Attempt | None
    result: RunResult | None
    state: str


def own_results(session: Session, person_id: int) -> list[OwnResult]:
    """The person's places in sittings that have ended for him or her, the newest first."""
    rows = session.execute(
        select(RosterPlace, Sitting, Attempt)
        .join(Sitting, Sitting.id == RosterPlace.sitting_id)
        .outerjoin(Attempt, Attempt.id == RosterPlace.attempt_id)
        .where(
            RosterPlace.person_id == person_id,
            RosterPlace.state != "withdrawn",
            Sitting.state.not_in(("planned", "prepared", "cancelled")),
        )
        .order_by(Sitting.starts_at.desc(), RosterPlace.id.desc())
    ).unique()
    found = [_told(session, row.RosterPlace, row.Sitting, row.Attempt) for row in rows]
    return [one for one in found if one.state != "writing"]


def _told(session: Session, place: RosterPlace, sitting: Sitting, attempt: Attempt | None) -> OwnResult:
    result = None
    if attempt is not None and place.state not in UNCOUNTED:
        result = released_result(session, attempt)
    state = result_state(place, attempt, result.judgement.outcome.value if result else None)
    # what waits for its release is told as "being marked": that it is marked already helps nobody
    return OwnResult(place, sitting, attempt, result, "handed_in" if state == "marked" else state)


def own_result(session: Session, holder: Holder, attempt_id: int) -> OwnResult:
    """The person's own attempt of a sitting with its result. Another person's is not there, and the try is noted."""
    attempt = session.get(Attempt, attempt_id) if attempt_id <= LARGEST_ID else None
    if attempt is None or attempt.kind != SITTING:
        raise NotFound(NO_RESULT)
    if attempt.person_id != holder.id:
        raise NotFound(NO_RESULT, act="exam.sit")
    return result_of(session, attempt)


def result_of(session: Session, attempt: Attempt) -> OwnResult:
    """The attempt of a sitting with what may be told of it. NotFound while it is not handed in."""
    place = session.scalar(select(RosterPlace).where(RosterPlace.attempt_id == attempt.id))
    if place is None or attempt.state not in {*SCORABLE, "voided"}:
        raise NotFound(NO_RESULT)
    return _told(session, place, session.get_one(Sitting, attempt.sitting_id), attempt)


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that a released result tells.

    parts: points by category; sections: in detail. earlier: former releases with their results, the newest first.
    """

    form: Form
    paper: tuple[PaperItem, ...]
    corrections: Corrections
    revision: KeyRevision | None
    lines: Mapping[int, int]
    given: Mapping[int, object]
    parts: Sequence[SectionScore]
    sections: Sequence[SectionScore]
    released_at: datetime
    earlier: Sequence[tuple[Release, RunResult]]
    receipt: Receipt | None


def told_of(session: Session, own: OwnResult, criteria: Criteria) -> Told:
    """What the page and the report of this released result show."""
    assert own.attempt is not None and own.result is not None, "only a released result is told"
    standard = own.result.standard
    paper = paper_of_form(session, own.attempt.form_id)
    corrections = corrections_of(session, standard.revision_id)
    lines = lines_of(session, own.result.run_id)
    releases = session.scalars(
        select(Release)
        .join(Standard, Standard.id == Release.standard_id)
        .where(Release.sitting_id == own.sitting.id, Standard.form_id == own.attempt.form_id)
        .order_by(Release.id.desc())
    ).all()
    return Told(
        form=session.get_one(Form, own.attempt.form_id),
        paper=paper,
        corrections=corrections,
        revision=session.get(KeyRevision, standard.revision_id) if standard.revision_id else None,
        lines=lines,
        given={version: answer.response for version, answer in given_of(session, own.attempt).items()},
        parts=sections_of(paper, lines, corrections, lambda code: category(criteria, code)),
        sections=sections_of(paper, lines, corrections, lambda code: section(criteria, code)),
        released_at=releases[0].at,
        earlier=_earlier(session, own.attempt.id, releases[1:]),
        receipt=session.get(Receipt, own.attempt.id),
    )


def _earlier(session: Session, attempt_id: int, releases: Sequence[Release]) -> list[tuple[Release, RunResult]]:
    found = []
    for release in releases:
        result = results_by(session, [session.get_one(Standard, release.standard_id)], [attempt_id]).get(attempt_id)
        if result is not None:
            found.append((release, result))
    return found


def sections_of(
    paper: Sequence[PaperItem],
    lines: Mapping[int, int],
    corrections: Corrections,
    part_of: Callable[[str], tuple[str, Text]],
) -> list[SectionScore]:
    """Points by the part to which each item's first code belongs; a void item counts nowhere.

    part_of: a code → code and title of its part.
    """
    parts: dict[str, SectionScore] = {}
    for place in paper:
        most = points_under(place.item, corrections.get(place.version_id))
        if not most:
            continue
        code, title = part_of(place.item.codes[0])
        before = parts.get(code, SectionScore(code, title, 0, 0))
        earned = lines.get(place.version_id, 0)
        parts[code] = SectionScore(code, title, before.points + earned, before.maximum + most)
    return [parts[code] for code in sorted(parts)]


def section(criteria: Criteria, code: str) -> tuple[str, Text]:
    """The section of the code, named with its edition: several editions have sections of one name."""
    found = criteria.section_of(code)
    return found, _with_edition(criteria, found)


def category(criteria: Criteria, code: str) -> tuple[str, Text]:
    """What stands above the section of the code: a category of its edition, or the whole tree."""
    above = criteria.node(criteria.section_of(code)).parent or criteria.section_of(code)
    node = criteria.node(above)
    return above, _with_edition(criteria, above) if node.parent else node.title


def _with_edition(criteria: Criteria, code: str) -> Text:
    title, edition = criteria.node(code).title, criteria.edition_of(code)
    if edition is None:
        return title
    return Text(f"{title.zh}（{edition.short.zh}）", f"{title.en} ({edition.short.en})")
