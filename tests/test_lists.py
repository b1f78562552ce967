"""Lists: search, filters, sort, pages, export."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool
from werkzeug.datastructures import MultiDict

from training_app.lists import (
    MEDIA_TYPES,
    Column,
    Filter,
    ListSpec,
    export,
    list_page,
    list_rows,
    plain,
    requested_export,
)


class Table(DeclarativeBase):
    pass


class Fruit(Table):
    __tablename__ = "fruit"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    colour: Mapped[str]
    weight_g: Mapped[int]


SPEC = ListSpec(
    columns=(
        Column("name", "Name", lambda fruit: fruit.name, Fruit.name),
        Column("colour", "Colour", lambda fruit: fruit.colour),
        Column("weight", "Weight (g)", lambda fruit: fruit.weight_g, Fruit.weight_g, numeric=True),
        Column("secret", "Secret", lambda _fruit: "hidden", export=False),
    ),
    default_sort="name",
    tie=Fruit.id,
    search=(Fruit.name, Fruit.colour),
    filters=(Filter("colour", "Colour", (("red", "Red"), ("green", "Green")), lambda value: Fruit.colour == value),),
)
ALL = select(Fruit)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Table.metadata.create_all(engine)
    with Session(engine) as session:
        fruits = [("Apple", "red", 150), ("Banana", "yellow", 120), ("Cherry", "red", 8), ("苹果 100%", "green", 150)]
        session.add_all(Fruit(name=name, colour=colour, weight_g=weight) for name, colour, weight in fruits)
        yield session
    engine.dispose()


@pytest.fixture
def many(session: Session) -> Session:
    session.add_all(Fruit(name="Plum", colour="blue", weight_g=30) for _ in range(116))
    return session


def names(session: Session, **args: str) -> list[str]:
    return [fruit.name for fruit in list_page(session, ALL, SPEC, MultiDict(args)).rows]


def test_a_list_without_arguments_shows_everything_in_its_own_order(session: Session) -> None:
    assert names(session) == ["Apple", "Banana", "Cherry", "苹果 100%"]


def test_each_word_of_a_search_must_occur_somewhere_in_any_case(session: Session) -> None:
    assert names(session, q="  RED   ap ") == ["Apple"]


def test_a_percent_sign_in_a_search_is_only_a_percent_sign(session: Session) -> None:
    assert names(session, q="%") == ["苹果 100%"]


def test_chinese_words_are_found(session: Session) -> None:
    assert names(session, q="苹果") == ["苹果 100%"]


def test_a_filter_keeps_what_meets_its_condition(session: Session) -> None:
    assert names(session, colour="red") == ["Apple", "Cherry"]


def test_a_filter_value_that_is_no_choice_is_ignored(session: Session) -> None:
    assert len(names(session, colour="' or 1=1")) == 4


def test_a_minus_before_the_key_sorts_downwards_and_equals_keep_their_order(session: Session) -> None:
    assert names(session, sort="-weight") == ["Apple", "苹果 100%", "Banana", "Cherry"]


@pytest.mark.parametrize("sort", ["colour", "id", "--weight", "weight_g; drop table fruit"])
def test_a_sort_that_the_list_does_not_offer_is_ignored(session: Session, sort: str) -> None:
    assert names(session, sort=sort)[0] == "Apple"


def test_the_order_of_the_statement_does_not_stand_before_that_of_the_list(session: Session) -> None:
    page = list_page(session, ALL.order_by(Fruit.weight_g), SPEC, {})
    assert page.rows[0].name == "Apple"


def test_the_count_is_that_of_all_pages(many: Session) -> None:
    page = list_page(many, ALL, SPEC, {"page": "2"})
    assert (page.total, page.pages, page.first, page.last) == (120, 5, 26, 50)


def test_a_page_beyond_the_last_is_the_last(many: Session) -> None:
    page = list_page(many, ALL, SPEC, {"page": "999999", "size": "50"})
    assert (page.page, len(page.rows)) == (3, 20)


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "９", "10000000000000000000000"])
def test_a_page_that_is_no_number_is_the_first(many: Session, number: str) -> None:
    assert list_page(many, ALL, SPEC, {"page": number}).page == 1


@pytest.mark.parametrize("size", ["1000000", "0", "-25", "all"])
def test_a_page_size_that_is_not_offered_is_ignored(many: Session, size: str) -> None:
    assert len(list_page(many, ALL, SPEC, {"size": size}).rows) == 25


def test_an_empty_list_has_one_page_and_no_first_row(session: Session) -> None:
    page = list_page(session, ALL, SPEC, {"q": "nothing like it"})
    assert (page.total, page.pages, page.first, page.last, page.narrowed) == (0, 1, 0, 0, True)


def test_rows_of_several_columns_keep_their_names(session: Session) -> None:
    page = list_page(session, select(Fruit.name, Fruit.weight_g), SPEC, {})
    assert page.rows[0].weight_g == 150


def test_an_address_names_only_what_differs_from_the_default(session: Session) -> None:
    page = list_page(session, ALL, SPEC, {"q": "a b", "colour": "red", "sort": "name", "page": "1"})
    assert page.url(page=2) == "?q=a+b&colour=red&page=2"


def test_the_sort_of_a_sorted_column_turns_round(session: Session) -> None:
    page = list_page(session, ALL, SPEC, {"sort": "weight"})
    assert page.sort_url(SPEC.columns[2]) == "?sort=-weight"


def test_a_heading_knows_its_direction(session: Session) -> None:
    page = list_page(session, ALL, SPEC, {"sort": "-weight"})
    assert [page.direction(column) for column in SPEC.columns[:3]] == ["", "", "descending"]


def test_pages_far_away_are_left_out(many: Session) -> None:
    many.add_all(Fruit(name="Fig", colour="blue", weight_g=40) for _ in range(130))
    page = list_page(many, ALL, SPEC, {"page": "5"})
    assert page.numbers == [1, None, 3, 4, 5, 6, 7, None, 10]


def test_an_export_carries_all_pages_of_the_search(many: Session) -> None:
    assert len(list_rows(many, ALL, SPEC, {"q": "plum", "page": "2"})) == 116


def test_the_kind_of_file_is_one_that_exists() -> None:
    assert [requested_export({"format": kind}) for kind in ("csv", "xlsx", "pdf", "")] == ["csv", "xlsx", None, None]


def table_of(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))


def test_a_csv_file_begins_with_the_mark_that_excel_needs(session: Session) -> None:
    assert export(SPEC, list_rows(session, ALL, SPEC, {}), "csv").startswith(b"\xef\xbb\xbfName,Colour")


def test_a_csv_file_leaves_out_columns_that_are_not_for_files(session: Session) -> None:
    assert table_of(export(SPEC, list_rows(session, ALL, SPEC, {}), "csv"))[1] == ["Apple", "red", "150"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_of_csv_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    row = SimpleNamespace(name=f"{start}HYPERLINK(1)", colour="red", weight_g=-3)
    cells = table_of(export(SPEC, [row], "csv"))[1]
    assert (cells[0], cells[2]) == (f"'{start}HYPERLINK(1)", "-3")


def test_a_workbook_holds_no_formula_and_no_link() -> None:
    row = SimpleNamespace(name="=1+1", colour="http://example.org/", weight_g=3)
    with zipfile.ZipFile(io.BytesIO(export(SPEC, [row], "xlsx"))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert ("=1+1" in sheet, "<f>" in sheet, "hyperlink" in sheet, "<v>3</v>" in sheet) == (True, False, False, True)


def test_an_export_of_another_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        export(SPEC, [], "pdf")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (datetime(2026, 11, 23, 16, 30, tzinfo=UTC), "2026-11-24 00:30"),
        (date(2026, 11, 23), "2026-11-23"),
        (Decimal("1.50"), Decimal("1.50")),
        (True, "True"),
    ],
)
def test_a_cell_shows_times_as_those_of_the_bases(value: object, cell: object) -> None:
    assert plain(value) == cell


def test_every_kind_of_file_has_a_media_type() -> None:
    assert set(MEDIA_TYPES) == {"csv", "xlsx"}
