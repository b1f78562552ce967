"""Folders that authors send: read and judged first, and loaded in a second step, all of what was shown or nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from question_bank.errors import ContentFault
from question_bank.items import Bank
from question_bank.loading import LoadedContent
from question_bank.serialising import case_from_json, case_to_json, item_from_json, item_to_json
from training_app.audit.services import Act, record
from training_app.bank.loading import (
    LoadOutcome,
    current_versions,
    fates_of,
    foreign_ids,
    last_numbers,
    load_content,
    one_load_at_a_time,
)
from training_app.bank.models import ContentUpload
from training_app.bank.parcel import Parcel, read_parcel
from training_app.errors import Conflict, NotFound, Refused
from training_app.jobs.children import ChildFailed, Limits, run_in_child
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder

KEPT: Final = timedelta(days=30)
GOOD_FOR: Final = timedelta(hours=24)
LIMITS: Final = Limits(seconds=60, memory_mb=768)
FAULTS_KEPT: Final = 500
TAKEN: Final = "the id belongs to content that ships with the site; choose another"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a person sends. author_id: who wrote the items."""

    file_name: str
    packed: bytes
    author_id: int


def judged(sent: Sent, known_ids: frozenset[str]) -> Parcel:
    """What the zip file holds, with faults; read in a child process. Refused when that comes to no end."""
    try:
        return run_in_child(read_parcel, sent.packed, known_ids, limits=LIMITS)
    except ChildFailed as failure:
        raise Refused(
            _l("This folder takes too long or too much memory to read. Send fewer items at a time.")
        ) from failure


def keep_upload(session: Session, holder: Holder, sent: Sent, parcel: Parcel, *, now: datetime) -> ContentUpload:
    """The upload with its verdict, to be shown; older ones go when their time is over."""
    session.execute(delete(ContentUpload).where(ContentUpload.at < now - KEPT))
    verdict = _verdict(session, parcel)
    refused = any(fault["severity"] == "E" for fault in verdict["faults"]) or parcel.content is None
    upload = ContentUpload(
        person_id=holder.id,
        author_id=sent.author_id,
        file_name=sent.file_name,
        digest=hashlib.sha256(sent.packed).hexdigest(),
        state="refused" if refused else "shown",
        verdict=verdict,
        content=None if refused or parcel.content is None else _as_json(parcel.content.bank),
        at=now,
    )
    session.add(upload)
    session.flush()
    return upload


def _verdict(session: Session, parcel: Parcel) -> dict[str, Any]:
    faults = list(parcel.faults)
    items: list[dict[str, Any]] = []
    if parcel.content is not None:
        bank, files = parcel.content.bank, parcel.content.files
        taken = foreign_ids(bank, current_versions(session).values(), "base")
        faults += [ContentFault(files.get(one, ""), one, "id", "TAKEN", TAKEN) for one in taken]
        fates = _fates(session, bank)
        items = [
            {
                "id": item.id,
                "file": files.get(item.id, ""),
                "kind": item.kind.value,
                "public": item.public,
                "fate": fates[item.id][0],
                "number": fates[item.id][1],
            }
            for item in bank.all_items()
        ]
    faults.sort(key=lambda fault: (fault.severity, fault.file, fault.item, fault.field))
    return {
        "items": items,
        "faults": [_fault_as_json(fault) for fault in faults[:FAULTS_KEPT]],
        "errors": sum(fault.severity == "E" for fault in faults),
        "ignored": list(parcel.ignored),
    }


def _fates(session: Session, bank: Bank) -> dict[str, tuple[str, int]]:
    """Item id -> (what loading does to it, the number of its newest version)."""
    numbers = last_numbers(session)
    fates = fates_of(session, bank, current_versions(session), numbers)
    return {item: (fate, numbers.get(item, 0)) for item, fate in fates.items()}


def _fault_as_json(fault: ContentFault) -> dict[str, str]:
    return {
        "file": fault.file,
        "item": fault.item,
        "field": fault.field,
        "code": fault.code,
        "message": fault.message[:500],
        "severity": fault.severity,
    }


def _as_json(bank: Bank) -> dict[str, Any]:
    return {"items": [item_to_json(item) for item in bank.items], "cases": [case_to_json(case) for case in bank.cases]}


def _content_of(stored: Mapping[str, Any]) -> LoadedContent:
    items = tuple(item_from_json(body) for body in stored["items"])
    cases = tuple(case_from_json(body) for body in stored["cases"])
    return LoadedContent(Bank(items, cases), (), MappingProxyType({}))


def upload_of(session: Session, holder: Holder, upload_id: int, *, to_change: bool = False) -> ContentUpload:
    """The person's own upload. NotFound for everybody else's, the same as for none."""
    statement = select(ContentUpload).where(ContentUpload.id == upload_id, ContentUpload.person_id == holder.id)
    found = session.scalar(statement.with_for_update() if to_change else statement) if upload_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_l("There is no such folder of yours."))
    return found


def own_uploads(session: Session, holder: Holder) -> list[ContentUpload]:
    """The person's last uploads, newest first."""
    statement = select(ContentUpload).where(ContentUpload.person_id == holder.id)
    return list(session.scalars(statement.order_by(ContentUpload.id.desc()).limit(10)))


def load_upload(session: Session, holder: Holder, upload_id: int, *, address: str, now: datetime) -> LoadOutcome:
    """Exactly what was shown becomes current, or nothing. Conflict when it was loaded before or the bank moved on."""
    upload = upload_of(session, holder, upload_id, to_change=True)
    if upload.state != "shown" or upload.content is None:
        raise Conflict(_l("This folder was loaded or given up already."))
    if now - upload.at > GOOD_FOR:
        raise Conflict(_l("This verdict is older than a day. Send the folder again."))
    content = _content_of(upload.content)
    one_load_at_a_time(session)
    if _fates(session, content.bank) != {row["id"]: (row["fate"], row["number"]) for row in upload.verdict["items"]}:
        raise Conflict(_l("The bank has changed since this verdict was given. Send the folder again."))
    outcome = load_content(session, content, origin="base", now=now, author_id=upload.author_id, loaded_by=holder.id)
    _end(session, upload, "loaded", now)
    details = {"new": outcome.new, "changed": outcome.changed, "folder": upload.file_name, "digest": upload.digest[:12]}
    record(session, Act("bank.loaded", "bank", "base", holder.id, None, address, details), now)
    return outcome


def drop_upload(session: Session, holder: Holder, upload_id: int, *, now: datetime) -> None:
    """The folder is given up; nothing of it is kept but the verdict."""
    upload = upload_of(session, holder, upload_id, to_change=True)
    if upload.state != "shown":
        raise Conflict(_l("This folder was loaded or given up already."))
    _end(session, upload, "dropped", now)


def _end(session: Session, upload: ContentUpload, state: str, now: datetime) -> None:
    ended = session.execute(
        update(ContentUpload)
        .where(ContentUpload.id == upload.id, ContentUpload.state == "shown")
        .values(state=state, content=None, ended_at=now)
        .returning(ContentUpload.id)
    ).one_or_none()
    if ended is None:
        raise Conflict(_l("This folder was loaded or given up already."))


def outcome_in_words(outcome: LoadOutcome) -> str:
    """What a load did, as a sentence."""
    return str(
        _(
            "%(new)s new, %(changed)s changed, %(unchanged)s unchanged.",
            new=outcome.new,
            changed=outcome.changed,
            unchanged=outcome.unchanged,
        )
    )
