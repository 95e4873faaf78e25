"""Seconds and ids by draft and person, and what they add up to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from therapyflows.core.attention.model import Reviewing
from therapyflows.core.attention.rules import thresholds
from therapyflows.core.drafts.model import Decision, Verdict
from therapyflows.core.operations.model import ReviewFigures
from therapyflows.core.ports import Attention
from therapyflows.integrations.store import Store


def test_what_a_page_measured_adds_up(store: Store, clock: Any) -> None:
    book = store.attention
    assert book.get("drf_1", "u-1") is None
    book.add("drf_1", "u-1", active_s=15, seen={"st1", "st2"}, at=clock.at)
    book.add("drf_1", "u-1", active_s=10, seen={"st2", "own_3"}, at=clock.forward(seconds=15))
    book.add("drf_1", "u-2", active_s=1, seen=set(), at=clock.at)
    assert book.get("drf_1", "u-1") == Attention(25, frozenset({"st1", "st2", "own_3"}))
    assert book.get("drf_1", "u-2") == Attention(1, frozenset())


def test_no_more_seconds_count_than_went_by(store: Store, clock: Any) -> None:
    book = store.attention
    book.add("drf_1", "u-1", active_s=999_999, seen=(), at=clock.at)
    first = book.get("drf_1", "u-1")
    assert first is not None
    assert first.active_s == 60
    for _ in range(5):
        book.add("drf_1", "u-1", active_s=50, seen=(), at=clock.at)
    book.add("drf_1", "u-1", active_s=50, seen=(), at=clock.forward(seconds=7))
    book.add("drf_1", "u-1", active_s=50, seen=(), at=clock.at - timedelta(hours=1))
    assert book.get("drf_1", "u-1") == Attention(67, frozenset())


def test_two_windows_at_once_lose_nothing(store: Store, clock: Any) -> None:
    with ThreadPoolExecutor(8) as threads:
        for number in range(24):
            threads.submit(store.attention.add, "drf_1", "u-1", active_s=0, seen={f"st{number}"}, at=clock.at)
    found = store.attention.get("drf_1", "u-1")
    assert found is not None
    assert found.seen == {f"st{number}" for number in range(24)}


def test_reviewing_adds_up_by_person(store: Store, clock: Any) -> None:
    numbers = iter(range(100))
    rules = thresholds()

    def decide(days_ago: float, verdict: Verdict = Verdict.APPROVE, by: str = "u-1", **figures: Any) -> None:
        number, edits = next(numbers), figures.pop("edits", 0)
        at = clock.at - timedelta(days=days_ago)
        decision = Decision(f"dec_{number}", f"drf_{number}", verdict, by, "Clinician", at, None, edits=edits)
        store.decisions.record(decision, ReviewFigures("session-note", "u-1", 60, **figures))

    decide(1, statements=20, words=400, active_s=60, unseen=0)  # 400 words a minute: not faster
    decide(2, statements=20, words=400, active_s=59, unseen=2)  # fast; a tenth is not more than a tenth
    decide(3, statements=20, words=400, active_s=90, unseen=3, edits=4)
    decide(4, statements=20, words=400, edits=1)
    decide(5, Verdict.REJECT, words=400, active_s=1, unseen=9)
    decide(40, edits=2)
    decide(60, edits=0)
    decide(200, edits=2)
    decide(1, by="u-2")
    assert store.figures.reviewing(now=clock.at, of={"u-1"}, rules=rules) == [
        Reviewing(
            "u-1", approvals=4, measured=3, fast=1, unread=1, lines=60, unseen_lines=5, words=1200, active_s=209,
            edited=2, counted=4, edited_before=1, counted_before=2,
        )
    ]  # fmt: skip
    everybody = store.figures.reviewing(now=clock.at, of=None, rules=rules)
    assert {found.user_id for found in everybody} == {"u-1", "u-2"}
    assert store.figures.reviewing(now=clock.at, of=set(), rules=rules) == []
