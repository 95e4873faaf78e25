"""Which sign-ins still count, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from therapyflows.integrations.store import Store

EIGHT_HOURS = timedelta(hours=8)


@pytest.fixture
def begin(store: Store, clock: Any) -> Any:
    return lambda session_id, user_id="u-1": store.review_sessions.begin(
        session_id, user_id, at=clock.at, ends_at=clock.at + EIGHT_HOURS
    )


def test_a_session_counts_from_its_beginning_to_its_end(store: Store, clock: Any, begin: Any) -> None:
    assert not store.review_sessions.is_open("s-1")
    begin("s-1")
    assert store.review_sessions.is_open("s-1")
    assert store.review_sessions.end("s-1", at=clock.at, code="logged_out")
    assert not store.review_sessions.is_open("s-1")
    assert not store.review_sessions.end("s-1", at=clock.at, code="logged_out")


def test_the_end_holds_for_every_process(place: Any, clock: Any, begin: Any, store: Store) -> None:
    begin("s-1")
    other = place.open()
    other.review_sessions.end("s-1", at=clock.at, code="logged_out")
    assert not store.review_sessions.is_open("s-1")


def test_all_of_one_person_end(store: Store, clock: Any, begin: Any) -> None:
    for number in range(3):
        begin(f"s-{number}")
    begin("s-9", "u-2")
    store.review_sessions.end("s-0", at=clock.at, code="logged_out")
    assert store.review_sessions.end_all("u-1", at=clock.at, code="user_inactive") == 2
    assert store.review_sessions.is_open("s-9")


def test_what_is_over_is_forgotten_and_does_not_count(store: Store, clock: Any, begin: Any) -> None:
    begin("s-1")
    clock.forward(hours=9)
    begin("s-2")
    assert not store.review_sessions.is_open("s-1")
    assert store.review_sessions.end_all("u-1", at=clock.at, code="user_inactive") == 1
