"""The chain of an attempt's answers: what it covers of each, the lines that follow a head, and reading it again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.chain import GENESIS, link, new_salt, salted_digest
from training_app.exams.models import Attempt, Form, ResponseEvent
from training_app.exams.paper.deciding import Given


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many answers, and the hash of the last one."""

    server_seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Where answers come from: attempt, page, moment of arrival. late_event_id: of a late answer that was accepted."""

    attempt_id: int
    device: str | None
    received_at: datetime
    late_event_id: int | None = None


def first_hash(form_hash: str, person_id: int, number: int) -> str:
    """The hash that the first answer of an attempt follows."""
    return link(GENESIS, {"form": form_hash, "person": person_id, "number": number})


def event_line(event: Mapping[str, object]) -> Mapping[str, object]:
    """What the chain covers of a response event, by its columns; a field that an older event lacks is left out."""
    line = {
        "attempt": event["attempt_id"],
        "item": event["item_version_id"],
        "client_seq": event["client_seq"],
        "server_seq": event["server_seq"],
        "received_at": _iso(event["received_at"]),
        "digest": event["digest"],
    }
    captured_at, device, late = event["captured_at"], event["device"], event["late_event_id"]
    if captured_at is not None:
        line["captured_at"] = _iso(captured_at)
    if device is not None:
        line["device"] = device
    if late is not None:
        line["late_event"] = late
    return line


def _iso(moment: object) -> str:
    assert isinstance(moment, datetime)
    return moment.isoformat()


def following(head: Head, given: Sequence[Given], sender: Sender) -> tuple[Head, list[dict[str, object]]]:
    """The head after the answers `given`, and their rows of response_event."""
    rows = []
    for one in given:
        salt = new_salt()
        row: dict[str, object] = {
            "attempt_id": sender.attempt_id,
            "item_version_id": one.item,
            "client_seq": one.seq,
            "server_seq": head.server_seq + 1,
            "captured_at": one.captured_at,
            "received_at": sender.received_at,
            "device": sender.device,
            "late_event_id": sender.late_event_id,
            "payload": one.payload,
            "salt": salt,
            "digest": salted_digest(salt, {"payload": one.payload}),
            "previous_hash": head.hash,
        }
        row["hash"] = link(head.hash, event_line(row))
        head = Head(head.server_seq + 1, str(row["hash"]))
        rows.append(row)
    return head, rows


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a chain. server_seq: of the answer, None for the attempt itself."""

    server_seq: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A chain read again from its first answer. answered: items whose last answer is not empty."""

    heads: tuple[Head, ...]
    answered: int
    faults: tuple[Fault, ...]

    @property
    def head(self) -> Head:
        """The end, as the answers give it."""
        return self.heads[-1]


def read_chain(session: Session, attempt: Attempt) -> Reading:
    """The chain of the attempt, computed anew from its answers, with everything that does not follow."""
    form_hash = session.scalars(select(Form.content_hash).where(Form.id == attempt.form_id)).one()
    rows = session.execute(
        select(ResponseEvent.__table__).where(ResponseEvent.attempt_id == attempt.id).order_by(ResponseEvent.server_seq)
    ).mappings()
    head = Head(0, first_hash(form_hash, attempt.person_id, attempt.number))
    heads, faults, latest = [head], list[Fault](), dict[int, tuple[int, object]]()
    for row in rows:
        faults.extend(_faults_of(dict(row), head))
        head = Head(row["server_seq"], row["hash"])
        heads.append(head)
        if row["client_seq"] >= latest.get(row["item_version_id"], (0, None))[0]:
            latest[row["item_version_id"]] = (row["client_seq"], row["payload"])
    if (attempt.head_seq, attempt.head_hash) != (len(heads) - 1, head.hash):
        faults.append(Fault(None, "its last answer is missing or was added outside the chain"))
    answered = count_answered(payload for _, payload in latest.values())
    return Reading(tuple(heads), answered, tuple(faults))


def _faults_of(row: Mapping[str, object], head: Head) -> Iterator[Fault]:
    seq = int(str(row["server_seq"]))
    if seq != head.server_seq + 1 or row["previous_hash"] != head.hash:
        yield Fault(seq, "does not follow the answer before it")
    if row["hash"] != link(str(row["previous_hash"]), event_line(row)):
        yield Fault(seq, "was changed after it was stored")
    if row["salt"] is not None and row["digest"] != salted_digest(str(row["salt"]), {"payload": row["payload"]}):
        yield Fault(seq, "its answer was changed after it was stored")


def count_answered(payloads: Iterable[object]) -> int:
    """How many of the answers are not empty."""
    return sum(bool(payload) for payload in payloads)
