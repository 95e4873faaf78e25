"""Co-signatures as rows, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.drafts.cosignature import CosignState, SentBack
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.errors import Conflict
from therapyflows.core.queue.model import Asked, Place
from therapyflows.governance.access.policy import Person
from therapyflows.integrations.store import Store


@pytest.fixture
def approval(store: Store, new_draft: Callable[..., DraftRecord], clock: Any) -> Decision:
    store.drafts.claim(new_draft(state=DraftState.APPROVED))
    return store.decisions.record(
        Decision("dec_1", "drf_1", Verdict.APPROVE, "u-1", "Clinician", clock(), content_id="cnt_a")
    )


def test_it_waits_until_it_is_signed_once(store: Store, approval: Decision, clock: Any) -> None:
    cosignatures = store.decisions.cosignatures
    assert not cosignatures.is_missing(approval.id)
    asked = cosignatures.ask(approval.id, "drf_1")
    clock.forward(hours=1)
    assert cosignatures.ask(approval.id, "drf_1") == asked
    assert cosignatures.is_missing(approval.id)
    assert cosignatures.waiting() == [asked]

    def sign(number: int) -> bool:
        try:
            cosignatures.sign(approval.id, by=f"u-{number}", role="Supervisor")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(sign, range(8))) == 1
    assert not cosignatures.is_missing(approval.id)
    assert cosignatures.waiting() == []
    cosignatures.void(approval.id)
    found = cosignatures.of(approval.id)
    assert found is not None
    assert (found.state, found.signed_by, found.signed_at) == (CosignState.WAITING, None, None)


def test_while_the_approval_can_be_undone_nobody_is_asked(store: Store, approval: Decision, clock: Any) -> None:
    held = replace(approval, id="dec_2", draft_id="drf_2", held_until=clock() + timedelta(seconds=10))
    store.drafts.claim(replace(store.drafts.get("drf_1"), id="drf_2", appointment_id="a-2"))
    store.decisions.record(held)
    store.decisions.cosignatures.ask("dec_2", "drf_2")
    above = Person("u-7", frozenset({"Supervisor"}), supervises=frozenset({"u-1"}))
    assert store.decisions.cosignatures.waiting() == []
    assert store.queue.look(Asked(above, clock(), place=Place.COSIGN)).rows == ()
    store.decisions.release_due(clock.forward(seconds=11))
    assert [found.decision_id for found in store.decisions.cosignatures.waiting()] == ["dec_2"]
    assert len(store.queue.look(Asked(above, clock(), place=Place.COSIGN)).rows) == 1


def test_it_says_nothing_once_the_approval_is_gone(store: Store, approval: Decision, clock: Any) -> None:
    cosignatures = store.decisions.cosignatures
    cosignatures.ask(approval.id, "drf_1")
    back_by = SentBack("u-7", "Supervisor", "cnt_c")
    store.decisions.take_back(
        approval, code="cosign_sent_back", deadline=clock() + timedelta(days=3), sent_back=back_by
    )
    assert cosignatures.waiting() == []
    back = cosignatures.sent_back("drf_1")
    assert back is not None
    assert (back.decision_id, back.comment_content_id) == (approval.id, "cnt_c")
    assert cosignatures.sent_back("drf_2") is None


def test_it_waits_from_the_moment_in_which_it_stands(
    store: Store, new_draft: Callable[..., DraftRecord], clock: Any
) -> None:
    row = store.drafts.claim(new_draft(state=DraftState.IN_REVIEW))
    approval = Decision("dec_1", row.id, Verdict.APPROVE, "u-1", "Clinician", clock(), content_id="cnt_a")
    store.decisions.record(approval, cosignature=True)
    assert store.decisions.cosignatures.is_missing("dec_1")


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.REJECT])
def test_who_decides_first_does_not_wait_for_a_co_signature_that_another_needs(
    store: Store, new_draft: Callable[..., DraftRecord], clock: Any, verdict: Verdict
) -> None:
    """Two that decide on one version of a draft name their decisions alike."""
    row = store.drafts.claim(new_draft(state=DraftState.IN_REVIEW))
    approval = Decision("dec_1", row.id, Verdict.APPROVE, "u-1", "Clinician", clock(), content_id="cnt_a")
    store.decisions.cosignatures.ask("dec_1", row.id)  # as an earlier version asked, before it recorded
    other = replace(approval, decided_by="u-2", verdict=verdict)
    assert store.decisions.record(other) == store.decisions.record(approval, cosignature=True) == other
    assert not store.decisions.cosignatures.is_missing("dec_1")


@pytest.mark.parametrize("ends", ["undone", "taken back"])
def test_of_an_approval_that_is_gone_nothing_waits(
    store: Store, new_draft: Callable[..., DraftRecord], clock: Any, ends: str
) -> None:
    row = store.drafts.claim(new_draft(state=DraftState.APPROVED))
    until = clock() + timedelta(seconds=10)
    approval = Decision("dec_1", row.id, Verdict.APPROVE, "u-1", "Clinician", clock(), "cnt_a", held_until=until)
    store.decisions.record(approval, cosignature=True)
    if ends == "undone":
        store.decisions.undo(approval, code="undone_by_decider")
    else:
        store.decisions.take_back(approval, code="approver_not_authorized", deadline=until)
    assert store.decisions.cosignatures.of("dec_1") is None


def test_the_approval_that_stands_is_found_or_the_last_that_did(store: Store, approval: Decision, clock: Any) -> None:
    assert store.decisions.approval_of("drf_1") == approval
    store.decisions.take_back(approval, code="approver_not_authorized", deadline=clock())
    assert store.decisions.approval_of("drf_1") == approval
    clock.forward(hours=1)
    second = store.decisions.record(replace(approval, id="dec_2"))
    assert store.decisions.approval_of("drf_1") == second
    store.decisions.carry_out(second, to=DraftState.APPROVED)
    store.decisions.take_back(second, code="approver_not_authorized", deadline=clock())
    assert store.decisions.approval_of("drf_1") == second
    assert store.decisions.approval_of("drf_2") is None


def test_what_is_signed_is_not_sent_back(store: Store, approval: Decision, clock: Any) -> None:
    store.decisions.cosignatures.ask(approval.id, "drf_1")
    store.decisions.cosignatures.sign(approval.id, by="u-7", role="Supervisor")
    with pytest.raises(Conflict):
        store.decisions.take_back(
            approval, code="cosign_sent_back", deadline=clock(), sent_back=SentBack("u-8", None, "cnt_c")
        )
    assert store.drafts.get("drf_1").state is DraftState.APPROVED
    assert store.decisions.for_draft("drf_1") == approval


def test_who_lies_where_in_the_queue(store: Store, approval: Decision, clock: Any) -> None:
    own = Person("u-1", frozenset({"Clinician"}), caseload=frozenset({"c-1"}))
    colleague = Person("u-2", frozenset({"Clinician"}), caseload=frozenset({"c-1"}))
    above = Person("u-7", frozenset({"Supervisor"}), supervises=frozenset({"u-1"}))
    other = Person("u-8", frozenset({"Supervisor"}), supervises=frozenset({"u-2"}))

    def places(person: Person) -> list[Place]:
        return [place for place in Place if store.queue.look(Asked(person, clock(), place=place)).rows]

    assert [places(person) for person in (own, colleague, above, other)] == [[], [], [], []]
    store.decisions.cosignatures.ask(approval.id, "drf_1")
    assert [places(person) for person in (own, colleague)] == [[Place.UNSIGNED]] * 2
    assert [places(person) for person in (above, other)] == [[Place.COSIGN], []]
    unsigned = Asked(above, clock(), place=Place.COSIGN, needs_cosignature=frozenset({"session-note"}))
    assert store.queue.look(unsigned).rows == ()
    store.decisions.cosignatures.sign(approval.id, by="u-7", role="Supervisor")
    assert [places(person) for person in (own, colleague, above, other)] == [[], [], [], []]
