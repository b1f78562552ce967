"""What the worker does: its turns and the kinds of jobs, of all packages, joined here as `app` joins their pages."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from training_app.bank.retention import forget_uploads
from training_app.config import Settings
from training_app.exams import retention as exam_retention
from training_app.exams.day.opening import open_due
from training_app.exams.marking.scoring import score_some
from training_app.exams.paper.handing_in import close_overdue
from training_app.exams.rehearsal.dropping import drop_ended
from training_app.exams.rehearsal.job import REHEARSE_KIND, rehearse_kind
from training_app.exams.setup.drawing_job import PREPARE_KIND, prepare_kind
from training_app.files import services as files
from training_app.files.store import Store
from training_app.jobs.services import forget_old
from training_app.observations import attendance
from training_app.observations.hosting import end_forgotten
from training_app.observations.stage import stages_to_know
from training_app.people import retention as people_retention
from training_app.progress.checking import CHECK_KIND, check_kind
from training_app.registry import Invariant, JobKind, Turn
from training_app.streams import events as stream_events
from training_app.streams.events import Collector

HOUR_S = 3600
STREAMS_EACH_S = 5


def turns(settings: Settings, store: Store) -> dict[str, Turn]:
    """What is done again and again, by name."""
    photos: Callable[[Session, datetime], int] = partial(exam_retention.delete_photos, appeal_days=settings.appeal_days)
    return {
        "sittings_to_open": Turn(open_due),
        "attempts_to_close": Turn(close_overdue),
        "scores": Turn(score_some),
        "entry_codes": Turn(exam_retention.end_entry_codes),
        "photos": Turn(photos),
        "assets_expired": Turn(files.drop_expired),
        "assets_unused": Turn(lambda session, _now: files.delete_unused(session, store)),
        "assets_swept": Turn(lambda session, now: files.sweep(session, store, now), every_s=HOUR_S),
        "sign_in_failures": Turn(people_retention.forget_failures),
        "one_time_codes": Turn(people_retention.forget_codes, every_s=HOUR_S),
        "reasons": Turn(exam_retention.forget_reasons, every_s=HOUR_S),
        "practice": Turn(exam_retention.forget_practice, every_s=HOUR_S),
        "rehearsals": Turn(drop_ended),
        "uploads": Turn(forget_uploads, every_s=HOUR_S),
        "jobs": Turn(forget_old, every_s=HOUR_S),
        "observations": Turn(end_forgotten),
        **stream_turns(settings),
    }


def stream_turns(settings: Settings) -> dict[str, Turn]:
    """What is done about streams, where there are any."""
    if not settings.media:
        return {}
    collector = Collector(settings, listeners=(attendance.hear,), stages=(stages_to_know,))
    return {
        "streams": Turn(collector.keep, every_s=STREAMS_EACH_S, before=collector.ask, after=collector.give_up),
        "streams_again": Turn(collector.hear_again, every_s=HOUR_S),
        "stream_events": Turn(stream_events.forget, every_s=HOUR_S),
    }


def job_kinds(invariants: dict[str, Invariant]) -> dict[str, JobKind]:
    """The kinds of long work, by name."""
    return {CHECK_KIND: check_kind(invariants), PREPARE_KIND: prepare_kind(), REHEARSE_KIND: rehearse_kind()}
