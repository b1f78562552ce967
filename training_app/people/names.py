"""Names of roles, kinds and states of people, in the language of the answer."""

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

LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


def role_name(role: str) -> str:
    """The role in the language of this answer."""
    return str(ROLE_NAMES[Role(role)])


def account_state(person: Person) -> str:
    """The state of the account: "blocked", "new" (never signed in) or "active"."""
    if person.blocked_at is not None:
        return "blocked"
    return "active" if person.password_hash else "new"
