"""Pages of an author who sends a folder: send, read the verdict, load what was shown."""

import re

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from question_bank.identifiers import mask_identity_numbers
from training_app.bank.forms import UploadForm
from training_app.bank.models import ItemVersion
from training_app.bank.uploads import (
    Sent,
    drop_upload,
    judged,
    keep_upload,
    load_upload,
    outcome_in_words,
    own_uploads,
    upload_of,
)
from training_app.bank.views import bp
from training_app.errors import Refused
from training_app.people.models import Person, RoleGrant
from training_app.people.rules import Role
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import address, now, read_session, write_session
from training_app.web.words import name_of

STATE_NAMES = {
    "refused": _l("refused"),
    "shown": _l("waits for you"),
    "loaded": _l("loaded"),
    "dropped": _l("given up"),
}
STATE_MARKS = {"refused": "failed", "shown": "waiting", "loaded": "done", "dropped": "closed"}
FATE_NAMES = {"new": _l("new"), "changed": _l("a new version"), "unchanged": _l("as it is"), "refused": _l("refused")}
FATE_MARKS = {"new": "good", "changed": "attention", "unchanged": "plain", "refused": "failed"}
ROWS_SHOWN = 500

bp.add_app_template_filter(lambda state: str(STATE_NAMES[state]), "upload_state")
bp.add_app_template_filter(lambda state: STATE_MARKS[state], "upload_mark")
bp.add_app_template_filter(lambda fate: str(FATE_NAMES[fate]), "fate_name")
bp.add_app_template_filter(lambda fate: FATE_MARKS[fate], "fate_mark")


@bp.get("/bank/upload")
@permit("bank.load")
def upload() -> str:
    """Where a folder is sent, and what became of the last ones."""
    return _form_page(_form(read_session()))


@bp.post("/bank/upload")
@permit("bank.load")
def send() -> Response | tuple[str, int]:
    """The folder is read and judged; nothing of it is in the bank yet."""
    form = _form(read_session())
    if not form.validate():
        return _form_page(form), 422
    sent = Sent(_file_name(form.folder.data.filename), form.folder.data.read(), form.author.data)
    session = read_session()
    known = frozenset(session.scalars(select(ItemVersion.item_id).where(ItemVersion.superseded_at.is_(None))))
    session.close()  # reading takes seconds, and no view of the database is kept open for it
    parcel = judged(sent, known)
    with write_session() as writing:
        kept = keep_upload(writing, me().holder, sent, parcel, now=now()).id
    return redirect(url_for("bank.verdict", upload_id=kept))


@bp.get("/bank/uploads/<int:upload_id>")
@permit("bank.load")
def verdict(upload_id: int) -> str:
    """What was found in the folder, item by item."""
    session = read_session()
    found = upload_of(session, me().holder, upload_id)
    faults = found.verdict["faults"]
    by_item: dict[str, list[dict[str, str]]] = {}
    for fault in faults:
        by_item.setdefault(fault["item"], []).append(fault)
    known = {row["id"] for row in found.verdict["items"]}
    return render_template(
        "bank/verdict.html",
        upload=found,
        author=session.get_one(Person, found.author_id),
        rows=sorted(found.verdict["items"], key=lambda row: (row["id"] not in by_item, row["id"]))[:ROWS_SHOWN],
        by_item=by_item,
        elsewhere=[fault for fault in faults if fault["item"] not in known],
        refused={item for item, of_item in by_item.items() if any(fault["severity"] == "E" for fault in of_item)},
        counts={fate: sum(row["fate"] == fate for row in found.verdict["items"]) for fate in FATE_NAMES},
    )


@bp.post("/bank/uploads/<int:upload_id>/load")
@permit("bank.load")
def load(upload_id: int) -> Response:
    """What was shown is in the bank, all of it."""
    try:
        with write_session() as session:
            outcome = load_upload(session, me().holder, upload_id, address=address(), now=now())
    except Refused as refusal:
        if refusal.status == 404:
            raise
        flash(str(refusal.message), "error")
    else:
        flash(_("Loaded: %(outcome)s", outcome=outcome_in_words(outcome)), "success")
    return redirect(url_for("bank.verdict", upload_id=upload_id))


@bp.post("/bank/uploads/<int:upload_id>/drop")
@permit("bank.load")
def drop(upload_id: int) -> Response:
    """The folder is given up."""
    with write_session() as session:
        drop_upload(session, me().holder, upload_id, now=now())
    flash(_("Given up. Nothing of the folder was loaded."), "success")
    return redirect(url_for("bank.upload"))


def _form(session: Session) -> UploadForm:
    form = UploadForm()
    authors = (
        session.scalars(
            select(Person)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(RoleGrant.role == Role.AUTHOR, RoleGrant.ended_at.is_(None))
            .order_by(Person.id)
        )
        .unique()
        .all()
    )
    ordered = sorted(authors, key=lambda person: (person.id != me().id, name_of(person)))
    form.author.choices = [SelectChoice(person.id, name_of(person)) for person in ordered]
    return form


def _form_page(form: UploadForm) -> str:
    return render_template("bank/upload.html", form=form, uploads=own_uploads(read_session(), me().holder))


def _file_name(name: str | None) -> str:
    """The name of the file as it is kept and shown: its last part, without unseen signs."""
    last = re.split(r"[/\\]", name or "")[-1]
    return mask_identity_numbers("".join(sign for sign in last if sign.isprintable()))[:120] or "zip"
