"""What is being typed: kept for the person who types, no part of the note, gone with it or with the consent."""

import base64

import pytest

from therapyflows.core.consent_change.cascade import made_for
from therapyflows.core.drafts.model import DraftState
from therapyflows.governance.audit.model import Action

JSON = {"Accept": "application/json"}
HALF = "Client said that her"


def words_of(world, client) -> dict[str, str]:
    return {w["place"]: w["text"] for w in client.get(f"{world.path}/words").json()["words"]}


def keep(world, client, place: str, text: str):
    return client.post(f"{world.path}/words", data={"place": place, "text": text}, headers=JSON)


def test_words_are_found_again_and_are_no_part_of_the_note(world) -> None:
    client, before = world.signed_in(), world.record()
    assert keep(world, client, "statement:st3", HALF).status_code == 200
    assert words_of(world, client) == {"statement:st3": HALF}
    assert words_of(world, world.signed_in()) == {"statement:st3": HALF}  # in another browser
    assert world.record() == before


def test_they_are_of_one_person(world) -> None:
    client, other = world.signed_in(), world.signed_in("u-sup")
    keep(world, client, "statement:st3", HALF)
    assert words_of(world, other) == {}
    assert client.get(f"{world.path}/words").json()["key"] != other.get(f"{world.path}/words").json()["key"]


def test_saved_into_the_note_or_emptied_they_are_gone(world) -> None:
    client = world.signed_in()
    keep(world, client, "statement:st3", HALF)
    keep(world, client, "add:plan", "Call")
    world.post(client, "statements/st3/edit", text=HALF + " sleep is better.")
    assert words_of(world, client) == {"add:plan": "Call"}
    keep(world, client, "add:plan", " ")
    assert words_of(world, client) == {}


def test_a_refused_save_leaves_them(world) -> None:
    client, stale = world.signed_in(), str(world.record().version)
    keep(world, client, "statement:st3", HALF)
    world.post(world.signed_in("u-sup"), "statements/st3/edit", text="Hers.")
    assert world.post(client, "statements/st3/edit", text=HALF, version=stale).status_code == 409
    assert words_of(world, client) == {"statement:st3": HALF}


def test_the_key_stays_the_same_and_goes_with_the_consent(world) -> None:
    client = world.signed_in()
    first = client.get(f"{world.path}/words").json()
    assert client.get(f"{world.path}/words").json()["key"] == first["key"]
    assert len(base64.b64decode(first["key"])) == 32
    keep(world, client, "statement:st3", HALF)
    found = made_for(world.store.contents, world.store.recordings, world.store.decisions, world.record())
    assert {"unfinished_words", "words_key"} <= {item.kind for item in found}


@pytest.mark.parametrize("user_id", ["u-coll", "u-bill", "u-mgr"])
def test_somebody_without_the_right_is_refused_and_told_of(world, user_id: str) -> None:
    client = world.signed_in(user_id)
    assert client.get(f"{world.path}/words").status_code in (403, 404)
    assert keep(world, client, "statement:st3", HALF).status_code in (403, 404)
    assert client.get(f"{world.path}/company").status_code in (403, 404)
    assert client.get(f"{world.path}/note").status_code in (403, 404)
    assert len(world.actions(Action.ACCESS_DENIED)) >= 4


def test_once_decided_nothing_more_is_kept_and_no_key_given(world) -> None:
    client = world.signed_in()
    world.store.drafts.move(world.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.APPROVED)
    assert keep(world, client, "statement:st3", HALF).status_code == 409
    assert client.get(f"{world.path}/words", headers=JSON).status_code == 409


@pytest.mark.parametrize(("place", "text"), [("", "x"), ("p" * 121, "x"), ("add:plan", "x" * 8001)])
def test_what_is_too_long_or_nowhere_is_refused(world, place: str, text: str) -> None:
    assert keep(world, world.signed_in(), place, text).status_code == 422


def test_typing_is_one_entry_in_the_trail(world) -> None:
    client = world.signed_in()
    for length in range(5, 15):
        keep(world, client, "statement:st3", HALF[:length])
    assert [d["change"] for d in world.details(Action.DRAFT_EDITED)] == ["words_typed"]


# --- two people ---------------------------------------------------------------------------------------------------


def seen(page: str, statement_id: str) -> str:
    form = page.split(f'id="st-{statement_id}"')[1]
    return form.split('name="seen" value="')[1].split('"')[0]


def test_edits_of_different_statements_both_stand(world) -> None:
    client, other = world.signed_in(), world.signed_in("u-sup")
    stale, page = str(world.record().version), client.get(world.path).text
    world.post(other, "statements/st1/edit", text="The supervisor's words.")
    answer = world.post(client, "statements/st3/edit", text="Mine.", version=stale, seen=seen(page, "st3"))
    assert answer.status_code == 303
    texts = {s.id: s.text for s in world.working().statements}
    assert (texts["st1"], texts["st3"]) == ("The supervisor's words.", "Mine.")


def test_a_new_line_never_conflicts(world) -> None:
    client, stale = world.signed_in(), str(world.record().version)
    world.post(world.signed_in("u-sup"), "statements/st1/remove")
    assert world.post(client, "statements", section="plan", text="Call.", version=stale).status_code == 303
    assert [s.text for s in world.working().statements][-1] == "Call."


@pytest.mark.parametrize("deed", ["edit", "keep", "remove"])
def test_what_was_done_to_a_statement_that_reads_otherwise_now_is_a_conflict(world, deed: str) -> None:
    client = world.signed_in()
    stale, page = str(world.record().version), client.get(world.path).text
    world.post(world.signed_in("u-sup"), "statements/st5/edit", text="Hers.")
    before = world.record()
    answer = world.post(client, f"statements/st5/{deed}", text="Mine.", version=stale, seen=seen(page, "st5"))
    assert answer.status_code == 409
    assert "Hers." in answer.text or deed != "edit"
    assert world.record() == before


def test_who_else_is_here_and_that_it_changed(world) -> None:
    client, other = world.signed_in(), world.signed_in("u-sup")
    version = client.get(f"{world.path}/company").json()["version"]
    assert other.get(f"{world.path}/company").json()["others"] == [{"name": "Wren Tamarack", "typing": False}]
    keep(world, client, "statement:st3", HALF)
    world.post(client, "statements/st1/remove")
    now = other.get(f"{world.path}/company").json()
    assert (now["others"], now["version"] > version) == ([{"name": "Wren Tamarack", "typing": True}], True)
