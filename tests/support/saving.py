"""Candidates of a real site without a browser: many papers at once, saved as the page does it."""

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from question_bank.scoring import key_response
from tests.support.house import CRITERIA
from tests.support.site import Installation
from training_app.bank.services import blueprint_for
from training_app.clock import now, shanghai_day
from training_app.config import Settings, secret_of
from training_app.db import Database
from training_app.exams.attempts import paper_of_form
from training_app.exams.paper.clockwork import begin
from training_app.exams.papers import Drawing, Occasion, draw, new_attempt, store_form
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.rules import Role
from training_app.signing import Keys

JSON = {"Accept": "application/json", "Content-Type": "application/json"}
BROKEN = (OSError, http.client.HTTPException, json.JSONDecodeError)
"""What a request ends with when the site goes away under it."""
DATA = re.compile(r'<script type="application/json" id="paper-data">(.*?)</script>', re.DOTALL)


@contextmanager
def database_of(installation: Installation) -> Iterator[Database]:
    """The database of an installation, with its keys."""
    database = Database(installation.database_url or "", keys=Keys(installation.data_dir / "keys"))
    try:
        yield database
    finally:
        database.dispose()


@dataclass
class Sitter:
    """Somebody who answers one item after the other, and remembers what was acknowledged.

    cookie: of the session. answers: what can be answered, item version -> response. acknowledged: (item, number) ->
    answer. unsent: answers of which nobody knows whether they are stored.
    """

    attempt_id: int
    cookie: str
    answers: dict[int, object]
    csrf: str = ""
    seq: int = 0
    acknowledged: dict[tuple[int, int], object] = field(default_factory=dict)
    unsent: dict[tuple[int, int], object] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def open(self, port: int) -> None:
        """Loads the paper of the site at that port."""
        self.leave()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.request("GET", f"/attempts/{self.attempt_id}", headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        page = answer.read().decode()
        found = DATA.search(page)
        assert answer.status == 200 and found, f"{answer.status}: {page[:500]}"
        self.csrf = json.loads(found[1])["csrf"]
        # the session holds the token now
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).partition(";")[0]

    def leave(self) -> None:
        """The connection, if there is one, is closed."""
        if self.connection is not None:
            self.connection.close()

    def answer(self) -> None:
        """Gives one more answer and sends everything that is not acknowledged."""
        items = sorted(self.answers)
        item = items[self.seq % len(items)]
        self.seq += 1
        self.unsent[item, self.seq] = self.answers[item] if self.seq % 2 else None
        self.send("saves")

    def send(self, to: str, **more: object) -> dict[str, object]:
        """The reply to a delivery of everything that is not acknowledged."""
        assert self.connection is not None
        entries = [{"item": item, "seq": seq, "payload": payload} for (item, seq), payload in self.unsent.items()]
        body = json.dumps({"device": f"seat/{self.attempt_id}", "entries": entries, **more})
        headers = {**JSON, "Cookie": self.cookie, "X-CSRFToken": self.csrf}
        self.connection.request("POST", f"/attempts/{self.attempt_id}/{to}", body, headers)
        answer = self.connection.getresponse()
        reply = json.loads(answer.read())
        assert answer.status == 200, reply
        assert not reply["refused"] and not reply["piled"], reply
        for one in reply["stored"]:
            number = (one["item"], one["seq"])
            self.acknowledged[number] = self.unsent.pop(number)
        return reply

    def hand_in(self) -> dict[str, object]:
        """The reply to the hand-in, with the claims that a page makes."""
        claims = {str(item): seq for item, seq in sorted(self.acknowledged)}
        return self.send("hand-in", claims=claims)


def empty(answer: object) -> object:
    """How an answer of that kind that was taken back is stored."""
    return type(answer)()


def seat(installation: Installation, count: int, *, first: int = 0, length_s: int = 3600) -> list[Sitter]:
    """So many new trainees with a running paper each, all on one form, each with the cookie of a session.

    first: the number of the first one, where others were seated before.
    """
    with database_of(installation) as database, database.write() as session:
        found = blueprint_for(session, "entry")
        assert found is not None
        form = store_form(
            session,
            draw(session, Drawing(found[0], f"seats/{first}", shanghai_day(now())), CRITERIA),
            cut=10,
            now=now(),
        )
        answers = {place.version_id: key_response(place.item) for place in paper_of_form(session, form.id)}
        sitters = []
        for number in range(first, first + count):
            new = NewPerson(
                f"seat.{number:03d}", "staff", f"考生{number}", f"Seat {number}", f"X-{number}", base="suzhou"
            )
            person = add_person(session, new, now())
            give_role(session, person, Role.TRAINEE, "suzhou", now=now())
            attempt = new_attempt(session, person.id, Occasion("entry", "suzhou"), form)
            begin(session, attempt, length_s=length_s, personal_s=0, now=now())
            cookie = f"{person.id}.{person.session_version}"
            sitters.append(Sitter(attempt.id, _cookie(installation, cookie), answers))
    return sitters


def _cookie(installation: Installation, session_id: str) -> str:
    settings = Settings.from_environ({"DATA_DIR": str(installation.data_dir)})
    app = Flask("cookies")
    app.secret_key = secret_of(settings, demonstration=True)
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    signed = serializer.dumps({"_user_id": session_id, "_fresh": True, "_permanent": True})
    return f"training={signed}"
