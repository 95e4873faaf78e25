"""Exercises: errors of several kinds, the same for the same seed, and a score that counts both ways of being wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.training.exercise import ERRORS, KINDS, names, next_exercise, score, seeded

SEEDS = st.integers(min_value=0, max_value=2**31)
NAMES = st.sampled_from(names())


@given(NAMES, SEEDS)
def test_each_has_errors_of_several_kinds_and_one_line_that_nobody_said(name: str, seed: int) -> None:
    exercise = seeded(name, seed)
    kinds = [line.error for line in exercise.lines if line.error]
    assert len(kinds) == ERRORS + 1
    assert kinds.count("unsupported") == 1
    assert set(kinds) == {"negation", "dose", "side", "date", "unsupported"}
    assert set(kinds) <= set(KINDS)


@given(NAMES, SEEDS)
def test_the_same_seed_gives_the_same_exercise(name: str, seed: int) -> None:
    assert seeded(name, seed) == seeded(name, seed)


@given(NAMES, SEEDS)
def test_a_wrong_line_says_something_else_than_it_should(name: str, seed: int) -> None:
    exercise = seeded(name, seed)
    numbers = {turn.number for turn in exercise.turns}
    for line in exercise.lines:
        assert line.text != line.right_text
        assert set(line.said_in) <= numbers
        assert bool(line.said_in) == (line.error != "unsupported")


def test_another_seed_gives_other_errors() -> None:
    assert len({seeded(names()[0], seed).errors for seed in range(30)}) > 1


@pytest.mark.parametrize("name", names())
def test_marks_are_counted_both_ways(name: str) -> None:
    exercise = seeded(name, 7)
    right = next(line.key for line in exercise.lines if line.error is None)
    wrong = sorted(exercise.errors)
    assert (score(exercise, wrong).found, score(exercise, wrong).false_alarms) == (5, 0)
    assert (score(exercise, [right, wrong[0], "nonsense"]).found) == 1
    assert score(exercise, [right, wrong[0], "nonsense"]).false_alarms == 1
    everything = [line.key for line in exercise.lines]
    assert score(exercise, everything).false_alarms == len(everything) - 5


def test_the_next_is_the_one_that_was_had_least_often() -> None:
    first = next_exercise([])
    assert next_exercise([first]) != first
    assert next_exercise(list(names())) == first
