"""A site killed while a room saves: what it acknowledged is there after the restart, once, in an intact chain."""

import http.client
import json
import threading
from collections import Counter

from sqlalchemy import select

from tests.support.saving import Sitter, database_of, seat
from tests.support.site import Installation
from training_app.exams.day_models import LateEvent, Receipt
from training_app.exams.invariants import exam_findings
from training_app.exams.models import ResponseEvent

CANDIDATES = 50
ENOUGH = 300
"""Answers that are acknowledged before the machine is pulled from under them."""
BROKEN = (OSError, http.client.HTTPException, json.JSONDecodeError)


def answers_until_it_breaks(sitter: Sitter, port: int) -> None:
    try:
        sitter.open(port)
        while True:
            sitter.answer()
    except BROKEN:
        sitter.leave()


def test_nothing_acknowledged_is_lost_or_doubled_when_the_site_is_killed(demo_installation: Installation) -> None:
    sitters = seat(demo_installation, CANDIDATES)
    site = demo_installation.start()
    threads = [threading.Thread(target=answers_until_it_breaks, args=(sitter, site.port)) for sitter in sitters]
    for thread in threads:
        thread.start()
    site.server.wait_until(lambda: sum(len(sitter.acknowledged) for sitter in sitters) >= ENOUGH, timeout_s=120)
    site.server.kill()
    for thread in threads:
        thread.join(60)
    unsure = sum(len(sitter.unsent) for sitter in sitters)
    assert unsure, "the site was killed while nobody saved"
    with demo_installation.serving() as again:
        for sitter in sitters:
            sitter.open(again.port)
            sitter.answer()
            assert sitter.hand_in()["state"] == "submitted"
            sitter.leave()
    held_against_the_database(demo_installation, sitters)


def held_against_the_database(installation: Installation, sitters: list[Sitter]) -> None:
    """Every acknowledged answer stands there as it was given, and nothing else does."""
    with database_of(installation) as database, database.read() as session:
        attempts = [sitter.attempt_id for sitter in sitters]
        rows = session.scalars(select(ResponseEvent).where(ResponseEvent.attempt_id.in_(attempts))).all()
        stored = {(row.attempt_id, row.item_version_id, row.client_seq): row.payload for row in rows}
        given = {
            (sitter.attempt_id, item, seq): payload or empty(sitter.answers[item])
            for sitter in sitters
            for (item, seq), payload in sitter.acknowledged.items()
        }
        assert max(Counter((row.attempt_id, row.server_seq) for row in rows).values()) == 1
        assert stored == given
        assert len(session.scalars(select(Receipt).where(Receipt.attempt_id.in_(attempts))).all()) == len(sitters)
        assert session.scalars(select(LateEvent).where(LateEvent.attempt_id.in_(attempts))).all() == []
        assert list(exam_findings(session)) == []


def empty(answer: object) -> object:
    """How an answer of that kind that was taken back is stored."""
    return type(answer)()
