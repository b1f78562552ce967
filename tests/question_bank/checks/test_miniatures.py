"""The miniatures themselves: what is spoiled later must be good at first."""

import pytest

from tests.question_bank.checks import miniatures as mini


@pytest.mark.parametrize(
    "build",
    [mini.item, mini.multiple, mini.true_false, mini.numeric, mini.ordering, mini.matching],
    ids=lambda f: f.__name__,
)
def test_a_good_item_of_each_kind_passes_every_check(build):
    assert mini.found(build()) == set()


def test_a_good_case_passes_every_check():
    assert mini.found(cases=[mini.case()]) == set()
