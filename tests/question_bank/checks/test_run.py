import io
import json
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.checks import render_faults, render_report
from question_bank.checks.__main__ import main
from question_bank.items import Case, Item, Waiver
from question_bank.serialising import item_to_json
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini

FAULTY = mini.item(rationale=Text("留存期为8年,自办结起算。", "They are held for 8 years."))


def waiver(code: str) -> Waiver:
    return Waiver(code, "the mark is part of a name", "A. Reviewer", mini.DAY)


def test_a_waiver_silences_a_warning_and_the_report_keeps_it():
    report = mini.report_of(replace(FAULTY, waivers=(waiver("C02"),)))
    assert [fault.code for fault in report.waived] == ["C02"]


def test_a_waiver_never_silences_an_error():
    report = mini.report_of(replace(FAULTY, waivers=(waiver("C04"),)))
    assert "C04" in {fault.code for fault in report.faults}


def test_warnings_alone_refuse_nothing():
    report = mini.report_of(mini.item(rationale=Text("留存期为3年,自办结起算。", "They are held for 3 years.")))
    assert (bool(report.faults), report.refused) == (True, False)


def test_a_fault_is_told_with_file_item_field_and_code():
    faults = mini.report_of(mini.item(rationale=Text("留存期为8年。", "They are held for 8 years."))).faults
    assert f"{mini.FILE}\n  E C04 MINI-1 rationale: has 8" in render_faults(faults)


@pytest.mark.parametrize(("language", "word"), [("zh", "处错误"), ("en", "errors, ")])
def test_the_report_counts_in_the_language_asked_for(language, word):
    assert word in render_report(mini.report_of(FAULTY), language)


def test_faults_come_in_the_order_of_the_items():
    report = mini.report_of(replace(FAULTY, id="M-2"), replace(FAULTY, id="M-1"))
    items = [fault.item for fault in report.faults if fault.code == "C04"]
    assert items == ["M-2", "M-1"]


def garbled(item: Item, texts: list[Text]) -> Item:
    """The item with every text replaced, in turn, by one of `texts`."""
    supply = cycle(texts)
    return replace(
        item,
        stem=next(supply),
        rationale=next(supply),
        source=next(supply),
        options=tuple(replace(o, text=next(supply), reason=next(supply)) for o in item.options),
        elements=tuple(replace(e, text=next(supply), reason=next(supply), sort=texts[0].zh) for e in item.elements),
        premises=tuple(replace(p, text=next(supply), reason=next(supply)) for p in item.premises),
        responses=tuple(replace(r, text=next(supply)) for r in item.responses),
        working=(texts[0].zh, texts[0].en),
    )


signs = st.text(
    alphabet="0123456789一万%/=-.,，。？?（）**A和以上都对 not all May年月日第号公告截至" + "\u0000\ud7ff😀\u200b",
    max_size=30,
)
texts = st.builds(Text, st.text(max_size=30) | signs, st.text(max_size=30) | signs)
BUILDERS = (mini.item, mini.multiple, mini.true_false, mini.numeric, mini.ordering, mini.matching)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(texts, min_size=1, max_size=8))
def test_no_text_makes_a_check_fail(some):
    items = tuple(garbled(build(id=f"M-{place}"), some) for place, build in enumerate(BUILDERS))
    case = Case("CASE-1", some[0], some[-1], (), tuple(replace(item, id=f"C-{item.id}") for item in items))
    mini.report_of(*items, cases=[case])


def test_the_command_refuses_a_folder_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "own.yaml").write_text("schema: 1\nitems: []\n", encoding="utf-8")
    out = io.StringIO()
    assert main([str(tmp_path)], out) == 1
    assert "items/own.yaml" in out.getvalue()


def folder_with(tmp_path: Path, item: Item) -> str:
    (tmp_path / "items").mkdir()
    content = {"schema": 1, "items": [item_to_json(item)]}
    (tmp_path / "items" / "own.yaml").write_text(json.dumps(content), encoding="utf-8")
    return str(tmp_path)


def test_the_command_passes_a_good_folder_of_a_base_and_ends_with_its_count(tmp_path: Path):
    out = io.StringIO()
    assert main([folder_with(tmp_path, mini.item(id="OWN-1"))], out) == 0
    assert out.getvalue().splitlines()[-1].startswith("1 items")


def test_the_command_refuses_a_faulty_folder_with_file_item_field_and_code(tmp_path: Path):
    out = io.StringIO()
    assert main([folder_with(tmp_path, replace(FAULTY, id="OWN-1"))], out) == 1
    assert "items/own.yaml\n" in out.getvalue()
    assert "E C04 OWN-1 rationale: has 8" in out.getvalue()
