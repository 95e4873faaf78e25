"""Which tours somebody has seen, on both databases."""

from typing import Any

from therapyflows.integrations.store import Store


def test_a_tour_is_seen_once_by_each_person(store: Store, clock: Any) -> None:
    assert store.tours.seen_by("u-1") == frozenset()
    for _ in range(2):
        store.tours.mark("u-1", "queue", at=clock.at)
    store.tours.mark("u-1", "draft", at=clock.at)
    assert store.tours.seen_by("u-1") == {"queue", "draft"}
    assert store.tours.seen_by("u-2") == frozenset()


def test_who_forgets_sees_them_again(store: Store, clock: Any) -> None:
    for user_id in ("u-1", "u-2"):
        store.tours.mark(user_id, "queue", at=clock.at)
    store.tours.forget("u-1")
    assert (store.tours.seen_by("u-1"), store.tours.seen_by("u-2")) == (frozenset(), {"queue"})
