"""Attempts at exercises, alike on both databases."""

from dataclasses import replace
from typing import Any

import pytest

from therapyflows.core.errors import NotFound
from therapyflows.core.training.exercise import Attempt
from therapyflows.integrations.store import Store


def test_the_first_end_of_an_attempt_counts(store: Store, clock: Any) -> None:
    book = store.training
    begun = Attempt("trn_1", "u-1", "sleep", 2**31, clock.at)
    book.begin(begun)
    assert book.get("trn_1") == begun
    ended = replace(begun, finished_at=clock.forward(minutes=5), marked=("l1", "x"), errors=5, found=2)
    assert book.finish(ended) == ended
    assert book.finish(replace(ended, found=5)) == ended
    assert book.get("trn_1") == ended


def test_attempts_are_listed_by_person_newest_first(store: Store, clock: Any) -> None:
    book = store.training
    for number, user in enumerate(["u-1", "u-2", "u-1"]):
        book.begin(Attempt(f"trn_{number}", user, "sleep", 1, clock.forward(minutes=1)))
    assert [attempt.id for attempt in book.of({"u-1"})] == ["trn_2", "trn_0"]
    assert [attempt.id for attempt in book.of(None, limit=2)] == ["trn_2", "trn_1"]
    assert book.of(set()) == []


def test_an_unknown_attempt_is_not_found(store: Store, clock: Any) -> None:
    with pytest.raises(NotFound):
        store.training.get("trn_9")
    with pytest.raises(NotFound):
        store.training.finish(Attempt("trn_9", "u-1", "sleep", 1, clock.at))
