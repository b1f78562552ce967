"""Pictures over HTTP: handed in within the limit of their view, answered as what they are, kept by no cache."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Response, request

from tests.files.pictures import drawn
from tests.support.databases import Databases
from tests.support.inner_site import InnerSite, inner_site
from training_app.files.services import Owner, Upload, keep_picture, required_use_of
from training_app.files.serving import picture_answer, store
from training_app.web.access import PUBLIC, permit
from training_app.web.bodies import takes_upload
from training_app.web.requests import now, read_session, write_session

OWNER = Owner("photo", "roster_place", 1)


@permit(PUBLIC)
def handed_in_without_leave() -> str:
    return str(len(request.files["photo"].read()))


@permit(PUBLIC)
@takes_upload(2 << 20)
def handed_in() -> str:
    with write_session() as session:
        keep_picture(session, store(), OWNER, Upload(request.files["photo"].read(), None, None), now=now())
    return "kept"


@permit(PUBLIC)
def shown() -> Response:
    return picture_answer(required_use_of(read_session(), OWNER, now()))


@pytest.fixture
def site(sqlite_databases: Databases, tmp_path: Path) -> Iterator[InnerSite]:
    """A site that takes and shows one picture."""
    with inner_site(sqlite_databases, tmp_path / "var") as opened:
        opened.app.add_url_rule("/photo", "photo", shown)
        opened.app.add_url_rule("/photo/taken", "taken", handed_in, methods=["POST"])
        opened.app.add_url_rule("/photo/other", "other", handed_in_without_leave, methods=["POST"])
        opened.app.config["WTF_CSRF_ENABLED"] = False
        yield opened


def send(site: InnerSite, path: str, content: bytes) -> int:
    head = b'--edge\r\nContent-Disposition: form-data; name="photo"; filename="me.jpg"\r\n\r\n'
    body = head + content + b"\r\n--edge--\r\n"
    return site.guest().browser.post(path, data=body, content_type="multipart/form-data; boundary=edge").status_code


def test_a_picture_comes_back_as_what_it_is_and_stays_in_no_cache(site: InnerSite) -> None:
    assert send(site, "/photo/taken", drawn()) == 200
    answer = site.guest().get("/photo")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg") and answer.data.startswith(b"\xff\xd8\xff")
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_whose_file_is_gone_is_told(site: InnerSite) -> None:
    assert send(site, "/photo/taken", drawn()) == 200
    with site.database.read() as session:
        digest = required_use_of(session, OWNER, site_now(site)).digest
    site.app.extensions["files"].remove(digest)
    assert site.guest().get("/photo").status_code == 404


def site_now(site: InnerSite):
    with site.app.test_request_context():
        site.app.preprocess_request()
        return now()


def test_there_is_none_before_one_was_handed_in(site: InnerSite) -> None:
    assert site.guest().get("/photo").status_code == 404


@pytest.mark.parametrize(("size", "status"), [((2 << 20) - 1000, 200), ((2 << 20) + 1000, 413), (17 << 20, 413)])
def test_a_view_takes_as_much_as_it_declares(site: InnerSite, size: int, status: int) -> None:
    assert send(site, "/photo/taken", drawn() + b"\x00" * (size - len(drawn()))) == status


def test_every_other_view_takes_what_it_always_took(site: InnerSite) -> None:
    assert send(site, "/photo/other", b"\x00" * 1000) == 200
    assert send(site, "/photo/other", b"\x00" * (1 << 20)) == 413


def test_no_view_takes_more_than_the_longest_upload() -> None:
    with pytest.raises(ValueError, match="no view takes more"):
        takes_upload((16 << 20) + 1)
