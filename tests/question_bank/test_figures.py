from decimal import Decimal

import pytest

from question_bank.criteria_loading import load_criteria
from question_bank.figure_numbers import numbers_in, numbers_of_figures
from question_bank.figures import FigureChange, FigureRow, change_between, figure_rows, figure_table
from question_bank.texts import Text

TREE = load_criteria()


def said(code: str, language: str) -> dict[str, str]:
    return {row.key: row.value.in_language(language) for row in figure_rows(TREE.nodes[code])}


def changes(older: str, newer: str) -> dict[str, FigureChange | None]:
    return {line.key: line.change(0, 1) for line in figure_table([TREE.nodes[older], TREE.nodes[newer]])}


def row(value: str, number: str | None = None, better: str | None = None) -> FigureRow:
    return FigureRow("key", Text("项", "row"), Text(value, value), Decimal(number) if number else None, better)


def test_penalties_are_said_in_chinese_as_on_the_page() -> None:
    assert said("A26.09.19", "zh") == {
        "lookback_years": "1年内",
        "penalty_count_max": "不超过3次",
        "alternative_ratio": "违法次数≤1‰",
        "alternative_ratio.base": "报关相关单证",
        "penalty_total_cny_max": "不超过10万元",
    }


def test_penalties_are_said_in_english_as_on_the_page() -> None:
    assert said("A26.09.19", "en") == {
        "lookback_years": "within the past 1 year",
        "penalty_count_max": "at most 3 penalties",
        "alternative_ratio": "number of violations ≤ 1‰",
        "alternative_ratio.base": "declarations and related customs documents",
        "penalty_total_cny_max": "at most CNY 100,000",
    }


@pytest.mark.parametrize(
    ("code", "key", "zh", "en"),
    [
        ("A26.09.18", "alternative_ratio_of_trade_value_max", "单次处罚金额≤万分之一", "single penalty ≤ 1/10,000"),
        ("A26.05.08", "data_retention_years_min", "至少3年", "at least 3 years"),
        ("A26.07.13", "debt_to_assets_max_pct.production", "不超过85%", "at most 85%"),
        ("A26.07.13", "cash_ratio_min", "至少0.2", "at least 0.2"),
        ("A26.07.12", "graded.basically_met", "保留意见", "qualified"),
        ("A26.07.12", "report_due", "6月30日", "30 June"),
        ("A26.07.14", "net_profit_gt", "大于0", "above 0"),
        ("A26.13.24", "recoveries_above", "不超过1次", "at most 1 recovery"),
        ("A26.17.40", "rating_min", "B以上", "B or above"),
        ("A26.24.74", "na_below_declarants", "不足5人", "fewer than 5 declarants"),
        ("A26.16.37", "none", "", ""),
        ("C26.10.19", "lookback_years", "2年内", "within the past 2 years"),
        ("G22.05.14", "fails_only_if_above_for_consecutive_years", "5年", "5 years"),
        ("S22.06.10", "single_penalty_cny_max", "不超过1万元", "at most CNY 10,000"),
    ],
)
def test_each_unit_is_written_in_its_own_manner(code: str, key: str, zh: str, en: str) -> None:
    assert (said(code, "zh").get(key, ""), said(code, "en").get(key, "")) == (zh, en)


def test_a_nested_figure_becomes_a_row_for_each_part() -> None:
    labels = [r.label.zh for r in figure_rows(TREE.nodes["C26.07.12"]) if r.key.startswith("debt_to_assets")]

    assert labels == ["资产负债率：生产型企业", "资产负债率：非生产型企业"]


def test_every_criterion_with_figures_has_rows_and_every_other_none() -> None:
    assert {node.code for node in TREE.nodes.values() if node.figures} == {
        node.code for node in TREE.nodes.values() if figure_rows(node)
    }


def test_rows_of_all_criteria_come_in_one_order() -> None:
    positions = [[r.position for r in figure_rows(node)] for node in TREE.nodes.values()]

    assert positions == [sorted(places) for places in positions]


def test_every_row_with_a_number_shows_it() -> None:
    rows = [(node.code, r) for node in TREE.nodes.values() for r in figure_rows(node) if r.comparable is not None]

    assert [code for code, r in rows if r.comparable not in numbers_in(r.value.en.replace("‰", "/1000"))] == []


def test_a_disputed_figure_is_marked_in_its_rows() -> None:
    disputed = {r.key for r in figure_rows(TREE.nodes["A26.07.13"]) if r.disputed}

    assert disputed == {"debt_to_assets_max_pct.production", "debt_to_assets_max_pct.non_production"}


def test_2022_beside_2026_shows_what_was_tightened_kept_and_counted_otherwise() -> None:
    assert changes("G22.06.17", "A26.09.19") == {
        "lookback_years": FigureChange.UNCHANGED,
        "penalty_count_max": FigureChange.TIGHTENED,
        "alternative_ratio": FigureChange.OTHER_COUNT,
        "alternative_ratio.base": FigureChange.OTHER_BASE,
        "penalty_total_cny_max": FigureChange.UNCHANGED,
    }


def test_the_certified_criteria_are_easier_than_the_advanced_ones() -> None:
    found = changes("A26.09.19", "C26.09.17")

    assert found["penalty_count_max"] is FigureChange.RELAXED
    assert found["alternative_ratio"] is FigureChange.RELAXED
    assert found["penalty_total_cny_max"] is FigureChange.RELAXED


def test_a_longer_look_back_for_conduct_asks_more() -> None:
    assert changes("G22.06.15", "A26.09.17")["lookback_years"] is FigureChange.TIGHTENED


def test_a_longer_look_back_for_having_business_at_all_asks_less() -> None:
    assert changes("A26.10.21", "C26.10.19")["lookback_years"] is FigureChange.RELAXED


def test_a_figure_that_one_side_lacks_is_added_or_dropped() -> None:
    assert changes("G22.06.16", "A26.09.18")["alternative_ratio_of_trade_value_max"] is FigureChange.ADDED
    assert changes("A26.09.18", "G22.06.16")["alternative_ratio_of_trade_value_max"] is FigureChange.DROPPED


def test_recoveries_of_both_grades_stand_in_one_line() -> None:
    assert changes("A26.13.24", "C26.13.22")["recoveries_above"] is FigureChange.RELAXED


def test_a_column_may_be_empty() -> None:
    (first, *_) = figure_table([None, TREE.nodes["A26.12.23"]])

    assert [cell is None for cell in first.cells] == [True, False]


@pytest.mark.parametrize(
    ("older", "newer", "change"),
    [
        (row("a"), row("a"), FigureChange.UNCHANGED),
        (row("a"), row("b"), FigureChange.CHANGED),
        (row("5", "5", "higher"), row("6", "6", "higher"), FigureChange.TIGHTENED),
        (row("5", "5", "higher"), row("4", "4", "higher"), FigureChange.RELAXED),
        (row("5", "5"), row("6", "6"), FigureChange.CHANGED),
        (None, None, None),
    ],
)
def test_a_change_is_told_by_value_and_direction(
    older: FigureRow | None, newer: FigureRow | None, change: FigureChange | None
) -> None:
    assert change_between(older, newer) is change


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("不超过10万元", {"10", "100000"}),
        ("at most CNY 100,000", {"100000"}),
        ("千分之一", {"0.001", "1"}),
        ("within 1/1,000", {"0.001", "1", "1000"}),
        ("95%", {"95", "0.95"}),
        ("CNY 900 million", {"900", "900000000"}),
        ("by 30 June", {"30", "6"}),
        ("four of nine", {"4", "9"}),
        ("no number", set()),
    ],
)
def test_numbers_of_a_text_are_read_in_both_languages(text: str, numbers: set[str]) -> None:
    assert numbers_in(text) == {Decimal(number) for number in numbers}


@pytest.mark.parametrize(
    ("figures", "numbers"),
    [
        ({"finding_rate_max_pct": Decimal(10)}, {"10", "0.1"}),
        ({"alternative_ratio_of_trade_value_max": Decimal("0.0001")}, {"0.0001", "0.01", "1", "10000"}),
        ({"alternative_ratio_of_declarations_max": Decimal("0.005")}, {"0.005", "0.5", "5", "1000"}),
        ({"lookback_years": Decimal(2)}, {"2", "24"}),
        ({"debt": {"production": Decimal(85), "other": Decimal(75)}}, {"85", "75"}),
        ({"seal_standard": Text("ISO 17712", "ISO 17712")}, {"17712"}),
        ({"rating_min": "B"}, set()),
    ],
)
def test_numbers_of_figures_come_in_the_forms_that_texts_use(figures: dict[str, object], numbers: set[str]) -> None:
    assert numbers_of_figures(figures) == {Decimal(number) for number in numbers}
