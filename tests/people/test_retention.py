"""What of the door goes when its declared time is over."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from tests.support.house import House
from training_app.people.models import OneTimeCode, SignInFailure
from training_app.people.retention import forget_codes, forget_failures

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_failed_sign_ins_are_forgotten_after_a_day(home: House) -> None:
    with home.database.write() as session:
        rows = [
            {"account_digest": digest * 64, "address_digest": "0" * 64, "at": at}
            for digest, at in (("a", NOW - DAY), ("b", NOW - DAY + SECOND))
        ]
        session.execute(insert(SignInFailure), rows)
        assert forget_failures(session, NOW) == 1
        assert session.scalars(select(SignInFailure.account_digest)).all() == ["b" * 64]


def code(number: int, expires_at: datetime, ended_at: datetime | None) -> dict[str, object]:
    return {
        "digest": str(number) * 64,
        "kind": "reset",
        "issued_at": NOW - 60 * DAY,
        "expires_at": expires_at,
        "ended_at": ended_at,
    }


def test_codes_are_forgotten_thirty_days_after_they_ended_or_ran_out(home: House) -> None:
    person = home.number("trainee")
    codes = [
        code(1, NOW - 40 * DAY, NOW - 30 * DAY),
        code(2, NOW - 40 * DAY, NOW - 30 * DAY + SECOND),
        code(3, NOW - 30 * DAY, None),
        code(4, NOW - 30 * DAY + SECOND, None),
        code(5, NOW + DAY, None),
    ]
    with home.database.write() as session:
        session.execute(insert(OneTimeCode), [{"person_id": person, **one} for one in codes])
        assert forget_codes(session, NOW) == 2
        left = session.scalars(select(OneTimeCode.digest).order_by(OneTimeCode.digest)).all()
    assert [digest[0] for digest in left] == ["2", "4", "5"]
