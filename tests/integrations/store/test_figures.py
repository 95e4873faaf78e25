"""Counts of drafts and decisions, alike on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.operations.model import Day, ReviewFigures
from therapyflows.integrations.store import Store

HOUR = timedelta(hours=1)
NO_OFFSET = timedelta()


@pytest.fixture
def put(store: Store, new_draft: Callable[..., DraftRecord], clock: Any) -> Callable[..., DraftRecord]:
    """One more draft, of clinician u-1 unless said otherwise."""
    numbers = iter(range(100))

    def make(state: DraftState = DraftState.IN_REVIEW, clinician: str = "u-1", **changes: Any) -> DraftRecord:
        number = next(numbers)
        row = new_draft(id=f"drf_{number}", source_ref=f"doc-{number}", state=state, clinician_id=clinician, **changes)
        return store.drafts.claim(row)

    return make


@pytest.fixture
def decide(store: Store, put: Callable[..., DraftRecord], clock: Any) -> Callable[..., Decision]:
    def make(
        verdict: Verdict = Verdict.APPROVE, *, edits: int | None = 0, waited_s: int = 60, **about: Any
    ) -> Decision:
        at = about.pop("at", clock.at)
        record = put(DraftState.APPROVED, **about)
        decision = Decision(
            f"dec_{record.id}", record.id, verdict, "u-1", "Clinician", at, None, edits=edits, held_until=at + HOUR
        )
        figures = ReviewFigures("session-note", record.clinician_id, waited_s, statements=9, words=90)
        return store.decisions.record(decision, figures)

    return make


def test_decisions_add_up_by_day(store: Store, decide: Callable[..., Decision], clock: Any) -> None:
    decide(edits=2, waited_s=100)
    decide(edits=0, waited_s=200)
    decide(Verdict.REJECT, edits=None, waited_s=600)
    decide(edits=None, at=clock.at - timedelta(days=1))
    found = store.figures.by_day(since=clock.at - timedelta(days=7), of=None, utc_offset=NO_OFFSET)
    today = clock.at.date()
    assert [day.day for day in found] == [today - timedelta(days=1), today]
    assert found[1] == Day(today, 4, 2, 1, 1, 2, 2, 300.0)
    assert found[1].edit_rate == 0.5
    assert found[0].edit_rate is None


def test_a_day_begins_where_the_practice_is(store: Store, decide: Callable[..., Decision], clock: Any) -> None:
    midnight = clock.at.replace(hour=2, minute=0, second=0, microsecond=0)
    decide(at=midnight, created_at=midnight)
    [found] = store.figures.by_day(since=midnight - timedelta(days=2), of=None, utc_offset=-5 * HOUR)
    assert (found.day, found.drafted, found.approved) == (midnight.date() - timedelta(days=1), 1, 1)


def test_what_is_undone_does_not_count(store: Store, decide: Callable[..., Decision], clock: Any) -> None:
    decision = decide(edits=3)
    store.decisions.undo(decision, code="undone")
    [day] = store.figures.by_day(since=clock.at - HOUR, of=None, utc_offset=NO_OFFSET)
    assert (day.drafted, day.decided, day.edits) == (1, 0, 0)


def test_the_same_decision_again_is_counted_once(store: Store, decide: Callable[..., Decision], clock: Any) -> None:
    decision = decide(edits=3)
    store.decisions.record(decision, ReviewFigures("session-note", "u-1", 1))
    [day] = store.figures.by_day(since=clock.at - HOUR, of=None, utc_offset=NO_OFFSET)
    assert (day.approved, day.waited_s) == (1, 60.0)


def test_only_the_people_asked_for_count(store: Store, decide: Callable[..., Decision], clock: Any) -> None:
    decide()
    decide(clinician="u-2")
    since = clock.at - HOUR
    [mine] = store.figures.by_day(since=since, of={"u-1"}, utc_offset=NO_OFFSET)
    assert (mine.drafted, mine.approved) == (1, 1)
    assert store.figures.by_day(since=since, of=set(), utc_offset=NO_OFFSET) == []
    assert store.figures.states(of={"u-2"}) == {DraftState.APPROVED: 1}
    assert store.figures.states(of=None) == {DraftState.APPROVED: 2}


def test_the_age_of_the_queue(store: Store, put: Callable[..., DraftRecord], clock: Any) -> None:
    within, now = timedelta(days=14), clock.at
    for hours in (1, 30, 30, 500):
        put(deadline=now - hours * HOUR + within)
    put(created_at=now - 100 * HOUR)
    put(DraftState.POSTED)
    found = store.figures.waiting(of=None, now=now, review_within=within)
    assert found.ages == {"day": 1, "three_days": 2, "week": 1, "longer": 1}
    assert (found.total, found.oldest) == (5, now - 500 * HOUR)
    assert store.figures.waiting(of={"u-9"}, now=now, review_within=within).oldest is None


def test_failures_newest_first_and_what_is_silent_oldest_first(
    store: Store, put: Callable[..., DraftRecord], clock: Any
) -> None:
    old = put(DraftState.FAILED, updated_at=clock.at - 50 * HOUR)
    new = put(DraftState.INCIDENT, updated_at=clock.at)
    put(DraftState.IN_REVIEW)
    silent = [put(DraftState.PREPARING, updated_at=clock.at - n * HOUR) for n in (3, 5)]
    figures, since = store.figures, clock.at - 60 * HOUR
    assert figures.failures(since=since, of=None, limit=9) == [new, old]
    assert figures.failures(since=clock.at - HOUR, of=None, limit=9) == [new]
    assert figures.failures(since=since, of={"u-9"}, limit=9) == []
    assert figures.silent(before=clock.at - HOUR, of=None, limit=9) == silent[::-1]
    assert figures.silent(before=clock.at - 4 * HOUR, of=None, limit=9) == silent[1:]


def test_a_decision_without_figures_is_no_trouble(store: Store, decide: Callable[..., Decision]) -> None:
    first = decide()
    second = replace(first, id="dec_x", draft_id="drf_x")
    assert store.decisions.record(second) == second
