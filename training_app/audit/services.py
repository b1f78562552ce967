"""Appending to the audit log, and proving that nobody changed it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Boolean, column, insert, select, table, update
from sqlalchemy.orm import Session

from question_bank.identifiers import mask_identity_numbers
from training_app.audit.models import AuditEntry, AuditHead
from training_app.chain import GENESIS, link, new_salt, salted_digest
from training_app.registry import Finding
from training_app.upserts import insert_into

NO_BASE = "-"
"""The chain of what belongs to no base."""


PERSON = table("person", column("id"), column("rehearsal", Boolean))


@dataclass(frozen=True, slots=True)
class Act:
    """One act to be written down. base_id None: the chain of what belongs to no base."""

    act: str
    object_kind: str
    object_id: str | int
    actor_id: int | None = None
    base_id: str | None = None
    address: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


def record(session: Session, act: Act, now: datetime) -> None:
    """`act` is the next line of its chain, in the transaction of the act itself."""
    chain = act.base_id or NO_BASE
    actor = None if _is_simulated(session, act.actor_id) else act.actor_id
    head = _locked_head(session, chain)
    details = {key: _masked(value) for key, value in act.details.items()}
    salt = new_salt()
    line = {
        "chain": chain,
        "seq": head.seq + 1,
        "at": now.isoformat(),
        "act": act.act,
        "actor": actor,
        "object": [act.object_kind, str(act.object_id)],
        "digest": salted_digest(salt, {"details": details, "address": act.address}),
    }
    line_hash = link(head.hash, line)
    session.execute(
        insert(AuditEntry).values(
            chain=chain,
            seq=head.seq + 1,
            at=now,
            act=act.act,
            actor_id=actor,
            object_kind=act.object_kind,
            object_id=str(act.object_id),
            address=act.address,
            details=details,
            salt=salt,
            digest=line["digest"],
            previous_hash=head.hash,
            hash=line_hash,
        )
    )
    session.execute(
        update(AuditHead).where(AuditHead.chain == chain).values(seq=AuditHead.seq + 1, hash=line_hash),
        execution_options={"synchronize_session": False},
    )


def _is_simulated(session: Session, actor_id: int | None) -> bool:
    """Whether it is a candidate of a rehearsal: what such a one does has no actor, since nobody did it."""
    found = select(PERSON.c.rehearsal).where(PERSON.c.id == actor_id)
    return actor_id is not None and bool(session.execute(found).scalar())


def _masked(value: object) -> object:
    # no resident identity number is stored, wherever it was pasted: a reason, an address, a note
    if isinstance(value, str):
        return mask_identity_numbers(value)
    return [_masked(one) for one in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class _Head:
    seq: int
    hash: str


def _locked_head(session: Session, chain: str) -> _Head:
    start = {"chain": chain, "seq": 0, "hash": GENESIS}
    row = session.execute(
        select(AuditHead.seq, AuditHead.hash).where(AuditHead.chain == chain).with_for_update()
    ).one_or_none()
    if row is None:
        session.execute(insert_into(session, AuditHead).values(start).on_conflict_do_nothing())
        row = session.execute(
            select(AuditHead.seq, AuditHead.hash).where(AuditHead.chain == chain).with_for_update()
        ).one()
    return _Head(row.seq, row.hash)


def chain_findings(session: Session) -> Iterator[Finding]:
    """Every line that does not follow from its content and the line before, and every head that is not the last."""
    heads = {row.chain: row for row in session.execute(select(AuditHead.chain, AuditHead.seq, AuditHead.hash))}
    chains = set(heads) | set(session.scalars(select(AuditEntry.chain).distinct()))
    for chain in sorted(chains):
        last_seq, last_hash = 0, GENESIS
        rows = session.execute(
            select(AuditEntry.__table__).where(AuditEntry.chain == chain).order_by(AuditEntry.seq),
            execution_options={"yield_per": 1000},
        )
        for row in rows:
            yield from _line_findings(dict(row._mapping), last_seq, last_hash)
            last_seq, last_hash = row.seq, row.hash
        head = heads.get(chain)
        if head is None or (head.seq, head.hash) != (last_seq, last_hash):
            yield Finding("audit_chain", f"chain {chain}", "the head is not the last line: lines were removed or added")


def _line_findings(row: Mapping[str, object], last_seq: int, last_hash: str) -> Iterator[Finding]:
    place = f"chain {row['chain']} line {row['seq']}"
    line = {
        "chain": row["chain"],
        "seq": row["seq"],
        "at": row["at"].isoformat(),  # type: ignore[attr-defined]  # a row's columns are typed by the table
        "act": row["act"],
        "actor": row["actor_id"],
        "object": [row["object_kind"], row["object_id"]],
        "digest": row["digest"],
    }
    if row["seq"] != last_seq + 1 or row["previous_hash"] != last_hash:
        yield Finding("audit_chain", place, "does not follow the line before it")
    if row["hash"] != link(str(row["previous_hash"]), line):
        yield Finding("audit_chain", place, "was changed after it was written")
    values = {"details": row["details"], "address": row["address"]}
    if row["salt"] is None:
        if any(value is not None for value in values.values()):
            yield Finding("audit_chain", place, "its salt was removed while its details stayed")
    elif row["digest"] != salted_digest(str(row["salt"]), values):
        yield Finding("audit_chain", place, "its details were changed after they were written")
