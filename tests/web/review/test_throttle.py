"""Failing again and again: when a while begins, how long it is, whom it concerns."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.web.review.throttle import FORGET_AFTER, REMEMBER_AT_MOST, Throttle, network_address

LONGEST = timedelta(minutes=15)


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, length: timedelta) -> None:
        self.at += length


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock, free=5, longest=LONGEST)


def fail_to_a_lock(throttle: Throttle, subject: str = "a") -> timedelta:
    while True:
        lock = throttle.fail("form", subject)
        if lock is not None:
            return lock.length


def test_the_first_failures_cost_nothing(throttle: Throttle) -> None:
    assert [throttle.fail("form", "a") for _ in range(5)] == [None] * 5
    assert throttle.locked_for("form", "a") is None


def test_then_each_while_is_twice_as_long_up_to_the_longest(throttle: Throttle, clock: Clock) -> None:
    lengths = []
    for _ in range(14):
        lengths.append(fail_to_a_lock(throttle))
        clock.forward(lengths[-1])
    assert lengths[:5] == [timedelta(seconds=n) for n in (1, 2, 4, 8, 16)]
    assert lengths[-1] == LONGEST


def test_a_lock_ends_by_itself(throttle: Throttle, clock: Clock) -> None:
    length = fail_to_a_lock(throttle)
    assert throttle.locked_for("form", "a") == length
    clock.forward(length)
    assert throttle.locked_for("form", "a") is None


def test_while_locked_nothing_is_counted(throttle: Throttle, clock: Clock) -> None:
    length = fail_to_a_lock(throttle)
    assert [throttle.fail("form", "a") for _ in range(100)] == [None] * 100
    clock.forward(length)
    assert fail_to_a_lock(throttle) == 2 * length


def test_others_and_other_kinds_are_not_concerned(throttle: Throttle) -> None:
    fail_to_a_lock(throttle)
    assert throttle.locked_for("form", "b") is None
    assert throttle.locked_for("sign_in", "a") is None


def test_what_went_well_or_lies_an_hour_back_is_forgotten(throttle: Throttle, clock: Clock) -> None:
    fail_to_a_lock(throttle)
    throttle.forgive("form", "a")
    assert throttle.locked_for("form", "a") is None
    fail_to_a_lock(throttle)
    clock.forward(FORGET_AFTER + timedelta(seconds=2))
    assert throttle.fail("form", "a") is None


def test_an_old_bookmark_is_forgiven_more_often(throttle: Throttle) -> None:
    assert [throttle.fail("probing", "a") for _ in range(20)] == [None] * 20
    assert throttle.fail("probing", "a") is not None


def test_a_flood_of_places_does_not_fill_the_memory(throttle: Throttle) -> None:
    for number in range(REMEMBER_AT_MOST + 500):
        throttle.fail("callback", str(number))
    assert len(throttle._failures) == REMEMBER_AT_MOST


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2000)), max_size=60))
def test_no_while_is_ever_longer_than_the_longest_and_none_concerns_who_did_not_fail(deeds) -> None:
    clock = Clock()
    throttle = Throttle(clock, free=2, longest=LONGEST)
    for subject, seconds in deeds:
        throttle.fail("form", subject)
        for other in "ab":
            left = throttle.locked_for("form", other)
            assert left is None or timedelta() < left <= LONGEST
        assert throttle.locked_for("form", "c") is None
        clock.forward(timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("host", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_ipv6_address_counts_by_its_network(host: str | None, counted_as: str) -> None:
    assert network_address(host) == counted_as
