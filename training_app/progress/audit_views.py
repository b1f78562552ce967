"""The audit log as far as the reader's bases reach, and the check of all records."""

from datetime import timedelta
from typing import Any

from flask import Response as Answer
from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from training_app.audit.models import AuditEntry
from training_app.audit.services import NO_BASE
from training_app.audit.words import ACT_NAMES, act_name, details_in_words, object_name
from training_app.bookings.models import Kit, Room
from training_app.exams.objections.names import value_in_words
from training_app.lists import MEDIA_TYPES, Column, Filter, ListSpec, export, list_page, list_rows, requested_export
from training_app.people.models import Organisation, Person
from training_app.people.names import PLACE_NAMES
from training_app.people.reach import LARGEST_ID, bases_within, people_within
from training_app.people.rules import ALL_BASES, Holder
from training_app.people.signed import me
from training_app.progress.views import bp
from training_app.web.access import permit
from training_app.web.requests import now, read_session, registry
from training_app.web.words import language, moment, name_of

DAYS = {"1": _l("Last 24 hours"), "7": _l("7 days"), "30": _l("30 days"), "365": _l("A year")}

ACTOR = aliased(Person, name="actor")
SUBJECT = aliased(Person, name="subject")
NAMED: tuple[Any, ...] = (SUBJECT, Organisation, Room, Kit)
"""What an act can touch that has a name; of each line at most one is there."""


def _id_of(kind: str) -> ColumnElement[int]:
    return case((AuditEntry.object_kind == kind, cast(AuditEntry.object_id, Integer)))


def entries_within(holder: Holder) -> Select[Any]:
    """The lines of the chains that the holder may read, each with the names of who acted and who was touched."""
    statement: Any = (  # of a line and four names: lists take the rows as they come
        select(
            AuditEntry,
            ACTOR.name_zh.label("actor_zh"),
            ACTOR.name_en.label("actor_en"),
            func.coalesce(*(table.name_zh for table in NAMED)).label("object_zh"),
            func.coalesce(*(table.name_en for table in NAMED)).label("object_en"),
        )
        .outerjoin(ACTOR, ACTOR.id == AuditEntry.actor_id)
        .outerjoin(SUBJECT, SUBJECT.id == _id_of("person"))
        .outerjoin(Organisation, Organisation.id == _id_of("organisation"))
        .outerjoin(Room, Room.id == _id_of("room"))
        .outerjoin(Kit, Kit.id == _id_of("kit"))
    )
    bases = holder.bases_for("audit.read")
    within: Select[Any] = statement if bases == ALL_BASES else statement.where(AuditEntry.chain.in_(bases - {NO_BASE}))
    return within


def _chosen(chinese: str | None, english: str | None) -> str:
    words = (english, chinese) if language() == "en" else (chinese, english)
    return words[0] or words[1] or ""


def actor_of(row: Any) -> str:
    """Who acted; a dash for somebody unknown or the command line."""
    return _chosen(row.actor_zh, row.actor_en) or "–"


def object_of(row: Any) -> str:
    """What the act touched, by its kind and name."""
    entry: AuditEntry = row.AuditEntry
    name = _chosen(row.object_zh, row.object_en) or entry.object_id
    return f"{object_name(entry.object_kind)}{_(': ')}{name}"


def details_of(row: Any) -> str:
    """The details in words; keys and codes never stand there."""
    return details_in_words(row.AuditEntry.details, value_in_words)


def chain_name(chain: str) -> str:
    """The base whose acts the chain holds, in the language of this answer."""
    return str(PLACE_NAMES.get(chain, chain))


def audit_spec(session: Session, holder: Holder) -> ListSpec:
    """Columns, search and filters of the log for this reader."""
    chains = [(base.id, name_of(base)) for base in bases_within(session, holder, "audit.read")]
    if holder.bases_for("audit.read") == ALL_BASES:
        chains.append((NO_BASE, chain_name(NO_BASE)))
    return ListSpec(
        columns=(
            Column("at", _l("Time"), lambda row: moment(row.AuditEntry.at, seconds=True), AuditEntry.at),
            Column("act", _l("Act"), lambda row: act_name(row.AuditEntry.act), AuditEntry.act),
            Column("actor", _l("Who"), actor_of, ACTOR.name_en),
            Column("object", _l("Whom or what"), object_of),
            Column("details", _l("Details"), details_of),
            Column("address", _l("From"), lambda row: row.AuditEntry.address or "–"),
            Column("chain", _l("Chain"), lambda row: chain_name(row.AuditEntry.chain), AuditEntry.chain),
            Column("seq", _l("Line"), lambda row: row.AuditEntry.seq, AuditEntry.seq, numeric=True),
        ),
        default_sort="-at",
        tie=AuditEntry.id.desc(),
        search=(ACTOR.name_zh, ACTOR.name_en, ACTOR.username, SUBJECT.name_zh, SUBJECT.name_en, SUBJECT.username),
        filters=(
            Filter("act", _l("Act"), tuple(ACT_NAMES.items()), lambda value: AuditEntry.act == value),
            Filter("chain", _l("Chain"), tuple(chains), lambda value: AuditEntry.chain == value),
            Filter("days", _l("Time"), tuple(DAYS.items()), _since),
            *_one_person(session, holder),
        ),
    )


def _since(value: str) -> Any:
    return AuditEntry.at >= now() - timedelta(days=int(value))


def _one_person(session: Session, holder: Holder) -> tuple[Filter, ...]:
    # people are too many for a list of choices: the record of a person leads here, the search finds the others
    text = request.args.get("person", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    if not 0 < number <= LARGEST_ID:
        return ()
    person = session.scalar(select(Person).where(Person.id == number, people_within(holder, "people.read")))
    if person is None:
        return ()
    touched = and_(AuditEntry.object_kind == "person", AuditEntry.object_id == str(number))
    either = or_(AuditEntry.actor_id == number, touched)
    return (Filter("person", _l("Person"), ((str(number), name_of(person)),), lambda _value: either),)


@bp.get("/audit")
@permit("audit.read")
def audit_log() -> str | Answer:
    """Who did what, when, from where; the newest first."""
    session = read_session()
    holder = me().holder
    spec = audit_spec(session, holder)
    statement = entries_within(holder)
    kind = requested_export(request.args)
    if kind:
        file = export(spec, list_rows(session, statement, spec, request.args), kind)
        headers = {"Content-Disposition": f"attachment; filename=audit.{kind}"}
        return Answer(file, mimetype=MEDIA_TYPES[kind], headers=headers)
    page = list_page(session, statement, spec, request.args)
    return render_template("progress/audit.html", page=page, href_of=_href_of if holder.may("people.read") else None)


def _href_of(entry: AuditEntry) -> str:
    return url_for("people.person", person_id=int(entry.object_id)) if entry.object_kind == "person" else ""


INVARIANT_NAMES = {
    "audit_chain": (
        _l("Audit log"),
        _l("Each line follows from its content and the line before; none is missing, none was changed."),
    ),
    "bank": (_l("Item bank"), _l("No version of an item was changed after it was loaded.")),
    "bookings": (
        _l("Bookings"),
        _l("Nothing is held twice at one time, and what a booking holds agrees with it."),
    ),
    "exams": (
        _l("Answers and scores"),
        _l("Each stored answer follows the one before, and each score is the sum of its lines."),
    ),
    "observations": (
        _l("Observations"),
        _l("Host, rooms and places of an observation have their booking, and whoever watched had accepted the notice."),
    ),
    "reviews": (_l("Reviews of items"), _l("Nobody reviewed an item that the same person wrote or loaded.")),
    "sittings": (
        _l("Sittings"),
        _l("Each room, duty and place of a sitting has its booking, and a prepared one its form and attempts."),
    ),
}
FINDING_WORDS = (
    _l("the head is not the last line: lines were removed or added"),
    _l("does not follow the line before it"),
    _l("was changed after it was written"),
    _l("its salt was removed while its details stayed"),
    _l("its details were changed after they were written"),
    _l("was changed after it was loaded"),
    _l("was reviewed by its author or loader"),
    _l("is held twice at one time"),
    _l("stands and claims nothing"),
    _l("has another state or time than its booking"),
    _l("has opening hours that overlap"),
    _l("does not follow the answer before it"),
    _l("was changed after it was stored"),
    _l("its answer was changed after it was stored"),
    _l("its last answer is missing or was added outside the chain"),
    _l("its receipt names a head that its answers do not give"),
    _l("its receipt is not as it was signed, or its key is gone"),
    _l("its deadline is not its start, its length and what was added"),
    _l("its state is not that of its last change"),
    _l("is handed in without the time of it"),
    _l("has a receipt and is not handed in"),
    _l("was last shown by a page that does not hold it"),
    _l("a late answer counts, or does not, against its decision"),
    _l("is not booked for its time"),
    _l("its booking is not live or of another"),
    _l("its booking does not hold the person and the seat"),
    _l("has no attempt on the form of its prepared sitting"),
    _l("its host is not booked for its time"),
    _l("is not as many venues as its kind has"),
    _l("is on the air without a venue on program"),
    _l("has more places taken than there are"),
    _l("is over and still holds a booking"),
    _l("was watched by somebody who did not accept the notice"),
)
"""Sentences of findings, here to be translated; one with a number in it is shown as the check wrote it."""
FINDINGS_SHOWN = 50


@bp.get("/audit/check")
@permit("audit.read")
def records_check() -> str:
    """Whether all holds that must always hold. Where it does not, whoever reads every chain sees the places."""
    session = read_session()
    results = []
    for name, invariant in registry().invariants.items():
        title, sentence = INVARIANT_NAMES.get(name, (name, ""))
        found = list(invariant(session))
        shown = [(finding.place, _(finding.message)) for finding in found[:FINDINGS_SHOWN]]
        results.append({"title": title, "sentence": sentence, "count": len(found), "findings": shown})
    return render_template(
        "progress/audit_check.html",
        results=results,
        sound=not any(result["count"] for result in results),
        places=me().holder.bases_for("audit.read") == ALL_BASES,
        at=now(),
    )
