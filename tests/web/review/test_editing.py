"""Corrections over plain HTTP: what is saved, what is refused, what is never touched."""

from datetime import timedelta

import pytest

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT, StatementKind
from therapyflows.core.session_note.review import find
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.model import Grade, Speaker

JSON = {"Accept": "application/json"}


def machine(world) -> object:
    return DRAFT.validate_json(world.store.contents.get(world.record().draft_content_id))


def test_an_edit_is_saved_as_the_clinicians_and_the_machines_draft_stays(world) -> None:
    before = machine(world)
    answer = world.post(world.signed_in(), "statements/st3/edit", text="She describes two such episodes.")
    assert answer.status_code == 303
    edited = find(world.working(), "st3")
    assert (edited.text, edited.kind) == ("She describes two such episodes.", StatementKind.CLINICIAN)
    assert len(edited.evidence) == 2
    assert machine(world) == before
    assert world.actions(Action.DRAFT_EDITED) == ["ok"]


def test_the_page_shows_what_the_machine_had_written(world) -> None:
    client = world.signed_in()
    world.post(client, "statements/st3/edit", text="Two episodes.")
    page = client.get(world.path).text
    assert "Changes to the draft:" in page
    assert "three panic-like" in page


def test_saving_the_same_text_is_no_edit(world) -> None:
    text = find(world.working(), "st1").text
    before = world.record().version
    assert world.post(world.signed_in(), "statements/st1/edit", text=text).status_code == 303
    assert world.record().version == before
    assert world.actions(Action.DRAFT_EDITED) == []


@pytest.mark.parametrize(
    ("deed", "fields", "status"),
    [
        ("statements/st1/edit", {"text": "  "}, 422),
        ("statements/nothing/edit", {"text": "x"}, 404),
        ("statements/st1/shred", {}, 422),
        ("statements", {"section": "plan", "text": ""}, 422),
        ("statements", {"section": "billing", "text": "x"}, 422),
        ("codes", {"code": "cpt:00000"}, 422),
        ("statements/st1/remove", {"version": "x"}, 422),
        ("statements/st1/remove", {"version": ""}, 422),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(world, deed, fields, status) -> None:
    before = world.record()
    answer = world.post(world.signed_in(), deed, **fields)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert world.record() == before


def test_a_stale_version_gets_a_clear_message_and_the_words_back(world) -> None:
    client, other = world.signed_in(), world.signed_in("u-sup")
    stale = str(world.record().version)
    world.post(other, "statements/st1/edit", text="The supervisor's words.")
    answer = world.post(client, "statements/st1/edit", text="My long sentence.", version=stale)
    assert answer.status_code == 409
    assert "changed after you opened it" in answer.text
    assert "My long sentence." in answer.text
    assert find(world.working(), "st1").text == "The supervisor's words."


def test_the_script_gets_the_present_draft_with_the_conflict(world) -> None:
    client = world.signed_in()
    stale = str(world.record().version)
    world.post(client, "statements/st1/edit", text="First.")
    answer = client.post(f"{world.path}/statements/st1/edit", data={"version": stale, "text": "x"}, headers=JSON)
    told = answer.json()
    assert (answer.status_code, told["error"], told["version"]) == (409, "draft_changed", world.record().version)
    assert "First." in told["html"]


def test_removing_putting_back_and_adding(world) -> None:
    client = world.signed_in()
    world.post(client, "statements/st9/remove")
    assert find(world.working(), "st9") is None
    assert "Removed by you" in client.get(world.path).text
    world.post(client, "statements/st9/restore")
    assert world.working().statements == machine(world).statements
    world.post(client, "statements", section="assessment", text="Anxiety is easing.")
    assert [s.text for s in world.working().statements if s.section == "assessment"][-1] == "Anxiety is easing."


def test_ticked_codes_stay_and_unticked_ones_go(world) -> None:
    client = world.signed_in()
    assert world.post(client, "codes", code=["cpt:90837", "icd10:F41.1"]).status_code == 303
    assert [c.code for c in world.working().codes] == ["90837", "F41.1"]
    assert "G47.00" in client.get(world.path).text
    world.post(client, "codes")
    assert world.working().codes == ()


def test_answering_a_question_makes_it_the_clinicians_line(world) -> None:
    world.post(world.signed_in(), "statements/st8/edit", text="Alert, oriented, affect anxious.")
    assert find(world.working(), "st8").kind == StatementKind.CLINICIAN


def test_swapping_the_speakers_flips_the_transcript_and_grades_again(world) -> None:
    client = world.signed_in()
    world.post(client, "statements/st2/edit", text="Mine.")
    before = world.record()
    assert world.post(client, "speakers").status_code == 303
    after = world.record()
    transcript = TRANSCRIPT.validate_json(world.store.contents.get(after.transcript_id))
    assert transcript.segments[0].speaker == Speaker.CLIENT
    assert find(world.working(), "st1").grade == Grade.CONTRADICTED
    assert find(world.working(), "st2").text == "Mine."
    assert after.version == before.version + 1
    world.post(client, "speakers")
    assert world.record().transcript_id != after.transcript_id


def test_a_swapped_transcript_has_a_retention_period(world) -> None:
    world.post(world.signed_in(), "speakers")
    transcript_id = world.record().transcript_id
    later = world.record().created_at + timedelta(days=world.deps.retention.transcript_days)
    assert transcript_id in {found[0] for found in world.store.contents.due_for_deletion(later)}


def test_a_decided_draft_cannot_be_edited(world) -> None:
    client = world.signed_in()
    world.store.drafts.move(world.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.APPROVED)
    answer = world.post(client, "statements/st1/edit", text="Too late.")
    assert answer.status_code == 409
    assert "no longer under review" in answer.text
    assert "Too late." in answer.text


def test_a_draft_whose_transcript_is_gone_can_still_be_reviewed(world) -> None:
    world.store.contents.delete(world.record().transcript_id)
    world.store.recordings.delete(world.record().recording_id)
    page = world.signed_in().get(world.path)
    assert page.status_code == 200
    assert "no longer kept" in page.text
    assert "lying awake" in page.text
