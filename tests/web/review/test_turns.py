"""Turns off the record: the clinician marks and unmarks; what rests on them goes, with proof."""

import json

from tests.web.review.practice import CLINICIAN, COLLEAGUE

from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT
from therapyflows.core.session_note.review import find
from therapyflows.governance.audit.model import Action


def resting_on(draft, segment):
    return [s.id for s in draft.statements if any(span.segment_id == segment for span in s.evidence)]


def machine(world):
    return DRAFT.validate_json(world.store.contents.get(world.record().draft_content_id))


def transcript(world):
    return TRANSCRIPT.validate_json(world.store.contents.get(world.record().transcript_id))


def proofs(world):
    found = world.store.audit.search(client_id="c-1")
    return [f.entry.details["kind"] for f in found if f.entry.action is Action.CONTENT_DELETED]


def test_a_marked_turn_takes_its_statements_along_for_good(world):
    client = world.signed_in()
    gone = resting_on(world.working(), "s2")
    assert gone, "something rests on that turn"
    said = transcript(world).segment("s2").text
    assert world.post(client, "turns/s2/off-record").status_code == 303
    assert transcript(world).withheld_ids == {"s2"}
    assert [s for s in gone if find(world.working(), s)] == []
    assert [s for s in gone if find(machine(world), s)] == []
    assert said not in repr(world.working()) + repr(machine(world))
    page = client.get(world.path).text
    assert "Removed by you" not in page, "it cannot be put back by a click on the statement"
    assert "Off the record: held back from draft and models" in page
    assert world.post(client, f"statements/{gone[0]}/restore").status_code == 404


def test_the_copies_that_held_it_are_erased_with_proof_and_so_is_what_a_model_was_sent(world):
    client = world.signed_in()
    world.store.contents.put("c-1", "prompt", b"words", content_id="cnt_p", draft_id=world.draft_id)
    world.post(client, "statements/st1/edit", text="My words.")
    world.post(client, "turns/s2/off-record")
    assert sorted(proofs(world)) == ["draft", "edited_draft", "prompt", "transcript"]
    standing = {i.kind for i in world.store.contents.of_client("c-1") if i.deleted_at is None}
    assert standing == {"transcript", "draft", "edited_draft"}
    assert all(item.is_settled for item in world.store.contents.of_client("c-1") if item.deleted_at)


def test_a_turn_put_back_counts_again(world):
    client = world.signed_in()
    before = transcript(world)
    world.post(client, "turns/s2/off-record")
    assert world.post(client, "turns/s2/on-record").status_code == 303
    assert transcript(world) == before
    assert "Off the record: held back" not in client.get(world.path).text


def test_marking_twice_changes_nothing_the_second_time(world):
    client = world.signed_in()
    world.post(client, "turns/s2/off-record")
    version, count = world.record().version, len(proofs(world))
    assert world.post(client, "turns/s2/off-record").status_code == 303
    assert (world.record().version, len(proofs(world))) == (version, count)


def test_the_trail_tells_who_did_it_without_a_word_of_it(world):
    world.post(world.signed_in(), "turns/s2/off-record")
    [edit] = [f.entry for f in world.store.audit.search() if f.entry.action is Action.DRAFT_EDITED]
    assert (edit.actor.id, edit.details["change"], edit.details["statement_id"]) == (
        CLINICIAN.id, "turn_off_record", "s2",
    )  # fmt: skip
    assert transcript(world).segment("s2").text not in json.dumps([repr(f) for f in world.store.audit.search()])


def test_whoever_may_not_edit_the_draft_and_an_unknown_turn_get_nothing(world):
    assert world.post(world.signed_in(), "turns/s999/off-record").status_code == 404
    assert world.post(world.signed_in(), "turns/s2/sideways").status_code == 422
    assert world.post(world.signed_in(COLLEAGUE.id), "turns/s2/off-record").status_code == 404
    assert transcript(world).withheld_ids == frozenset()


def test_from_a_stale_page_nothing_is_marked(world):
    client = world.signed_in()
    stale = world.record().version
    world.post(client, "statements/st1/edit", text="My words.")
    answer = client.post(f"{world.path}/turns/s2/off-record", data={"version": str(stale)}, follow_redirects=False)
    assert answer.status_code == 409
    assert transcript(world).withheld_ids == frozenset()
