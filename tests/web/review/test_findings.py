"""What the checks found: shown, added, filed all the same with a reason; a contradiction stands before approval."""

import json
from dataclasses import replace

import pytest
from tests.web.review.practice import session_transcript

from therapyflows.core.chart import Assessment
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Transient
from therapyflows.core.session_note.review import find
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.model import Grade, Judgement, Span
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity

JSON = {"Accept": "application/json"}
LEFT_OUT = NoteFinding(
    "omitted_homework",
    "The source speaks of homework or an agreed task here; the note does not.",
    spans=(Span("s20", 114.0, 119.6, "QUOTE"),),
)
ABOUT_ST1 = NoteFinding("off_topic_placeholders", "A placeholder was not filled in.", statement_ids=("st1",))


@pytest.fixture
def left_out(world) -> NoteFinding:
    """The machine's draft with two findings of the checks."""
    said = next(s.text for s in session_transcript().segments if s.id == "s20")
    omission = replace(LEFT_OUT, spans=(replace(LEFT_OUT.spans[0], quote=said),))
    draft = replace(world.working(), findings=(omission, ABOUT_ST1))
    world.put_machine_draft(draft)
    return omission


def contradict(world, **changes: object) -> None:
    """From now on the appointment says something else than the draft."""
    world.chart.change = lambda context: replace(context, appointment=context.appointment.model_copy(update=changes))


def test_an_omission_is_shown_with_its_words_and_added_once(world, left_out) -> None:
    client = world.signed_in()
    page = client.get(world.path).text
    assert "What the checks found" in page
    assert 'href="#seg-s20"' in page
    assert 'href="#st-st1"' in page
    for _ in range(2):
        assert world.post(client, f"findings/{left_out.key}/add").status_code == 303
    added = [s for s in world.working().statements if s.evidence == left_out.spans]
    assert len(added) == 1
    assert added[0].section == "plan"
    assert left_out.message not in client.get(world.path).text
    edited = world.details(Action.DRAFT_EDITED)
    assert [(e["change"], e["finding"]) for e in edited] == [("finding_add", "omitted_homework")]


def test_a_finding_about_a_statement_goes_with_its_correction(world, left_out) -> None:
    client = world.signed_in()
    assert ABOUT_ST1.message in client.get(world.path).text
    world.post(client, "statements/st1/edit", text="In my words.")
    assert ABOUT_ST1.message not in client.get(world.path).text


def test_a_removed_addition_is_left_out_again(world, left_out) -> None:
    client = world.signed_in()
    world.post(client, f"findings/{left_out.key}/add")
    added = next(s for s in world.working().statements if s.evidence == left_out.spans)
    world.post(client, f"statements/{added.id}/remove")
    assert left_out.message in client.get(world.path).text


@pytest.mark.parametrize("key", ["omitted_homework-000000000000", "x", "omitted-homework-../../etc"])
def test_an_unknown_finding_changes_nothing(world, left_out, key: str) -> None:
    before = world.record()
    assert world.post(world.signed_in(), f"findings/{key}/add").status_code in (404, 422)
    assert world.record() == before


def test_a_draft_that_agrees_with_the_chart_shows_nothing(world) -> None:
    assert "What the checks found" not in world.signed_in().get(world.path).text


def test_a_contradiction_stands_before_approval_until_it_is_excused(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    contradict(world, actual_minutes=45)
    page = client.get(world.path).text
    assert "90837 takes 53 or more minutes; the appointment records 45" in page
    assert 'id="approve" disabled' in page
    assert world.post(client, "approve", attested="yes").status_code == 422
    keys = [part.split('"')[0] for part in page.split('id="finding-')[1:]]
    for key in keys:
        if key.startswith(("chart_cpt-", "chart_minutes-")):
            assert world.post(client, f"findings/{key}/excuse", text="The front desk mistyped it.").status_code == 303
    assert "The front desk mistyped it." in client.get(world.path).text
    assert "mistyped" not in str(world.details(Action.DRAFT_EDITED))
    assert world.post(client, "approve", attested="yes").status_code == 303
    assert world.record().state is DraftState.APPROVED


def test_an_excuse_needs_words_and_can_be_taken_back(world) -> None:
    client = world.signed_in()
    contradict(world, actual_minutes=45)
    key = client.get(world.path).text.split('id="finding-chart_cpt-')[1].split('"')[0]
    path = f"findings/chart_cpt-{key}"
    assert world.post(client, f"{path}/excuse", text=" ").status_code == 422
    world.post(client, f"{path}/excuse", text="Because.")
    assert [e.reason for e in world.working().excused] == ["Because."]
    world.post(client, f"{path}/unexcuse")
    assert world.working().excused == ()


def test_unticking_the_code_settles_its_contradiction_at_once(world) -> None:
    client = world.signed_in()
    contradict(world, actual_minutes=45)
    world.post(client, "statements/st6/edit", text="Individual session by video, 45 minutes.")
    answer = client.post(f"{world.path}/codes", data={"version": str(world.record().version)}, headers=JSON)
    assert "chart_cpt" not in answer.json()["html"]


def test_a_score_of_the_chart_is_compared_too(world) -> None:
    client = world.signed_in()
    measured = Assessment(id="m-1", client_id="c-1", measure="PHQ-9", answers=(), score=14)
    world.chart.change = lambda context: replace(context, assessments=(measured,))
    world.post(client, "statements", section="objective", text="PHQ-9 of 12.")
    assert "the chart&#39;s last is 14" in client.get(world.path).text


def test_without_the_ehr_the_draft_is_read_and_what_was_found_at_drafting_is_shown(world) -> None:
    stored = NoteFinding("chart_minutes", "The note says 53 minutes.", Severity.STOP, ("st6",))
    draft = replace(world.working(), findings=(stored,))
    world.put_machine_draft(draft)
    world.chart.fail_with = Transient("ehr_away")
    page = world.signed_in().get(world.path)
    assert page.status_code == 200
    assert stored.message in page.text


def test_a_draft_stored_before_these_checks_opens(world) -> None:
    content_id = world.record().draft_content_id
    old = json.loads(world.store.contents.get(content_id))
    for field in ("findings", "excused"):
        del old[field]
    world.store.contents.put("c-1", "draft", json.dumps(old).encode(), content_id=content_id)
    assert world.signed_in().get(world.path).status_code == 200
    assert find(world.working(), "st1") is not None


def test_a_second_opinion_is_shown_where_it_disagrees_and_goes_with_an_edit(world) -> None:
    def judged(statement, grade: Grade):
        return replace(statement, judged=Judgement(grade, "the client said three", (), "local:m"))

    first, second, *rest = world.working().statements
    other = judged(first, Grade.CONTRADICTED)
    world.put_machine_draft(replace(world.working(), statements=(other, judged(second, second.grade), *rest)))
    client = world.signed_in()
    words = f"checker: {first.grade.value}, judge: contradicted (the client said three)"
    page = client.get(world.path).text
    assert words in page
    assert page.count(", judge: ") == 1
    world.post(client, f"statements/{first.id}/edit", text="In my words.")
    assert words not in client.get(world.path).text
