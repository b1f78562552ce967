"""Acts and what stands in their details, named in both languages."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

ACT_NAMES = {
    "attempt.handed_in_for": _l("Handed in for a candidate"),
    "attempt.paused": _l("Paused a paper"),
    "attempt.resumed": _l("Let a paper go on"),
    "bank.loaded": _l("Loaded items of a base"),
    "bank.shipped_loaded": _l("Loaded the shipped content"),
    "closure.added": _l("Closed for a time"),
    "closure.ended": _l("Ended a closure"),
    "code.issued": _l("Handed out a one-time code"),
    "confidentiality.accepted": _l("Accepted the notice of confidentiality"),
    "consent.noted": _l("Noted the consent of a venue"),
    "consent.withdrawn": _l("Withdrew the consent of a venue"),
    "document.marked": _l("Looked at an identity document"),
    "duty.assigned": _l("Entered an invigilator"),
    "duty.ended": _l("Ended the duty of an invigilator"),
    "entry_code.made": _l("Handed out an entry code"),
    "entry_code.used": _l("Entered with an entry code"),
    "hours.changed": _l("Changed opening hours"),
    "incident.noted": _l("Noted an incident"),
    "item.confirmed": _l("Confirmed an item"),
    "item.opened": _l("Opened a secret item"),
    "item.retired": _l("Retired an item"),
    "item.returned": _l("Returned an item to its author"),
    "job.begun": _l("Began long work"),
    "job.cancelled": _l("Cancelled long work"),
    "keys.opened": _l("Opened the keys of a sitting"),
    "keys.revised": _l("Corrected keys"),
    "kit.added": _l("Added equipment"),
    "kit.changed": _l("Changed the particulars of equipment"),
    "late.decided": _l("Decided late answers"),
    "notice.told": _l("Sent a notice to papers"),
    "objection.decided": _l("Decided an objection"),
    "objection.opened": _l("Opened the evidence of an objection"),
    "objection.raised": _l("Asked for a score check or objected"),
    "objection.withdrawn": _l("Took an objection back"),
    "observation.aired": _l("Went on the air"),
    "observation.cancelled": _l("Cancelled an observation"),
    "observation.changed": _l("Changed an observation"),
    "observation.ended": _l("Ended an observation"),
    "observation.held": _l("Held the picture"),
    "observation.opened": _l("Let venues in"),
    "observation.planned": _l("Planned an observation"),
    "observation.resumed": _l("Showed the picture again"),
    "observation.switched": _l("Put another venue on program"),
    "organisation.added": _l("Added an organisation"),
    "organisation.changed": _l("Changed an organisation"),
    "password.changed": _l("Changed the own password"),
    "password.chosen": _l("Chose a password with a one-time code"),
    "person.added": _l("Added a person"),
    "person.blocked": _l("Blocked an account"),
    "person.changed": _l("Changed the particulars of a person"),
    "person.transferred": _l("Transferred a person"),
    "person.unblocked": _l("Unblocked an account"),
    "place.absent": _l("Marked a candidate absent"),
    "photo.given": _l("Gave a photograph"),
    "photo.taken_back": _l("Took a photograph back"),
    "place.added": _l("Placed a person in a sitting"),
    "place.deferred": _l("Deferred a place in a sitting"),
    "place.expelled": _l("Excluded a candidate"),
    "place.moved": _l("Moved a candidate to another seat"),
    "place.seat_changed": _l("Changed the seat of a person"),
    "place.time_changed": _l("Changed personal time"),
    "place.voided": _l("Declared a place void"),
    "place.withdrawn": _l("Withdrew a place in a sitting"),
    "recording.dropped": _l("Deleted a recording before its time"),
    "refused": _l("Was refused"),
    "rehearsal.begun": _l("Began a rehearsal"),
    "rehearsal.dropped": _l("Removed a rehearsal"),
    "rehearsal.prepared": _l("Prepared a rehearsal"),
    "results.released": _l("Released results"),
    "results.released_again": _l("Released corrected results"),
    "role.ended": _l("Ended a role"),
    "role.given": _l("Gave a role"),
    "room.added": _l("Added a room"),
    "room.changed": _l("Changed the particulars of a room"),
    "seat.changed": _l("Changed a seat"),
    "seats.allocated": _l("Allocated seats"),
    "seats.laid_out": _l("Laid out seats"),
    "sessions.ended": _l("Ended all own sessions"),
    "sign_in.failed": _l("Failed to sign in"),
    "site.founded": _l("Founded the site"),
    "sitting.begun": _l("Began a sitting"),
    "sitting.cancelled": _l("Cancelled a sitting"),
    "sitting.changed": _l("Changed a sitting"),
    "sitting.closed": _l("Ended a sitting"),
    "sitting.opened": _l("Opened a sitting"),
    "sitting.paused": _l("Paused a room"),
    "sitting.planned": _l("Planned a sitting"),
    "sitting.postponed": _l("Postponed a sitting"),
    "sitting.prepared": _l("Prepared a sitting"),
    "sitting.resumed": _l("Let a room go on"),
    "sitting.unprepared": _l("Gave up the form of a sitting"),
    "sitting.voided": _l("Declared a sitting void"),
    "standard.confirmed": _l("Confirmed cut score and keys"),
    "standard.entered": _l("Entered a cut score"),
    "standard.withdrawn": _l("Withdrew a cut score"),
    "start.announced": _l("Announced the start"),
    "time.approved": _l("Approved added time"),
    "time.proposed": _l("Proposed added time"),
    "time.refused": _l("Refused added time"),
    "use.ended": _l("Took out of use"),
    "use.resumed": _l("Took back into use"),
    "venue_link.made": _l("Made a link for a venue"),
    "venue_link.revoked": _l("Revoked the link of a venue"),
    "watch_place.added": _l("Gave a place in an observation"),
    "watch_place.withdrawn": _l("Withdrew a place in an observation"),
}
"""Every act that is recorded anywhere; a test looks for others in the code."""

OBJECT_NAMES = {
    "account": _l("Sign-in name as typed"),
    "bank": _l("Item bank"),
    "endpoint": _l("Page"),
    "item": _l("Item"),
    "job": _l("Long work"),
    "kit": _l("Equipment"),
    "objection": _l("Objection"),
    "observation": _l("Observation"),
    "organisation": _l("Organisation"),
    "person": _l("Person"),
    "room": _l("Room"),
    "site": _l("Site"),
    "sitting": _l("Sitting"),
}

DETAIL_NAMES = {
    "absent": _l("Absent"),
    "accepted": _l("Accepted"),
    "added": _l("Seats added"),
    "base": _l("Base"),
    "base_id": _l("Base in charge"),
    "blocked": _l("Account blocked"),
    "by": _l("By"),
    "changed": _l("Changed"),
    "count": _l("How many"),
    "customs_code": _l("Customs code"),
    "cut": _l("Cut score"),
    "decision": _l("Decision"),
    "digest": _l("Digest"),
    "edition": _l("Edition"),
    "email": _l("E-mail"),
    "ends": _l("Ends"),
    "folder": _l("Folder"),
    "form": _l("Form"),
    "handed_in_for": _l("Handed in for"),
    "host": _l("Host"),
    "hours": _l("Opening hours"),
    "item": _l("Item"),
    "kind": _l("Kind"),
    "known_account": _l("Account exists"),
    "looked_on": _l("Looked at on"),
    "matter": _l("What is asked"),
    "minutes": _l("Minutes"),
    "name_en": _l("English name"),
    "name_zh": _l("Chinese name"),
    "new": _l("New"),
    "note": _l("Note"),
    "objection": _l("Objection"),
    "organisation": _l("Organisation"),
    "outcome": _l("Outcome"),
    "path": _l("Address"),
    "permission": _l("Permission"),
    "person": _l("Person"),
    "place_in_text": _l("Place in the text"),
    "places": _l("Seats in each row"),
    "points": _l("Points"),
    "reason": _l("Reason"),
    "recording": _l("Recording"),
    "refused": _l("Refused"),
    "relabelled": _l("Seats relabelled"),
    "removed": _l("Seats removed"),
    "revision": _l("Correction"),
    "role": _l("Role"),
    "room": _l("Room"),
    "rows": _l("Rows"),
    "seat": _l("Seat"),
    "seconds": _l("Seconds"),
    "seed": _l("Seed"),
    "staff_number": _l("Staff number"),
    "starts": _l("Begins"),
    "ticket": _l("Ticket"),
    "title": _l("Title"),
    "until": _l("Until"),
    "usable": _l("Usable"),
    "uscc": _l("Unified Social Credit Code"),
    "username": _l("Sign-in name"),
    "venue": _l("Venue"),
    "version": _l("Version"),
}


def act_name(act: str) -> str:
    """The act in the language of this answer."""
    return str(ACT_NAMES.get(act, act))


def object_name(kind: str) -> str:
    """The kind of thing that an act touched, in the language of this answer."""
    return str(OBJECT_NAMES.get(kind, kind))


def details_in_words(
    details: Mapping[str, object] | None, value_in_words: Callable[[str, str], str] = lambda _key, value: value
) -> str:
    """The details as one line: "Role: Trainee; Base: Suzhou". A pair of values is what was and what is.

    value_in_words: (key, value) → the value in the language of this answer.
    """
    if details is None:
        return str(_("erased"))

    def word(key: str, value: object) -> str:
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        return "–" if value is None or value == "" else value_in_words(key, str(value))

    parts = []
    for key, value in details.items():
        values = value if isinstance(value, list | tuple) else [value]
        parts.append(f"{DETAIL_NAMES.get(key, key)}{_(': ')}{' → '.join(word(key, one) for one in values)}")
    return str(_("; ")).join(parts)
