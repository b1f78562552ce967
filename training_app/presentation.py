"""What every template knows: navigation by role, language, base, names of roles."""

from typing import NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from training_app.people.names import PLACE_NAMES, role_name
from training_app.people.signed import me
from training_app.web.access import SIGNED_IN
from training_app.web.origin import is_secure_origin
from training_app.web.requests import registry
from training_app.web.words import clock, day, in_language, language, moment, name_of, today_line


class Link(NamedTuple):
    """An entry of the head."""

    label: str
    href: str
    current: bool


def base_name(slug: str) -> str:
    """The base with this id in the language of this answer."""
    return str(PLACE_NAMES.get(slug, slug))


def init_presentation(app: Flask) -> None:
    """Templates of `app` get their words, filters and links."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        base_name=base_name,
        clock=clock,
        in_language=in_language,
        name=name_of,
        moment=moment,
        day=day,
        role_name=role_name,
        today_line=today_line,
    )
    app.context_processor(_context)


def _context() -> dict[str, object]:
    signed = me() if current_user and current_user.is_authenticated else None
    other = "en" if language() == "zh" else "zh"
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return {
        "language": language(),
        "switch_language_href": url_for("people.switch_language", language=other, next=here),
        "demonstration": current_app.extensions["demonstration"],
        "secure_origin": is_secure_origin(),
        "navigation": _navigation() if signed and signed.limited_to is None else [],
        "own_account": signed is not None and signed.limited_to is None,
        "home_href": url_for("exams.own_place", place_id=signed.limited_to) if signed and signed.limited_to else "/",
        "person": {"id": signed.id, "name": name_of(signed)} if signed else None,
        "person_roles_label": "、".join(map(role_name, signed.roles))
        if signed and language() == "zh"
        else ", ".join(map(role_name, signed.roles))
        if signed
        else "",
        "base_slug": signed.holder.base if signed else None,
        "may": signed.holder.may if signed else lambda _permission: False,
        "site_name": _("AEO training and examination"),
    }


def _navigation() -> list[Link]:
    holder = me().holder
    shown = [e for e in registry().navigation if e.permission == SIGNED_IN or holder.may(e.permission)]
    hrefs = {entry.endpoint: url_for(entry.endpoint) for entry in sorted(shown, key=lambda entry: entry.position)}
    here = [endpoint for endpoint, href in hrefs.items() if _is_within(request.path, href)]
    if not here:  # a page with an address of its own belongs to the entry of its package, where that has only one
        of_package = [name for name in hrefs if name.split(".")[0] == request.blueprint]
        here = of_package if len(of_package) == 1 else []
    labels = {entry.endpoint: str(entry.label) for entry in shown}
    return [Link(labels[endpoint], href, endpoint in here) for endpoint, href in hrefs.items()]


def _is_within(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))
