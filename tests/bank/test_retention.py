"""Folders that were sent go when their declared time is over."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from tests.support.house import House
from training_app.bank.models import ContentUpload
from training_app.bank.retention import forget_uploads

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
THIRTY_DAYS = timedelta(days=30)


def test_a_folder_that_was_sent_is_forgotten_after_thirty_days(home: House) -> None:
    author = home.number("head")
    common = {"person_id": author, "author_id": author, "digest": "0" * 64, "state": "refused", "verdict": {}}
    sent = (("old.zip", NOW - THIRTY_DAYS), ("young.zip", NOW - THIRTY_DAYS + timedelta(seconds=1)))
    with home.database.write() as session:
        session.execute(insert(ContentUpload), [{**common, "file_name": name, "at": at} for name, at in sent])
        assert forget_uploads(session, NOW) == 1
        assert session.scalars(select(ContentUpload.file_name)).all() == ["young.zip"]
