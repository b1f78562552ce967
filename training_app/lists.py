"""Lists: search, filters, sort and pages from the address of the page, and the same rows as CSV or Excel.

A list is described once by a `ListSpec`. Everything a person chooses stands in the address, so that a list can be
shared, or left and found again. What the address says wrongly is ignored: an unknown sort, a page beyond the last one.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

import xlsxwriter
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from training_app.clock import SHANGHAI

PAGE_SIZES: Final = (25, 50, 100)
SEARCH_LENGTH: Final = 100
SEARCH_WORDS: Final = 8

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CELL_LENGTH: Final = 32_767
"""The longest text a cell of Excel takes."""

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    label: a string or a lazy translation. value: what the page and the export show of a row; numbers stay numbers.
    sort_by: the expression behind the column's sort, None when it cannot be sorted. export: whether files carry it.
    """

    key: str
    label: object
    value: Callable[[Any], object]
    sort_by: Expression | None = None
    export: bool = True
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice above a list. choices: (value in the address, label); condition: what a chosen value demands."""

    key: str
    label: object
    choices: Sequence[tuple[str, object]]
    condition: Callable[[str], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What a list can do.

    search: the expressions in which each word typed must occur. default_sort: a column's key, with "-" for descending.
    tie: a unique expression that keeps rows of equal sort in one order from page to page.
    """

    columns: tuple[Column, ...]
    default_sort: str
    tie: Expression
    search: tuple[Expression, ...] = ()
    filters: tuple[Filter, ...] = ()

    def column(self, key: str) -> Column | None:
        """The column that is sorted by `key`, None when there is none to sort by."""
        return next((column for column in self.columns if column.key == key and column.sort_by is not None), None)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the address asks for, cleaned: every value is one the list knows."""

    words: str
    filters: Mapping[str, str]
    sort: str
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, ready for `_list.html`. page and pages count from 1."""

    spec: ListSpec
    query: ListQuery
    rows: Sequence[Any]
    total: int
    page: int
    pages: int

    @property
    def first(self) -> int:
        """The number of the first row shown, 0 when there is none."""
        return (self.page - 1) * self.query.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.first + len(self.rows) - 1 if self.total else 0

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter leaves something out."""
        return bool(self.query.words or self.query.filters)

    @property
    def numbers(self) -> list[int | None]:
        """The numbers of the pages to offer: the ends, this one and its neighbours, None for a gap."""
        near = sorted({1, self.pages, *range(max(1, self.page - 2), min(self.pages, self.page + 2) + 1)})
        offered: list[int | None] = []
        for number in near:
            if offered and offered[-1] is not None and number - offered[-1] > 1:
                offered.append(None)
            offered.append(number)
        return offered

    def url(self, **changed: object) -> str:
        """The address of this list with something changed, as "?…"; without `page` among it, of page 1."""
        values: dict[str, object] = {
            "q": self.query.words,
            **self.query.filters,
            "sort": "" if self.query.sort == self.spec.default_sort else self.query.sort,
            "size": "" if self.query.size == PAGE_SIZES[0] else self.query.size,
            **changed,
        }
        if values.get("page") == 1:
            values["page"] = ""
        return "?" + urlencode({key: value for key, value in values.items() if value not in {"", None}})

    def sort_url(self, column: Column) -> str:
        """The address that sorts by `column`, the other way round when it is sorted by it already."""
        sort = f"-{column.key}" if self.query.sort == column.key else column.key
        return self.url(sort="" if sort == self.spec.default_sort else sort)

    def direction(self, column: Column) -> str:
        """How the list is sorted by `column`: "ascending", "descending" or ""."""
        return {column.key: "ascending", f"-{column.key}": "descending"}.get(self.query.sort, "")

    def export_url(self, kind: str) -> str:
        """The address of the file with all rows of this search: kind "csv" or "xlsx"."""
        return self.url(format=kind)


def query_of(spec: ListSpec, args: Mapping[str, str]) -> ListQuery:
    """What `args` (the arguments of the address) ask of the list, with defaults in place of what it does not know."""
    sort = args.get("sort", "")
    size = args.get("size", "")
    chosen = {entry.key: args.get(entry.key, "") for entry in spec.filters}
    known = {entry.key: {value for value, _label in entry.choices} for entry in spec.filters}
    return ListQuery(
        words=" ".join(args.get("q", "").split())[:SEARCH_LENGTH],
        filters={key: value for key, value in chosen.items() if value and value in known[key]},
        sort=sort if spec.column(sort.removeprefix("-")) else spec.default_sort,
        page=positive(args.get("page", "")),
        size=next((entry for entry in PAGE_SIZES if str(entry) == size), PAGE_SIZES[0]),
    )


def positive(text: str) -> int:
    """The number that `text` writes in at most six digits, 1 when it writes none."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= 6 else 1


def narrowed(statement: Select[Any], spec: ListSpec, query: ListQuery) -> Select[Any]:
    """`statement` with the conditions of the search and the filters."""
    words = query.words.split()[:SEARCH_WORDS] if spec.search else []
    conditions: list[ColumnElement[bool]] = [
        or_(*(expression.icontains(word, autoescape=True) for expression in spec.search)) for word in words
    ]
    conditions += [entry.condition(query.filters[entry.key]) for entry in spec.filters if entry.key in query.filters]
    return statement.where(and_(*conditions)) if conditions else statement


def ordered(statement: Select[Any], spec: ListSpec, query: ListQuery) -> Select[Any]:
    """`statement` in the order asked for; rows of equal rank stand in the order of `spec.tie`."""
    column = spec.column(query.sort.removeprefix("-"))
    if column is None or column.sort_by is None:
        return statement.order_by(None).order_by(spec.tie)
    down = query.sort.startswith("-")
    return statement.order_by(None).order_by(column.sort_by.desc() if down else column.sort_by.asc(), spec.tie)


def rows_of(session: Session, statement: Select[Any]) -> Sequence[Any]:
    """The rows of `statement`: entities where it selects one thing, else tuples with names."""
    if len(statement.column_descriptions) == 1:
        return session.scalars(statement).all()
    return session.execute(statement).all()


def list_page(session: Session, statement: Select[Any], spec: ListSpec, args: Mapping[str, str]) -> ListPage:
    """The page of the list that `args` ask for. `statement`: the rows within the reader's reach, in any order."""
    query = query_of(spec, args)
    wanted = narrowed(statement, spec, query)
    total = session.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
    pages = max(1, -(-total // query.size))
    page = min(query.page, pages)
    shown = ordered(wanted, spec, query).limit(query.size).offset((page - 1) * query.size)
    return ListPage(spec, query, rows_of(session, shown), total, page, pages)


def list_rows(session: Session, statement: Select[Any], spec: ListSpec, args: Mapping[str, str]) -> Sequence[Any]:
    """All rows that `args` ask for, on whatever page: what an export carries."""
    query = query_of(spec, args)
    return rows_of(session, ordered(narrowed(statement, spec, query), spec, query))


def requested_export(args: Mapping[str, str]) -> str | None:
    """The kind of file that the address asks for, None when it asks for the page."""
    kind = args.get("format", "")
    return kind if kind in MEDIA_TYPES else None


def export(spec: ListSpec, rows: Sequence[Any], kind: str) -> bytes:
    """The file with `rows`: kind "csv" (UTF-8 with byte order mark) or "xlsx". KeyError on another kind."""
    columns = tuple(column for column in spec.columns if column.export)
    return {"csv": csv_file, "xlsx": xlsx_file}[kind](columns, rows)


def csv_file(columns: Sequence[Column], rows: Sequence[Any]) -> bytes:
    """A table for programs that run a cell which begins like a formula: such a cell gets an apostrophe in front."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([guarded(str(column.label)) for column in columns])
    for row in rows:
        writer.writerow([guarded(plain(column.value(row))) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def xlsx_file(columns: Sequence[Column], rows: Sequence[Any]) -> bytes:
    """A workbook of one sheet, written row by row; texts stay texts, whatever they begin with."""
    file = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet()
        bold = workbook.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, 12 if column.numeric else 22)
            sheet.write_string(0, position, str(column.label), bold)
        for line, row in enumerate(rows, start=1):
            for position, column in enumerate(columns):
                value = plain(column.value(row))
                if isinstance(value, str):
                    sheet.write_string(line, position, value[:CELL_LENGTH])
                else:
                    sheet.write_number(line, position, value)
    return file.getvalue()


def plain(value: object) -> str | int | float | Decimal:
    """`value` as a cell: numbers as they are, times as those of the bases, None as an empty text, all else as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI) if value.tzinfo else value
        return local.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def guarded(value: str | float | Decimal) -> str:
    """`value` as text that no spreadsheet takes for a formula. A negative number stays one."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text
