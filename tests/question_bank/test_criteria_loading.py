import dataclasses
from pathlib import Path

import pytest

from question_bank.criteria import Criteria, Grade
from question_bank.criteria_loading import load_criteria
from question_bank.criteria_reading import best_grade
from question_bank.errors import ContentRefused
from question_bank.loading import SHIPPED

TREE = load_criteria()


def plain_tree(folder: Path) -> Path:
    """A copy of the shipped criteria that a test may spoil."""
    (folder / "criteria").mkdir()
    for path in (SHIPPED / "criteria").glob("*.yaml"):
        (folder / "criteria" / path.name).write_bytes(path.read_bytes())
    return folder


def spoil(folder: Path, name: str, change: tuple[str, str]) -> list[str]:
    """The faults of a tree in which the first `change[0]` of a file became `change[1]`."""
    path = plain_tree(folder) / "criteria" / name
    spoilt = path.read_text(encoding="utf-8").replace(*change, 1)
    path.write_text(spoilt, encoding="utf-8")
    with pytest.raises(ContentRefused) as refused:
        load_criteria(folder)
    return [str(fault) for fault in refused.value.faults]


def test_a_copy_of_the_official_file_decides_over_notes_on_it() -> None:
    assert best_grade([Grade.SECONDARY, Grade.OFFICIAL_COPY, Grade.SECONDARY]) is Grade.OFFICIAL_COPY


def test_a_wording_without_a_graded_source_is_unverified() -> None:
    assert best_grade([]) is Grade.UNVERIFIED


def test_the_tree_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TREE.nodes["A26"].code = "B26"  # type: ignore[misc]


def test_a_missing_language_is_refused_with_file_code_and_field(tmp_path: Path) -> None:
    faults = spoil(tmp_path, "2026-34-ACE.yaml", ("      en: Contact for customs business\n", ""))

    assert faults == [
        "E C01 criteria/2026-34-ACE.yaml A26.01.01 title.en: the text in this language is missing",
    ]


def test_a_figure_without_a_label_is_refused(tmp_path: Path) -> None:
    faults = spoil(tmp_path, "2026-34-ACE.yaml", ("      penalty_count_max: 3", "      penalty_cuont_max: 3"))

    assert faults == [
        "E FORMAT criteria/2026-34-ACE.yaml A26.09.19 figures.penalty_cuont_max: has no label in figures.yaml",
    ]


def test_a_parent_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    (fault, *_) = spoil(tmp_path, "2026-34-CE.yaml", ("parent: C26.01\n", "parent: C26.77\n"))

    assert "C26.01.01 parent: C26.77 does not stand before it" in fault


def test_a_counterpart_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    (fault,) = spoil(tmp_path, "2026-34-CE.yaml", ("[A26.01.01]", "[A26.01.99]"))

    assert "C26.01.01 counterparts: A26.01.99 is no node of another edition" in fault


def test_a_code_that_stands_twice_is_refused(tmp_path: Path) -> None:
    faults = spoil(tmp_path, "2022-106-SPEC.yaml", ("code: S22.01.1\n", "code: S22.01\n"))

    assert any("S22.01 code: stands twice" in fault for fault in faults)


def test_a_misspelt_field_is_refused(tmp_path: Path) -> None:
    (fault,) = spoil(
        tmp_path, "instruments.yaml", ("    standing: in_force\n", "    standing: in_force\n    colour: red\n")
    )

    assert "D282 colour: unknown field" in fault


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    (plain_tree(tmp_path) / "criteria" / "topics.yaml").unlink()

    with pytest.raises(ContentRefused) as refused:
        load_criteria(tmp_path)

    assert [fault.file for fault in refused.value.faults] == ["criteria/topics.yaml"]


def test_loading_twice_gives_equal_trees() -> None:
    again: Criteria = load_criteria()

    assert again == TREE
