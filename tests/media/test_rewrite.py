"""A path's own numbers go on over every publisher; what was missed can be had again; gaps are asked for."""

import pytest

from training_app.media.flow import Track
from training_app.media.gaps import AGAIN_AFTER_S, TRIES, Gaps
from training_app.media.history import LENGTH, History
from training_app.media.rate import HIGHEST, LOWEST, Asking, next_rate
from training_app.media.rewrite import Numbering


def test_another_publisher_follows_in_number_and_time() -> None:
    numbering = Numbering(Track.VIDEO)
    first = numbering.number(65_535, 4_294_967_000, 10.0)
    second = numbering.number(0, 2_704, 10.033)
    numbering.begin()
    third = numbering.number(500, 77, 12.033)
    assert first and second and third
    assert [(one[0] - first[0]) & 0xFFFF for one in (second, third)] == [1, 2]
    assert [(one[1] - first[1]) & 0xFFFFFFFF for one in (second, third)] == [3_000, 183_000]


def test_packets_out_of_order_keep_their_places() -> None:
    numbering = Numbering(Track.AUDIO)
    numbers = [numbering.number(sequence, 960 * sequence, 1.0) for sequence in (10, 12, 11, 13)]
    assert [one[0] - numbers[0][0] for one in numbers if one and numbers[0]] == [0, 2, 1, 3]


def test_what_belongs_before_a_beginning_has_no_number() -> None:
    numbering = Numbering(Track.VIDEO)
    numbering.number(100, 0, 1.0)
    numbering.number(101, 0, 1.0)
    assert numbering.number(99, 0, 1.0) is None


def test_an_encoder_that_begins_anew_leaves_no_gap() -> None:
    numbering = Numbering(Track.VIDEO)
    first = numbering.number(100, 5_000, 1.0)
    again = numbering.number(40_000, 900, 1.5)
    assert first and again
    assert again[0] == first[0] + 1
    assert again[1] == first[1] + 45_000


def test_a_clock_that_runs_back_does_not_turn_time_around() -> None:
    numbering = Numbering(Track.AUDIO)
    first = numbering.number(1, 0, 100.0)
    numbering.begin()
    after = numbering.number(1, 0, 40.0)
    assert first and after and after[1] == first[1] + 960


def test_a_pause_of_an_hour_is_one_step() -> None:
    numbering = Numbering(Track.VIDEO)
    first = numbering.number(1, 0, 0.0)
    numbering.begin()
    after = numbering.number(30_000, 5, 3600.0)
    assert first and after and after[0] == first[0] + 1


def test_the_last_packets_can_be_had_again() -> None:
    history = History()
    for sequence in range(65_300, 65_300 + LENGTH + 1):
        history.keep(sequence & 0xFFFF, str(sequence).encode())
    assert history.get(65_300) is None
    assert history.get(65_301) == b"65301"
    assert history.get(65_300 + LENGTH & 0xFFFF) == str(65_300 + LENGTH).encode()
    history.clear()
    assert history.get(65_301) is None


def test_what_is_missing_is_asked_for_until_it_is_given_up() -> None:
    gaps = Gaps()
    assert [gaps.arrived(sequence, 0.0) for sequence in (65_534, 65_535, 2)] == [True, True, True]
    moments = [0.02 + (AGAIN_AFTER_S + 0.001) * step for step in range(TRIES + 2)]
    asked = [gaps.to_ask(moment) for moment in moments]
    assert asked == [[0, 1]] * TRIES + [[], []]
    assert (gaps.given_up, gaps.is_waiting, gaps.lost, gaps.extended) == (2, False, 2, 65_538)


def test_what_comes_late_is_new_and_what_comes_twice_is_not() -> None:
    gaps = Gaps()
    assert [gaps.arrived(sequence, 0.0) for sequence in (1, 3, 2, 2, 3)] == [True, True, True, False, False]
    assert (gaps.lost, gaps.repaired) == (0, 1)
    assert gaps.lost_lately() == pytest.approx(1 / 3)
    assert gaps.lost_lately() == 0.0


def test_a_jump_is_no_loss() -> None:
    gaps = Gaps()
    gaps.arrived(1, 0.0)
    gaps.arrived(30_000, 0.0)
    assert (gaps.lost, gaps.to_ask(1.0)) == (0, [])


@pytest.mark.parametrize(
    ("rate", "lost", "then"),
    [
        (HIGHEST, 0.0, HIGHEST),
        (1_000_000, 0.0, 1_080_000),
        (1_000_000, 0.05, 1_000_000),
        (1_000_000, 0.4, 800_000),
        (LOWEST, 1.0, LOWEST),
    ],
)
def test_the_rate_gives_way_to_loss_and_comes_back(rate: int, lost: float, then: int) -> None:
    assert next_rate(rate, lost) == then


def test_wishes_are_passed_on_with_a_limit_and_none_is_forgotten() -> None:
    now, asked, later = [0.0], [], []
    asking = Asking(0.5, lambda: asked.append(now[0]), lambda: now[0], lambda wait, call: later.append((wait, call)))
    asking()
    now[0] = 0.1
    asking()
    asking()
    assert asked == [0.0]
    assert [wait for wait, _ in later] == pytest.approx([0.4])
    now[0] = 0.5
    later[0][1]()
    assert asked == [0.0, 0.5]
