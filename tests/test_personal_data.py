"""Personal data: each column that could hold some says so where it is defined, with purpose and retention."""

from typing import Any

import pytest
from sqlalchemy import JSON, Column, String, Table

from training_app.db import FreeText, PersonalData
from training_app.tables import METADATA

TABLES = list(METADATA.sorted_tables)


def asks(column: Column[Any]) -> bool:
    """Whether the column could tell anything of a person: words, or a reference to a person."""
    to_person = any(key.target_fullname == "person.id" for key in column.foreign_keys)
    return to_person or isinstance(column.type, String | JSON | FreeText)


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_each_column_of_words_and_each_reference_to_a_person_declares_what_it_holds(table: Table) -> None:
    assert [column.name for column in table.columns if asks(column) and "data" not in column.info] == []


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_what_is_declared_is_a_purpose_with_a_time_or_a_plain_no(table: Table) -> None:
    declared = [column.info["data"] for column in table.columns if "data" in column.info]
    stated = [data for data in declared if data is not None]
    assert all(isinstance(data, PersonalData) and data.purpose.strip() and data.keep.strip() for data in stated)


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_reference_to_a_person_is_always_personal(table: Table) -> None:
    references = [c for c in table.columns if any(key.target_fullname == "person.id" for key in c.foreign_keys)]
    assert [column.name for column in references if column.info.get("data") is None] == []


def test_there_is_no_column_for_identity_numbers() -> None:
    names = {column.name for table in TABLES for column in table.columns}
    assert [name for name in names if "identity" in name or "id_number" in name or "id_card" in name] == []


def test_what_is_typed_into_a_note_is_masked() -> None:
    notes = [c for table in TABLES for c in table.columns if c.name in {"note", "reason", "blocked_reason", "remark"}]
    assert notes and [str(c) for c in notes if not isinstance(c.type, FreeText) and asks_for_words(c)] == []


def asks_for_words(column: Column[Any]) -> bool:
    """Whether people type it: reasons of the program's own are short codes in a narrow column."""
    return getattr(column.type, "length", None) is None
