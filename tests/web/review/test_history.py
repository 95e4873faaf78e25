"""Taking back and making again: one's own last change, never somebody else's, in as many windows as there are."""

import pytest

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import NotFound
from therapyflows.core.session_note.model import TRANSCRIPT
from therapyflows.core.session_note.review import find
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.model import Grade, Speaker
from therapyflows.web.review import desk

JSON = {"Accept": "application/json"}


def text(world, statement_id: str = "st1") -> str | None:
    found = find(world.working(), statement_id)
    return found.text if found else None


def test_changes_are_taken_back_one_by_one_and_made_again(world) -> None:
    client, machine = world.signed_in(), text(world)
    world.post(client, "statements/st1/edit", text="One.")
    world.post(client, "statements/st1/edit", text="Two.")
    world.post(client, "statements/st1/remove")
    seen = []
    for step in ("undo", "undo", "undo", "redo", "redo", "redo"):
        assert world.post(client, f"history/{step}").status_code == 303
        seen.append(text(world))
    assert seen == ["Two.", "One.", machine, "One.", "Two.", None]
    told = [d["change"] for d in world.details(Action.DRAFT_EDITED)]
    assert (told.count("undone"), told.count("redone")) == (3, 3)


def test_where_nothing_was_done_nothing_can_be_taken_back(world) -> None:
    client = world.signed_in()
    for step in ("undo", "redo"):
        answer = world.post(client, f"history/{step}")
        assert answer.status_code == 409
        assert "There is nothing to" in answer.text


def test_a_new_change_after_an_undo_ends_what_could_be_made_again(world) -> None:
    client = world.signed_in()
    world.post(client, "statements/st1/edit", text="One.")
    world.post(client, "history/undo")
    world.post(client, "statements/st2/edit", text="Other.")
    assert world.post(client, "history/redo").status_code == 409
    world.post(client, "history/undo")
    world.post(client, "history/redo")
    assert text(world, "st2") == "Other."


def test_somebody_elses_change_is_theirs(world) -> None:
    client, other = world.signed_in(), world.signed_in("u-sup")
    world.post(client, "statements/st1/edit", text="Mine.")
    world.post(other, "statements/st2/edit", text="Hers.")
    answer = world.post(client, "history/undo")
    assert answer.status_code == 409
    assert "somebody else" in answer.text
    assert (text(world), text(world, "st2")) == ("Mine.", "Hers.")
    assert 'data-step="undo" disabled' in client.get(world.path).text
    assert 'data-step="undo" title="Undo: an edit"' in other.get(world.path).text


def test_two_windows_take_back_one_change_once(world) -> None:
    client = world.signed_in()
    for words in ("One.", "Two."):
        world.post(client, "statements/st1/edit", text=words)
    version = str(world.record().version)
    answers = [world.post(client, "history/undo", version=version).status_code for _ in range(2)]
    assert (answers, text(world)) == ([303, 409], "One.")


def test_correcting_the_speakers_is_taken_back_with_the_grades(world) -> None:
    client, before = world.signed_in(), world.working()
    world.post(client, "speakers")
    assert find(world.working(), "st1").grade == Grade.CONTRADICTED
    answer = client.post(f"{world.path}/history/undo", data={"version": world.record().version}, headers=JSON)
    assert answer.json() == {"reload": True}
    transcript = TRANSCRIPT.validate_json(world.store.contents.get(world.record().transcript_id))
    assert transcript.segments[0].speaker == Speaker.THERAPIST
    assert world.working() == before


def test_what_went_off_the_record_cannot_be_brought_back_by_undoing(world) -> None:
    client = world.signed_in()
    world.post(client, "statements/st1/edit", text="One.")
    world.post(client, "turns/s2/off-record")
    assert world.post(client, "history/undo").status_code == 409


def test_only_so_many_older_copies_are_kept(world, monkeypatch) -> None:
    monkeypatch.setattr(desk, "UNDO_STEPS", 2)
    client, copies = world.signed_in(), []
    for number in range(4):
        world.post(client, "statements/st1/edit", text=f"{number}.")
        copies.append(world.record().edited_content_id)
    with pytest.raises(NotFound):
        world.store.contents.get(copies[0])
    answers = [world.post(client, "history/undo").status_code for _ in range(3)]
    assert (answers, text(world)) == ([303, 303, 409], "1.")
    assert world.store.contents.get(world.record().draft_content_id)


@pytest.mark.parametrize("user_id", ["u-coll", "u-bill", "u-mgr"])
def test_somebody_without_the_right_is_refused(world, user_id: str) -> None:
    world.post(world.signed_in(), "statements/st1/edit", text="One.")
    assert world.post(world.signed_in(user_id), "history/undo").status_code in (403, 404)
    assert text(world) == "One."
    assert world.actions(Action.ACCESS_DENIED)


def test_after_the_decision_nothing_is_taken_back(world) -> None:
    client = world.signed_in()
    world.post(client, "statements/st1/edit", text="One.")
    world.store.drafts.move(world.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.APPROVED)
    assert world.post(client, "history/undo").status_code == 409
    assert text(world) == "One."
