import os
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.assembly import assemble
from question_bank.checks import check_bank
from question_bank.criteria_loading import load_criteria
from question_bank.errors import ContentFault, ContentRefused
from question_bank.items import Kind
from question_bank.loading import SHIPPED, load_bank
from question_bank.yaml_loading import MAX_FILE_BYTES
from tests.question_bank.samples import ALL_KINDS, Json, item_data, text

TEMPLATE = Path(__file__).parents[2] / "docs" / "bank-template"

modest = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, content: object, name: str = "items/a.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else str(content).encode())
    return folder


def write_items(folder: Path, *items: Json, name: str = "items/a.yaml") -> Path:
    return write(folder, yaml.safe_dump({"schema": 1, "items": list(items)}, allow_unicode=True), name)


def faults_of(folder: Path) -> tuple[ContentFault, ...]:
    with pytest.raises(ContentRefused) as refused:
        load_bank(folder)
    return refused.value.faults


def the_fault_of(folder: Path) -> ContentFault:
    (fault,) = faults_of(folder)
    return fault


def a_case(*items: Json, **changes: object) -> Json:
    row = {"group": text(), "label": text(), "value": text()}
    return {"id": "CASE-1", "title": text(), "text": text(), "rows": [row], "items": list(items), **changes}


def write_case(folder: Path, case: Json) -> Path:
    return write(folder, yaml.safe_dump({"schema": 1, "cases": [case]}, allow_unicode=True), "cases/a.yaml")


def test_the_shipped_bank_loads() -> None:
    content = load_bank(SHIPPED)
    assert "ENTRY" in {blueprint.id for blueprint in content.blueprints}


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_is_read(tmp_path: Path, kind: str) -> None:
    content = load_bank(write_items(tmp_path, item_data(kind)))
    assert [item.kind for item in content.bank.items] == [Kind(kind)]


def test_the_file_of_each_id_is_told(tmp_path: Path) -> None:
    write_items(tmp_path, item_data(), item_data(id="X-2"), name="items/b.yaml")
    write_case(tmp_path, a_case(item_data(id="X-3")))
    assert load_bank(tmp_path).files == {
        "X-1": "items/b.yaml",
        "X-2": "items/b.yaml",
        "CASE-1": "cases/a.yaml",
        "X-3": "cases/a.yaml",
    }


def test_the_items_of_a_case_know_their_case(tmp_path: Path) -> None:
    content = load_bank(write_case(tmp_path, a_case(item_data(), item_data(id="X-2"))))
    assert [item.case for item in content.bank.cases[0].items] == ["CASE-1", "CASE-1"]
    assert content.bank.items == ()


def test_numbers_are_read_exactly(tmp_path: Path) -> None:
    source = yaml.safe_dump({"schema": 1, "items": [item_data("numeric")]}, allow_unicode=True)
    write(tmp_path, source.replace("value: '23'", "value: 0.10000000000000000001"))
    numeric = load_bank(tmp_path).bank.items[0].numeric
    assert numeric is not None
    assert str(numeric.value) == "0.10000000000000000001"


@pytest.mark.parametrize("written", ["yes", "no", "on", "1_000", "0o17", "12:30", "2026-04-01", "~x", "1e3", ".5"])
def test_texts_stay_as_they_are_written(tmp_path: Path, written: str) -> None:
    source = yaml.safe_dump({"schema": 1, "items": [item_data(rationale=text("甲", "MARK"))]}, allow_unicode=True)
    write(tmp_path, source.replace("en: MARK", f"en: {written}"))
    assert load_bank(tmp_path).bank.items[0].rationale.en == written


def test_enemies_become_symmetric(tmp_path: Path) -> None:
    write_items(tmp_path, item_data(enemies=["X-2"]), item_data(id="X-2"))
    assert [item.enemies for item in load_bank(tmp_path).bank.items] == [("X-2",), ("X-1",)]


def test_twins_become_symmetric_and_enemies(tmp_path: Path) -> None:
    write_items(tmp_path, item_data(twins=["X-2"]), item_data(id="X-2"))
    first, second = load_bank(tmp_path).bank.items
    assert (first.twins, second.twins) == (("X-2",), ("X-1",))
    assert (first.enemies, second.enemies) == (("X-2",), ("X-1",))


def test_enemies_of_another_bank_may_be_named_when_it_is_known(tmp_path: Path) -> None:
    folder = write_items(tmp_path, item_data(enemies=["OTHER-1"]))
    assert load_bank(folder, frozenset({"OTHER-1"})).bank.items[0].enemies == ("OTHER-1",)


def test_an_unknown_enemy_is_a_fault(tmp_path: Path) -> None:
    fault = the_fault_of(write_items(tmp_path, item_data(enemies=["X-9"])))
    assert (fault.file, fault.item, fault.field, fault.code) == ("items/a.yaml", "X-1", "enemies", "FORMAT")


def test_an_item_is_not_its_own_enemy(tmp_path: Path) -> None:
    assert "its own" in the_fault_of(write_items(tmp_path, item_data(enemies=["X-1"]))).message


def test_items_of_one_case_cannot_be_enemies(tmp_path: Path) -> None:
    case = a_case(item_data(enemies=["X-2"]), item_data(id="X-2"))
    assert "drawn together" in the_fault_of(write_case(tmp_path, case)).message


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    write_items(tmp_path, item_data(points="many"), item_data(id="X-2", level="deep"))
    write_items(tmp_path, item_data(id="X-3", public="perhaps"), name="items/b.yaml")
    assert {(fault.file, fault.item, fault.field) for fault in faults_of(tmp_path)} == {
        ("items/a.yaml", "X-1", "points"),
        ("items/a.yaml", "X-2", "level"),
        ("items/b.yaml", "X-3", "public"),
    }


def test_a_fault_names_the_option_and_the_language(tmp_path: Path) -> None:
    item = item_data()
    item["options"][1]["reason"]["en"] = ""
    fault = the_fault_of(write_items(tmp_path, item))
    assert (fault.item, fault.field, fault.code) == ("X-1", "options.B.reason.en", "C01")


def test_a_fault_in_a_case_names_its_item(tmp_path: Path) -> None:
    fault = the_fault_of(write_case(tmp_path, a_case(item_data(), item_data(id="X-2", difficulty=0))))
    assert (fault.file, fault.item, fault.field) == ("cases/a.yaml", "X-2", "difficulty")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "lower-1"}, "id"),
        ({"id": 7}, "id"),
        ({"codes": []}, "codes"),
        ({"codes": "A26.01"}, "codes"),
        ({"codes": ["A26.01", "A26.01"]}, "codes.2"),
        ({"instruments": ["b34"]}, "instruments.1"),
        ({"effective_from": "2026-02-30"}, "effective_from"),
        ({"effective_to": "2026-03-31"}, "effective_to"),
        ({"as_of": "2026-13"}, "as_of"),
        ({"difficulty": "0.82"}, "difficulty"),
        ({"points": 0}, "points"),
        ({"points": True}, "points"),
        ({"scoring": {"rule": "per_pair", "step": 1}}, "scoring.rule"),
        ({"scoring": {"rule": "all_or_nothing", "step": 1}}, "scoring.step"),
        ({"scoring": None}, "scoring"),
        ({"public": "yes"}, "public"),
        ({"stem": "one language"}, "stem"),
        ({"stem": {"zh": "甲", "en": "a\u202eb"}}, "stem.en"),
        ({"stem": {"zh": "甲", "en": "a" * 4001}}, "stem.en"),
        ({"stem": {"zh": "甲", "en": "a", "fr": "b"}}, "stem.fr"),
        ({"options": {}}, "options"),
        ({"waivers": [{"code": "C10", "reason": "r", "name": "n", "date": "soon"}]}, "waivers.1.date"),
        ({"wieght": 3}, "wieght"),
        ({"case": "CASE-1"}, "case"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, change: Json, field: str) -> None:
    assert field in {fault.field for fault in faults_of(write_items(tmp_path, item_data(**change)))}


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("true_false", {"truth": "maybe"}, "truth"),
        ("true_false", {"reasons": {"true": text()}}, "reasons.false"),
        ("true_false", {"reasons": {"true": text(), "false": text() | {"error": "habit"}}}, "reasons.false.error"),
        ("numeric", {"answer": None}, "answer"),
        ("numeric", {"answer": {"value": "1e3", "tolerance": 0, "decimals": 0, "unit": text()}}, "answer.value"),
        ("numeric", {"answer": {"value": 1, "tolerance": "-1", "decimals": 0, "unit": text()}}, "answer.tolerance"),
        ("ordering", {"elements": None}, "elements"),
        ("matching", {"reuse": None}, "reuse"),
        (
            "matching",
            {"premises": [{"id": "1", "text": text(), "response": "z", "reason": text()}]},
            "premises.1.response",
        ),
    ],
)
def test_a_wrong_part_of_a_kind_is_named(tmp_path: Path, kind: str, change: Json, field: str) -> None:
    assert field in {fault.field for fault in faults_of(write_items(tmp_path, item_data(kind, **change)))}


def test_two_options_with_one_id_are_a_fault(tmp_path: Path) -> None:
    item = item_data()
    item["options"][1]["id"] = "A"
    assert "options.A" in {fault.field for fault in faults_of(write_items(tmp_path, item))}


def test_two_elements_with_one_sort_key_are_a_fault(tmp_path: Path) -> None:
    item = item_data("ordering")
    item["elements"][1]["sort"] = item["elements"][0]["sort"]
    assert the_fault_of(write_items(tmp_path, item)).code == "C20"


def test_an_id_twice_is_a_fault_that_names_the_other_file(tmp_path: Path) -> None:
    write_items(tmp_path, item_data(), name="items/a.yaml")
    fault = the_fault_of(write_items(tmp_path, item_data(), name="items/b.yaml"))
    assert (fault.file, fault.item) == ("items/b.yaml", "X-1")
    assert "items/a.yaml" in fault.message


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a: &x [1]\nb: *x", "anchors"),
        ("items: !!python/object/apply:os.system [ls]", "tags"),
        ("items: !!str x", "tags"),
        ("a: 1\na: 2", "stands twice"),
        ("a: 1\n---\nb: 2", "more than one document"),
        ("? [1, 2]\n: 3", "a key is a word"),
        ("a: [", "is not YAML: line"),
        ("\ta: 1", "is not YAML"),
        ("[" * 100_000, "nested deeper"),
        ("- " * 100_000, "nested deeper"),
        (b"items: \xff\xfe", "not UTF-8"),
        ("甲".encode("gb18030"), "not UTF-8"),
        (b"a: \0", "NUL"),
        (b"a: \x07", "is not YAML"),
        (b"#" * (MAX_FILE_BYTES + 1), "larger than"),
        ("", "a mapping is expected"),
        ("- 1", "a mapping is expected"),
        ("schema: 2\nitems: [1]", "schema 1"),
        ("schema: 1\nitems: []", "at least one entry"),
        ("schema: 1", "at least one entry"),
        ("schema: 1\nitems: 5", "at least one entry"),
        ("schema: 1\nitems: [5]", "a mapping is expected"),
        ("schema: 1\nitem: []", "unknown field"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_with_a_sentence(tmp_path: Path, content: object, sentence: str) -> None:
    faults = faults_of(write(tmp_path, content))
    assert {fault.file for fault in faults} == {"items/a.yaml"}
    assert any(sentence in fault.message for fault in faults)


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    assert "line 1" in the_fault_of(write(tmp_path, "\n".join(lines))).message


def test_more_items_than_the_limit_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "schema: 1\nitems:\n" + "  - 1\n" * 5001)
    assert "more than 5000" in the_fault_of(tmp_path).message


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "secret: 1", "outside.yaml")
    folder = tmp_path / "bank"
    (folder / "items").mkdir(parents=True)
    (folder / "items" / "a.yaml").symlink_to(tmp_path / "outside.yaml")
    assert "out of the folder" in the_fault_of(folder).message


def test_a_linked_sub_folder_that_leads_out_is_refused(tmp_path: Path) -> None:
    write_items(tmp_path, item_data(), name="elsewhere/a.yaml")
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "items").symlink_to(tmp_path / "elsewhere")
    assert "out of the folder" in the_fault_of(folder).message


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "a.yaml").symlink_to("a.yaml")
    assert "cannot be opened" in the_fault_of(tmp_path).message


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "items").mkdir()
    os.mkfifo(tmp_path / "items" / "a.yaml")
    assert "no plain file" in the_fault_of(tmp_path).message


def test_a_folder_named_like_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "items" / "a.yaml").mkdir(parents=True)
    assert "no plain file" in the_fault_of(tmp_path).message


def test_a_file_with_another_ending_is_pointed_out(tmp_path: Path) -> None:
    assert "ends in .yaml" in faults_of(write(tmp_path, "x", "items/a.yml"))[0].message


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert "no folder" in faults_of(tmp_path / "nowhere")[0].message


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "holds no items" in the_fault_of(tmp_path).message


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    write_items(tmp_path, item_data())
    path = tmp_path / "items" / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(load_bank(tmp_path).bank.items) == 1


@modest
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: ("schema: 1\nitems:\n" + t).encode("utf-8")))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, content)
    try:
        load_bank(tmp_path)
    except ContentRefused as refused:
        told = refused.faults
    else:
        told = ()
    assert all(fault.message and fault.file == "items/a.yaml" for fault in told)


def test_the_template_for_authors_holds_every_kind_a_case_and_a_blueprint() -> None:
    content = load_bank(TEMPLATE)
    assert {item.kind for item in content.bank.items} == set(Kind)
    assert (len(content.bank.cases), len(content.blueprints)) == (1, 1)


def test_the_template_for_authors_passes_every_check() -> None:
    report = check_bank(load_bank(TEMPLATE), load_criteria(), shipped=False)
    assert [fault for fault in report.faults if fault.severity == "E"] == []


def test_the_blueprint_of_the_template_draws_from_its_items() -> None:
    content = load_bank(TEMPLATE)
    form = assemble(content.blueprints[0], content.bank, "s", date(2026, 11, 23), criteria=load_criteria())
    assert len(form.entries) == 6
