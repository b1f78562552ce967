"""Acts of the command line that write: filling an empty database, loading content, helping an administrator back in."""

import json
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from question_bank.checks import check_bank
from question_bank.criteria_loading import load_criteria
from question_bank.errors import ContentRefused
from question_bank.loading import SHIPPED, LoadedContent, load_bank
from training_app import clock, schema
from training_app.audit import services as audit
from training_app.bank.models import ItemVersion
from training_app.bank.services import load_content
from training_app.config import Settings, secret_of
from training_app.control import Act, Say
from training_app.db import Database
from training_app.demo import Account, people_of_the_demonstration
from training_app.errors import Refused
from training_app.installation import Installation, installation_of
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.models import Person, RoleGrant, TrainingBase
from training_app.people.rules import Role
from training_app.people.sign_in import issue_code
from training_app.signing import key_for

BASES = (
    ("suzhou", "SZV", "苏州", "Suzhou"),
    ("shenzhen", "SZX", "深圳", "Shenzhen"),
    ("guangzhou", "CAN", "广州", "Guangzhou"),
)


def checked_content(folder: Path, *, shipped: bool, known_ids: frozenset[str] = frozenset()) -> LoadedContent:
    """The content of `folder`. Raises ContentRefused when it cannot be read or a check refuses it."""
    content = load_bank(folder, known_ids)
    report = check_bank(content, load_criteria(), shipped=shipped)
    if report.refused:
        raise ContentRefused(tuple(fault for fault in report.faults if fault.severity == "E"))
    return content


def require_empty(database: Database) -> None:
    """Nothing, or Refused when the database holds anything: `init` and `demo` only ever fill an empty one."""
    if not schema.is_empty(database) and (schema.revision_of(database) is None or _is_filled(database)):
        raise Refused(
            "This database is not empty. `init` and `demo` only fill an empty one; "
            "point DATA_DIR or DATABASE_URL elsewhere, or use `upgrade` for an older site."
        )


def _is_filled(database: Database) -> bool:
    with database.read() as session:
        return installation_of(session) is not None


def init(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:
    """An empty database becomes a site: tables, three bases, shipped bank, first administrator with a one-time code."""
    require_empty(database)
    content = load_bank(SHIPPED)
    secret = secret_of(settings, demonstration=False)
    schema.migrate(database)
    now = clock.now()
    with database.write() as session:
        _found(session, content, demonstration=False, now=now)
        person = add_person(
            session,
            NewPerson(
                username=arguments["username"],
                kind="staff",
                name_zh=arguments["name_zh"],
                name_en=arguments["name_en"],
            ),
            now,
        )
        give_role(session, person, Role.PROGRAMME_ADMIN, None, now=now)
        code = issue_code(session, person, issuer_id=None, key=key_for(secret, "door", 0), now=now)
        audit.record(session, audit.Act("site.founded", "person", person.id), now)
    say(f"The site is ready. Programme administrator: {person.username}")
    say(f"One-time code for the first sign-in, valid for 14 days, shown only now: {code}")
    say("Next: training-app serve")
    return 0


def demo(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:  # noqa: ARG001 - an act
    """An empty database becomes a demonstration, for ever, with invented people and their passwords in a file."""
    require_empty(database)
    content = load_bank(SHIPPED)
    secret_of(settings, demonstration=True)
    schema.migrate(database)
    now = clock.now()
    with database.write() as session:
        _found(session, content, demonstration=True, now=now)
        accounts = people_of_the_demonstration(session, now)
        audit.record(session, audit.Act("site.founded", "site", "demonstration"), now)
    write_accounts(settings.data_dir / "demo-accounts.json", accounts)
    say(f"Demonstration data are loaded: {len(accounts)} invented people, see {settings.data_dir}/demo-accounts.json")
    return 0


def _found(session: Session, content: LoadedContent, *, demonstration: bool, now: datetime) -> None:
    session.add(Installation(id=1, demonstration=demonstration, created_at=now))
    rows = [
        {"id": slug, "code": code, "name_zh": zh, "name_en": en, "position": position}
        for position, (slug, code, zh, en) in enumerate(BASES, start=1)
    ]
    session.execute(insert(TrainingBase), rows)
    load_content(session, content, origin="shipped", now=now)


def write_accounts(path: Path, accounts: list[Account]) -> None:
    """The demonstration accounts as a JSON list, readable by the owner only, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".accounts")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump([account.as_json() for account in accounts], file, ensure_ascii=False, indent=1)
    Path(name).replace(path)


def load_shipped(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:  # noqa: ARG001 - an act
    """The content that ships with this version becomes current."""
    content = load_bank(SHIPPED)
    now = clock.now()
    with database.write() as session:
        outcome = load_content(session, content, origin="shipped", now=now)
        audit.record(
            session,
            audit.Act(
                "bank.shipped_loaded", "bank", "shipped", details={"new": outcome.new, "changed": outcome.changed}
            ),
            now,
        )
    say(
        f"Shipped content: {outcome.new} new, {outcome.changed} changed, {outcome.unchanged} unchanged, "
        f"{outcome.withdrawn} withdrawn."
    )
    return 0


def bank_load(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:  # noqa: ARG001 - an act
    """A base's own items become current, all of the folder or nothing."""
    folder = Path(arguments["folder"])
    with database.read() as session:
        if installation_of(session) is None:
            raise Refused("This database is not a site yet: run `training-app init` first.")
        known = frozenset(session.scalars(select(ItemVersion.item_id).where(ItemVersion.superseded_at.is_(None))))
    try:
        content = checked_content(folder, shipped=False, known_ids=known)
    except ContentRefused as refusal:
        for fault in refusal.faults:
            say(str(fault))
        say(f"{len(refusal.faults)} faults. Nothing was loaded.")
        return 1
    now = clock.now()
    with database.write() as session:
        outcome = load_content(session, content, origin="base", now=now)
        details = {"new": outcome.new, "changed": outcome.changed, "folder": folder.name}
        audit.record(session, audit.Act("bank.loaded", "bank", "base", details=details), now)
    say(f"Loaded {folder}: {outcome.new} new, {outcome.changed} changed, {outcome.unchanged} unchanged.")
    return 0


def reset_admin(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:
    """A one-time code for a programme administrator who cannot sign in any more; a block is lifted."""
    now = clock.now()
    with database.write() as session:
        installation = installation_of(session)
        secret = secret_of(settings, demonstration=bool(installation and installation.demonstration))
        query = (
            select(Person)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(RoleGrant.role == Role.PROGRAMME_ADMIN, RoleGrant.ended_at.is_(None))
            .order_by(Person.id)
        )
        if arguments.get("username"):
            query = query.where(Person.username == arguments["username"].lower())
        person = session.scalars(query).first()
        if person is None:
            raise Refused("There is no programme administrator of that name. Names are shown by `training-app check`.")
        person.blocked_at = person.blocked_reason = None
        code = issue_code(session, person, issuer_id=None, key=key_for(secret, "door", 0), now=now)
        audit.record(session, audit.Act("code.issued", "person", person.id, details={"by": "command"}), now)
    say(f"One-time code for {person.username}, shown only now: {code}")
    say("Use it at /sign-in/code.")
    return 0


ACTS: dict[str, Act] = {
    "init": init,
    "demo": demo,
    "load-shipped": load_shipped,
    "bank-load": bank_load,
    "reset-admin": reset_admin,
}
