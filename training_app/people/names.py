"""Names of roles, bases, kinds and states of people, in the language of the answer."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from training_app.people.models import Person
from training_app.people.rules import Role

ROLE_NAMES = {
    Role.TRAINEE: _l("Trainee"),
    Role.INSTRUCTOR: _l("Instructor"),
    Role.INVIGILATOR: _l("Invigilator"),
    Role.AUTHOR: _l("Item author"),
    Role.REVIEWER: _l("Item reviewer"),
    Role.BASE_ADMIN: _l("Base administrator"),
    Role.PROGRAMME_ADMIN: _l("Programme administrator"),
    Role.RATER: _l("Rater"),
    Role.COORDINATOR: _l("Coordinator"),
    Role.CONTACT: _l("Organisation contact"),
    Role.DECIDER: _l("Decider"),
    Role.AUDITOR: _l("Auditor"),
}

KIND_NAMES = {
    "officer": _l("Customs officer"),
    "enterprise": _l("Enterprise customs staff"),
    "staff": _l("Staff of the programme"),
}

ORGANISATION_KIND_NAMES = {"enterprise": _l("Enterprise"), "customs": _l("Customs office")}

STATE_NAMES = {"active": _l("Active"), "new": _l("Never signed in"), "blocked": _l("Blocked")}

CODE_KIND_NAMES = {"first": _l("first sign-in"), "reset": _l("new password")}

PLACE_NAMES = {
    "suzhou": _l("Suzhou"),
    "shenzhen": _l("Shenzhen"),
    "guangzhou": _l("Guangzhou"),
    "*": _l("All bases"),
    "-": _l("No base"),
}
"""The bases, and the marks for all of them and for none."""


def role_name(role: str) -> str:
    """The role in the language of this answer."""
    return str(ROLE_NAMES[Role(role)])


def account_state(person: Person) -> str:
    """The state of the account: "blocked", "new" (never signed in) or "active"."""
    if person.blocked_at is not None:
        return "blocked"
    return "active" if person.password_hash else "new"


def value_in_words(key: str, value: str) -> str:
    """The value of a detail of the audit log in the language of this answer; what has no words stays as it is."""
    tables: dict[str, Mapping[str, object]] = {
        "role": {role.value: name for role, name in ROLE_NAMES.items()},
        "kind": {**KIND_NAMES, **ORGANISATION_KIND_NAMES, **CODE_KIND_NAMES},
        "base": PLACE_NAMES,
        "base_id": PLACE_NAMES,
        "by": {"command": _l("the command line")},
    }
    return str(tables.get(key, {}).get(value, value))
