"""Pages of results: who sees what and when, keys with their figures, the own result; attacks; in a browser with axe."""

import io
import re
import zipfile

import pytest
from sqlalchemy import insert

from question_bank.rekeying import VOID, ChangeKind, correction
from tests.support.marked import AFTER, Marked, missed, reader
from training_app.exams.day_models import LateEvent
from training_app.exams.marking_models import KeyRevision, Standard

CUT = {"cut": "40", "basis": "Angoff, five judges", "decided_on": "2026-11-20"}


def page(marked: Marked, path: str, username: str = "head", status: int = 200) -> str:
    answer = reader(marked.exam, username).get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def own(marked: Marked, username: str = "trainee") -> str:
    return f"/exams/results/{marked.attempt(username).id}"


# staff


def test_what_is_missing_stands_on_the_page_before_the_release(marked: Marked) -> None:
    shown = page(marked, f"/sittings/{marked.id}/results")
    assert "There is no cut score yet" in shown and "Every paper is handed in" in shown
    assert "Release the results" not in shown


def test_before_the_release_numbers_are_seen_by_programme_administrators_only(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    most = f"{marked.points()} of {marked.points()}"
    assert most in page(marked, f"/sittings/{marked.id}/results")
    for name in ("base.admin", "auditor", "visitor"):
        assert most not in page(marked, f"/sittings/{marked.id}/results", name)
        file = page(marked, f"/sittings/{marked.id}/results?format=csv", name)
        assert str(marked.points()) not in file


def test_two_people_lead_a_sitting_to_its_release_on_the_pages(marked: Marked) -> None:
    base = f"/sittings/{marked.id}"
    first, second = reader(marked.exam, "head"), reader(marked.exam, "second.head")
    assert first.post(f"{base}/standards", data=CUT).status_code == 302
    assert "You entered this cut score" in page(marked, f"{base}/keys")
    shown = second.get(f"{base}/keys").text
    (standard,) = re.findall(r"/standards/(\d+)/confirm", shown)
    ticked = {"looked": re.findall(r'name="looked" value="(\d+)"', shown)}
    answer = second.post(f"{base}/standards/{standard}/confirm", data=ticked, follow_redirects=True)
    assert "Cut score and keys are confirmed" in answer.text
    version = re.findall(r'name="version" value="(\d+)"', first.get(f"{base}/results").text)[0]
    answer = first.post(f"{base}/release", data={"version": version}, follow_redirects=True)
    assert "The results are released" in answer.text and marked.stored().state == "released"
    assert "/100" in page(marked, own(marked), "trainee")


def test_what_was_typed_stays_when_a_cut_score_is_refused(marked: Marked) -> None:
    answer = reader(marked.exam, "head").post(
        f"/sittings/{marked.id}/standards", data=CUT | {"cut": "9999", "basis": "by five judges"}
    )
    assert answer.status_code == 422 and "by five judges" in answer.text and "lies between 1 and" in answer.text


def test_every_key_is_shown_with_how_it_was_answered(marked: Marked) -> None:
    shown = page(marked, f"/sittings/{marked.id}/keys")
    assert shown.count('<article class="key"') == len(marked.paper()) and "Facility" in shown
    assert [act.object_id for act in marked.exam.home.acts("keys.opened")] == [str(marked.id)]


def test_a_correction_is_tried_before_it_is_made(marked: Marked) -> None:
    marked.released(marked.points())
    place = marked.paper()[-1]
    address = f"/sittings/{marked.id}/keys/{place.version_id}"
    browser = reader(marked.exam, "head")
    fields = {"kind": "void", "reason": "ambiguous"}
    tried = browser.post(address, data=fields | {"do": "preview"})
    assert "What it changes" in tried.text and "other points" in tried.text and _revisions(marked) == 0
    done = browser.post(address, data=fields | {"do": "correct"}, follow_redirects=True)
    assert "The key is corrected" in done.text and _revisions(marked) == 1


def _revisions(marked: Marked) -> int:
    with marked.exam.home.database.read() as session:
        return session.query(KeyRevision).count()


def test_a_correction_without_an_answer_keeps_the_reason(marked: Marked) -> None:
    address = f"/sittings/{marked.id}/keys/{marked.first().version_id}"
    answer = reader(marked.exam, "head").post(address, data={"kind": "also", "reason": "see annex 2"})
    assert answer.status_code == 422 and "see annex 2" in answer.text and "Give a whole answer" in answer.text


def test_who_flips_by_a_corrected_key_stands_on_a_page(marked: Marked) -> None:
    marked.released(marked.points())
    place = marked.paper()[0]
    marked.revise({place.version_id: correction(place.item, ChangeKind.KEY, [missed(place)])})
    marked.set_cut(marked.points())
    marked.score()
    shown = page(marked, f"/sittings/{marked.id}/changes")
    assert "0 pass now and did not before; 1 no longer pass" in shown


def test_results_are_exported_with_form_cut_and_run(marked: Marked) -> None:
    marked.released(40)
    text = page(marked, f"/sittings/{marked.id}/results?format=csv", "base.admin")
    head, best, *_ = text.splitlines()
    assert (
        "Cut score" in head and "Score run" in head and f",Passed,{marked.points()},100,{marked.points()},40," in best
    )
    answer = reader(marked.exam, "base.admin").get(f"/sittings/{marked.id}/results?format=xlsx&result=none")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as workbook:
        sheet = workbook.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 2 and "Absent" in sheet


def test_score_reports_are_printed_after_the_release_only(marked: Marked) -> None:
    page(marked, f"/sittings/{marked.id}/results/reports.pdf", "base.admin", 404)
    marked.released()
    answer = reader(marked.exam, "base.admin").get(f"/sittings/{marked.id}/results/reports.pdf")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")


# candidates


def test_a_candidate_reads_points_mark_outcome_sections_and_review(marked: Marked) -> None:
    marked.released()
    shown = page(marked, own(marked), "trainee")
    assert "Passed · 100/100" in shown and f"{marked.points()} of {marked.points()} points" in shown
    assert "Every section" in shown and shown.count('class="review"') == len(marked.paper())
    assert reader(marked.exam, "trainee").get(f"{own(marked)}/report.pdf").data.startswith(b"%PDF")


def test_of_secret_items_only_section_and_points_are_shown(marked: Marked) -> None:
    marked.released()
    shown = page(marked, own(marked), "trainee")
    secret = [place for place in marked.paper() if not place.item.public]
    public = [place for place in marked.paper() if place.item.public]
    assert shown.count("This item is secret") == len(secret)
    assert not [place.item.id for place in secret if place.item.rationale.en in shown]
    assert not [place.item.id for place in public if place.item.stem.en.split("'")[0][:30] not in shown]


def test_before_the_release_a_candidate_reads_how_far_it_is_and_no_number(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    shown = page(marked, own(marked), "trainee")
    assert "Your answers are handed in" in shown and "/100" not in shown and "rationale" not in shown
    page(marked, f"{own(marked)}/report.pdf", "trainee", 404)
    assert "Handed in, being marked" in page(marked, "/exams/results", "trainee")


def test_a_corrected_result_stands_above_the_earlier_one(marked: Marked) -> None:
    marked.released(40)
    marked.revise({marked.first().version_id: VOID})
    marked.released(41)
    shown = page(marked, own(marked), "trainee")
    assert "Earlier results" in shown and "Correction 1" in shown and "This item is void" in shown


def test_exams_and_the_record_of_a_person_show_the_result(marked: Marked) -> None:
    marked.released()
    assert "Your results" in page(marked, "/exams", "trainee")
    record = page(marked, f"/people/{marked.exam.home.number('trainee')}", "base.admin")
    assert "Certification examinations" in record and "100 of 100" in record


# attacks


def test_the_result_of_another_person_is_not_there_and_the_try_is_written_down(marked: Marked) -> None:
    marked.released()
    for path in ("", "/report.pdf"):
        page(marked, own(marked) + path, "second.trainee", 404)
    assert len(marked.exam.home.acts("refused")) == 2


@pytest.mark.parametrize("name", ["base.admin", "visitor", "auditor", "trainee", "watcher"])
def test_keys_cut_scores_and_release_are_for_programme_administrators(marked: Marked, name: str) -> None:
    browser = reader(marked.exam, name)
    base = f"/sittings/{marked.id}"
    reads = [browser.get(base + path).status_code for path in ("/keys", "/changes", "/keys/1", "/standards/1/withdraw")]
    writes = [
        browser.post(base + path, data=CUT).status_code
        for path in ("/standards", "/standards/1/confirm", "/standards/1/withdraw", "/keys/1", "/release", "/score")
    ]
    assert set(reads + writes) == {403} and marked.stored().state == "closed"


def test_results_of_another_base_are_not_there(marked: Marked) -> None:
    marked.released()
    for path in ("", "?format=csv", "/reports.pdf"):
        page(marked, f"/sittings/{marked.id}/results{path}", "far.admin", 404)


def test_the_same_person_cannot_confirm_by_a_form_of_the_own(marked: Marked) -> None:
    standard = marked.enter()
    answer = reader(marked.exam, "head").post(f"/sittings/{marked.id}/standards/{standard.id}/confirm")
    assert answer.status_code == 403 and marked.exam.home.acts("standard.confirmed") == []


def test_a_cut_score_is_not_confirmed_or_withdrawn_through_another_sitting(marked: Marked) -> None:
    standard = marked.enter()
    other = marked.exam.far()
    for act in ("confirm", "withdraw"):
        address = f"/sittings/{other}/standards/{standard.id}/{act}"
        assert reader(marked.exam, "second.head").post(address, data={"reason": "x"}).status_code in {302, 404}
    home = marked.exam.home
    assert home.acts("standard.confirmed") == home.acts("standard.withdrawn") == []


def test_a_release_too_early_changes_nothing(marked: Marked) -> None:
    marked.set_cut()
    late = {"attempt_id": marked.attempt().id, "item_version_id": marked.first().version_id, "device": "a/b"}
    with marked.exam.home.database.write() as session:
        times = {"captured_at": AFTER, "received_at": AFTER}
        session.execute(insert(LateEvent).values(**late, **times, client_seq=9, payload=["A"], why="late"))
    answer = reader(marked.exam, "head").post(
        f"/sittings/{marked.id}/release", data={"version": marked.stored().version}, follow_redirects=True
    )
    assert "late answers wait for a decision" in answer.text and marked.stored().state == "closed"
    with marked.exam.home.database.read() as session:
        assert session.query(Standard).count() == 1
