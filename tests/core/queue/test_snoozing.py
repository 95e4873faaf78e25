"""Until when a draft may be put aside."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.queue.snoozing import WORDS, choices

WEDNESDAY = datetime(2026, 11, 25, 14, 0, tzinfo=UTC).astimezone()
times = st.timedeltas(timedelta(), timedelta(days=700)).map(lambda later: datetime(2026, 1, 1, tzinfo=UTC) + later)


def test_tomorrow_and_monday_are_mornings_and_the_rest_is_counted() -> None:
    deadline = WEDNESDAY + timedelta(days=9)
    found = choices(deadline, WEDNESDAY)
    assert found["hours"] == WEDNESDAY + timedelta(hours=3)
    assert found["tomorrow"] == WEDNESDAY.replace(day=26, hour=8)
    assert found["monday"] == WEDNESDAY.replace(day=30, hour=8)
    assert found["day_before"] == deadline - timedelta(days=1)


def test_on_a_monday_it_is_the_next_one() -> None:
    monday = WEDNESDAY.replace(day=23, hour=7)
    assert choices(None, monday)["monday"] == WEDNESDAY.replace(day=30, hour=8)


@given(now=times, left=st.timedeltas(timedelta(days=-5), timedelta(days=20)))
def test_nothing_is_offered_past_the_deadline_or_in_the_past(now: datetime, left: timedelta) -> None:
    found = choices(now + left, now)
    assert all(now < at < now + left for at in found.values())
    assert set(found) <= set(WORDS)


@pytest.mark.parametrize("left", [timedelta(hours=2), timedelta(0), timedelta(hours=-3)])
def test_what_is_due_cannot_be_put_aside(left: timedelta) -> None:
    assert choices(WEDNESDAY + left, WEDNESDAY) == {}
