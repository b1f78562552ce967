from dataclasses import replace
from datetime import date

import pytest

from question_bank.blueprint import Purpose, Reason, eligible
from question_bank.errors import ContentRefused
from question_bank.items import Certainty, Item
from question_bank.loading import SHIPPED, load_bank
from question_bank.serialising import blueprint_from_json, blueprint_to_json
from tests.question_bank.papers import DAY, SmallTree, a_blueprint, quota
from tests.question_bank.samples import Json, an_item, text

PUBLIC = an_item()
SECRET = replace(PUBLIC, public=False)


def why_not(item: Item, purpose: Purpose, demonstration: bool = False, confirmed: bool = True) -> Reason | None:
    return eligible(item, purpose, DAY, demonstration=demonstration, confirmed=confirmed)


def test_certification_draws_a_secret_item_that_is_confirmed() -> None:
    assert why_not(SECRET, Purpose.CERTIFICATION) is None


def test_certification_refuses_public_items() -> None:
    assert why_not(PUBLIC, Purpose.CERTIFICATION) is Reason.PUBLIC


def test_certification_refuses_items_that_nobody_has_confirmed() -> None:
    assert why_not(SECRET, Purpose.CERTIFICATION, confirmed=False) is Reason.UNCONFIRMED


def test_a_demonstration_may_certify_with_public_unconfirmed_items() -> None:
    assert why_not(PUBLIC, Purpose.CERTIFICATION, demonstration=True, confirmed=False) is None


@pytest.mark.parametrize("demonstration", [True, False])
@pytest.mark.parametrize("purpose", [Purpose.CERTIFICATION, Purpose.ENTRY])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"certainty": Certainty.UNVERIFIED}, Reason.UNVERIFIED),
        ({"effective_from": None}, Reason.START_UNKNOWN),
        ({"effective_from": date(2026, 12, 1)}, Reason.NOT_YET),
        ({"effective_to": date(2026, 11, 22)}, Reason.CLOSED),
    ],
)
def test_sittings_refuse_what_is_unverified_or_not_in_force(
    purpose: Purpose, demonstration: bool, change: dict[str, object], reason: Reason
) -> None:
    item = replace({Purpose.ENTRY: PUBLIC, Purpose.CERTIFICATION: SECRET}[purpose], **change)
    assert why_not(item, purpose, demonstration) is reason


def test_an_item_is_in_force_on_its_first_and_on_its_last_day() -> None:
    assert why_not(replace(PUBLIC, effective_from=DAY, effective_to=DAY), Purpose.ENTRY) is None


@pytest.mark.parametrize("purpose", [Purpose.ENTRY, Purpose.PRACTICE])
@pytest.mark.parametrize("demonstration", [True, False])
def test_entry_and_practice_never_show_secret_items(purpose: Purpose, demonstration: bool) -> None:
    assert why_not(SECRET, purpose, demonstration) is Reason.SECRET


@pytest.mark.parametrize(
    "change",
    [{"effective_from": None}, {"effective_to": date(2026, 6, 30)}, {"certainty": Certainty.UNVERIFIED}],
)
def test_practice_also_draws_historical_and_unverified_items(change: dict[str, object]) -> None:
    assert why_not(replace(PUBLIC, **change), Purpose.PRACTICE) is None


def test_practice_does_not_run_ahead_of_the_law() -> None:
    assert why_not(replace(PUBLIC, effective_from=date(2027, 1, 1)), Purpose.PRACTICE) is Reason.NOT_YET


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_sentence_in_both_languages(reason: Reason) -> None:
    assert reason.said.zh.endswith("。")
    assert reason.said.en.endswith(".")


def test_an_item_counts_in_every_row_of_its_codes() -> None:
    item = replace(PUBLIC, codes=("A26.01.01", "T.TL.01"))
    assert a_blueprint().row_ids_of(item, SmallTree()) == {"row_0", "row_3"}


def test_a_blueprint_comes_back_from_json_as_it_was() -> None:
    blueprint = a_blueprint(quotas=[quota("row_1", "recall", 1, 2), quota(None, None, 0, 0)])
    assert blueprint_from_json(blueprint_to_json(blueprint)) == blueprint


def test_the_shipped_entry_test_has_twenty_items_in_twenty_minutes() -> None:
    (entry,) = (found for found in load_bank(SHIPPED).blueprints if found.purpose is Purpose.ENTRY)
    assert (entry.items, entry.minutes) == (20, 20)
    assert entry.cut is not None
    assert entry.cut.percent == 60


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": 0}, "items"),
        ({"purpose": "fun"}, "purpose"),
        ({"rows": []}, "rows"),
        ({"rows": [{"id": "a", "title": text(), "sections": []}]}, "rows.a.sections"),
        ({"quotas": [{"row": "nowhere", "minimum": 1}]}, "quotas.1.row"),
        ({"quotas": [{"minimum": 3, "maximum": 2}]}, "quotas.1.maximum"),
        ({"quotas": [{"row": "row_0"}]}, "quotas.1.minimum"),
        ({"kinds": [{"kind": "single"}, {"kind": "single"}]}, "kinds"),
        ({"kinds": [{"kind": "essay"}]}, "kinds.1.kind"),
        ({"certainty": ["sure"]}, "certainty.1"),
        ({"cut": {"percent": 101, "basis": text()}}, "cut.percent"),
        ({"cut": {"percent": 60}}, "cut.basis"),
        ({"predicted": {"minimum": 80, "maximum": 70}}, "predicted.maximum"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_faulty_blueprint_is_refused_with_its_field(change: Json, field: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        blueprint_from_json(blueprint_to_json(a_blueprint()) | change)
    assert field in {fault.field for fault in refused.value.faults}
