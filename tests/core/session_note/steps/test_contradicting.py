"""A note that contradicts the chart when it is to be filed is not filed: it goes back to whoever approved it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from therapyflows.core.chart import Assessment
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Invalid
from therapyflows.core.session_note import review, steps
from therapyflows.core.session_note.beside_the_chart import contradictions, stops
from therapyflows.core.session_note.deciding import approve
from therapyflows.core.session_note.model import Draft, StatementKind
from therapyflows.core.session_note.steps.context import load_context
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity


async def approved(practice: Any, session: str = "a-1", document: str = "d-1", **how: Any) -> DraftRecord:
    record = await practice.prepare(session, document)
    practice.decide(record.id, **how)
    return practice.store.drafts.get(record.id)


async def found_now(practice: Any, record: DraftRecord, draft: Draft) -> tuple[NoteFinding, ...]:
    return contradictions(draft, await load_context(practice.ehr, record))


def excusing(found: tuple[NoteFinding, ...]) -> Callable[[Draft], Draft]:
    def excused(draft: Draft) -> Draft:
        for finding in found:
            draft = review.excuse(draft, finding, "The recorded minutes are a typing error.")
        return draft

    return excused


def with_text(text: str) -> Callable[[Draft], Draft]:
    return lambda draft: review.add_statement(draft, "subjective", text, known=())


async def test_minutes_that_were_corrected_after_the_approval_send_the_note_back(practice: Any) -> None:
    record = await approved(practice)
    practice.forward(days=1)
    practice.session(minutes=30)
    assert await steps.post_note(practice.ports(), record.id) is None
    waiting = practice.store.drafts.get(record.id)
    assert (waiting.state, waiting.failure_code) == (DraftState.IN_REVIEW, "contradicts_chart")
    assert waiting.deadline == practice.at + practice.policy.review_within
    assert (practice.store.decisions.for_draft(record.id), practice.ehr.posts) == (None, 0)
    [entry] = practice.entries(Action.DRAFT_SENT_BACK)
    assert (entry.outcome, entry.details["findings"]) == ("contradicts_chart", "chart_cpt chart_minutes")
    assert [task.assignee_id for task in practice.tasks("contradicts the chart")] == ["u-1"]
    assert practice.entries(Action.ACCESS_DENIED) == []


async def test_corrected_and_approved_again_it_is_filed(practice: Any) -> None:
    record = await approved(practice)
    practice.session(minutes=30)
    assert await steps.post_note(practice.ports(), record.id) is None

    def corrected(draft: Draft) -> Draft:
        lines = tuple(replace(s, text=s.text.replace("50 minutes", "30 minutes")) for s in draft.statements)
        return replace(draft, statements=lines, codes=())

    practice.decide(record.id, corrected=corrected)
    assert await steps.post_note(practice.ports(), record.id)
    assert await steps.verify_note(practice.ports(), record.id)
    [note] = practice.ehr.notes()
    assert any("30 minutes face to face" in section.text for section in note.draft_content)
    posted = practice.store.drafts.get(record.id)
    assert (posted.state, posted.failure_code) == (DraftState.POSTED, None)


async def test_with_a_reason_it_is_filed_as_it_is_and_the_trail_says_so_by_code(practice: Any) -> None:
    record = await approved(practice)
    practice.session(minutes=30)
    assert await steps.post_note(practice.ports(), record.id) is None
    found = await found_now(practice, record, practice.read_draft(record.id))
    practice.decide(record.id, corrected=excusing(found))
    assert await steps.post_note(practice.ports(), record.id)
    [entry] = practice.entries(Action.NOTE_CHECKED)
    assert entry.details["findings"] == "chart_cpt chart_minutes"
    assert "typing" not in str([e.details for e in practice.entries(Action.NOTE_CHECKED)])


async def test_a_reason_holds_for_what_was_seen_and_not_for_another_contradiction(practice: Any) -> None:
    record = await practice.prepare()
    practice.session(minutes=30)
    found = await found_now(practice, record, practice.read_draft(record.id))
    practice.decide(record.id, corrected=excusing(found))
    practice.session(minutes=31)
    assert await steps.post_note(practice.ports(), record.id) is None


async def test_warnings_stop_nothing_and_are_recorded(practice: Any) -> None:
    record = await approved(practice, corrected=with_text("PCL-5 score 31."))
    assert await steps.post_note(practice.ports(), record.id)
    assert [e.details["findings"] for e in practice.entries(Action.NOTE_CHECKED)] == ["chart_score_unknown"]


async def test_a_score_in_the_text_is_compared_with_the_charts_measure(practice: Any) -> None:
    practice.ehr.add(Assessment(id="m-1", client_id="c-1", measure="PHQ-9", answers=(), score=14))
    record = await approved(practice, corrected=with_text("PHQ-9 of 12."))
    assert await steps.post_note(practice.ports(), record.id) is None
    practice.decide(record.id, corrected=with_text("PHQ-9 of 14."))
    assert await steps.post_note(practice.ports(), record.id)


async def test_the_draft_shows_its_contradictions_from_the_start(practice: Any) -> None:
    practice.session(minutes=None)
    record = await practice.prepare()
    assert await found_now(practice, record, practice.read_draft(record.id)) == ()
    [stored] = practice.entries(Action.DRAFT_STORED)
    assert "findings" in stored.details


async def test_what_was_filed_before_the_chart_changed_stays_filed(practice: Any) -> None:
    record = await approved(practice)
    ports = practice.ports()
    note_id = await steps.post_note(ports, record.id)
    practice.store.drafts.update(record.id, ehr_note_id=None)  # died before it knew
    practice.session(minutes=30)
    assert await steps.post_note(practice.ports(), record.id) == note_id
    assert practice.ehr.posts == 1


async def test_approving_what_contradicts_the_chart_is_refused_unless_excused(practice: Any) -> None:
    record = await practice.prepare()
    practice.session(minutes=30)
    draft = practice.read_draft(record.id)
    found = await found_now(practice, record, draft)

    def approval_of(what: Draft) -> object:
        return approve(
            record, what, by=Actor("person", "u-1"), attested=True, now=practice.at,
            contents=practice.store.contents, periods=practice.policy.retention, against_the_chart=found,
        )  # fmt: skip

    with pytest.raises(Invalid, match="contradicts_chart"):
        approval_of(draft)
    assert approval_of(excusing(found)(draft))


async def test_a_note_of_another_session_is_excused_by_nothing(practice: Any) -> None:
    record = await practice.prepare()
    draft = practice.read_draft(record.id)
    foreign = NoteFinding("chart_other_session", "The note's client is not the appointment's client.", Severity.STOP)
    with pytest.raises(Invalid, match="not_excusable"):
        review.excuse(draft, foreign, "because")
    assert stops(draft, [foreign]) == (foreign,)


async def test_killed_anywhere_it_is_sent_back_once_with_one_audit_story(
    practice: Any, killed: type[BaseException], mortal: Any
) -> None:
    for dies_at in count():
        session, client = f"a-{dies_at}", f"c-{dies_at}"
        practice.client(client)
        practice.clinician(caseload=(client,))
        practice.session(session, client)
        practice.document(f"d-{session}", appointment_id=session, client_id=client)
        record = await approved(practice, session, f"d-{session}")
        practice.session(session, client, minutes=30)
        calls = count()
        parts = {
            name: mortal(getattr(practice.store, name), calls, dies_at) for name in ("decisions", "contents", "audit")
        }
        dying = practice.ports(ehr=mortal(practice.ehr, calls, dies_at), **parts)
        try:
            await steps.post_note(dying, record.id)
        except killed:
            if practice.store.drafts.get(record.id).state is DraftState.APPROVED:
                assert await steps.post_note(practice.ports(), record.id) is None
        else:
            assert dies_at > 6, "not one step was killed"
            break
        assert practice.store.drafts.get(record.id).state is DraftState.IN_REVIEW
        assert practice.store.decisions.for_draft(record.id) is None
        assert len(practice.entries(Action.DRAFT_SENT_BACK, client)) == 1, dies_at
        assert len([task for task in practice.tasks("contradicts") if task.client_id == client]) == 1


def test_a_line_that_was_left_out_is_added_once_in_the_words_of_the_source(talk: Any) -> None:
    from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
    from therapyflows.core.session_note.templates import load_template
    from therapyflows.core.session_note.whole import standing, with_findings

    transcript = talk("T: How are you?", "C: Fine. I'm allergic to penicillin.")
    drafted = replace(draft_from_evidence(transcript, None, load_template("soap")), statements=())
    machine = with_findings(drafted, transcript, None)
    [finding] = standing(machine, machine)
    once = review.add_omission(machine, finding)
    assert review.add_omission(once, finding) == once
    [line] = once.statements
    assert (line.kind, line.section, line.evidence) == (StatementKind.REPORTED, "subjective", finding.spans)
    assert line.text == 'From the session: "I\'m allergic to penicillin".'
    assert standing(once, machine) == ()
