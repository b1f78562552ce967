from dataclasses import replace

import pytest

from question_bank.blueprint import Blueprint, KindLimit, Purpose, Quota, Range, Row
from question_bank.checks import check_bank
from question_bank.checks.stock import check_coverage
from question_bank.items import Bank, Certainty, ErrorClass, Kind, Level, Waiver
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini

CRITERIA = mini.shipped_criteria()


def touched(*codes: str) -> Bank:
    return Bank((mini.item(codes=codes),), ())


def fields_of(bank: Bank) -> set[str]:
    return {fault.field for fault in check_coverage(bank, CRITERIA)}


def blueprint(*quotas: Quota, **changes: object) -> Blueprint:
    row = Row("systems", Text("系统", "Systems"), ("A26.05",))
    good = Blueprint("PRINT", Text("试", "Trial"), Purpose.ENTRY, 3, 3, (row,), quotas)
    return replace(good, **changes)


def stock(plan: Blueprint, *items):
    report = check_bank(mini.content_of(*items, blueprints=(plan,)), CRITERIA, shipped=False)
    return {(fault.severity, fault.field) for fault in report.faults if fault.code == "B06"}


def test_a_section_without_an_item_is_named():
    assert "A26.18" in fields_of(touched("A26.05.08"))


def test_a_section_with_an_item_is_not_named():
    assert "A26.05" not in fields_of(touched("A26.05.08"))


def test_a_certified_section_is_touched_by_the_advanced_one_of_its_number():
    assert "C26.05" not in fields_of(touched("A26.05.08"))


def test_an_advanced_section_is_not_touched_by_the_certified_one():
    assert "A26.05" in fields_of(touched("C26.05.08"))


def test_a_class_of_the_specific_criteria_without_an_item_is_named():
    assert {"S26.PQ", "S26.FC", "S26.CI"} <= fields_of(touched("S26.HQ.1"))


def test_a_topic_is_touched_by_an_item_below_it():
    assert fields_of(touched("T.MR.01")).isdisjoint({"T.MR", "T.MR.01"})


def test_a_topic_without_an_item_is_named():
    assert {"T.MR.02", "T.SF"} <= fields_of(touched("T.MR.01"))


def test_kinds_and_totals_below_the_minimum_are_named():
    assert {"kind", "items"} <= fields_of(touched("A26.05.08"))


def test_a_folder_of_a_base_need_not_cover_everything():
    report = check_bank(mini.content_of(mini.item()), CRITERIA, shipped=False)
    assert {fault.code for fault in report.faults} & {"B06"} == set()


def test_the_shipped_bank_must():
    report = check_bank(mini.content_of(mini.item()), CRITERIA)
    assert report.refused


DEMAND = Quota("systems", Level.RECALL, Range(0, 100), 1, None)


@pytest.mark.parametrize(("count", "expected"), [(0, {("E", "quotas.0")}), (1, {("W", "quotas.0")}), (3, set())])
def test_a_cell_of_a_blueprint_is_held_against_the_stock(count, expected):
    items = [mini.item(id=f"M-{number}") for number in range(count)]
    assert stock(blueprint(DEMAND), *items) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"certainty": Certainty.UNVERIFIED},
        {"effective_from": None},
        {"codes": ("A26.18.46",)},
        {"level": Level.APPLY},
        {"codes": ("A26.99.99",)},
    ],
)
def test_an_item_that_no_form_may_hold_is_no_stock(changes):
    items = [mini.item(id=f"M-{number}", **changes) for number in range(3)]
    assert ("E", "quotas.0") in stock(blueprint(DEMAND), *items)


def test_a_demand_for_a_kind_is_held_against_the_stock():
    plan = blueprint(kinds=(KindLimit(Kind.NUMERIC, 1),))
    assert stock(plan, mini.item()) == {("E", "kinds.0")}


def mix(*items):
    return {fault.field for fault in mini.report_of(*items).faults if fault.code == "B07"}


def test_too_much_recall_and_too_little_analysis_are_named():
    assert mix(mini.item()) >= {"level"}


def test_a_class_of_error_that_rules_is_named():
    assert "error" in mix(mini.item())


def test_classes_of_error_in_proportion_are_let_be():
    classes = (ErrorClass.HABIT, ErrorClass.TOO_LAX, ErrorClass.WRONG_PERIOD)
    options = tuple(
        replace(option, error=error, key=False) for option, error in zip(mini.item().options, classes, strict=True)
    )
    assert "error" not in mix(mini.item(options=options))


def test_many_waivers_are_named():
    waiver = Waiver("C10", "the word is the subject", "A. Reviewer", mini.DAY)
    assert "waivers" in mix(mini.item(waivers=(waiver,)))
