"""Who spoke: a turn, a stretch, or a whole label is given to somebody else, and every statement is checked again."""

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.conftest import line

from therapyflows.core.session_note.model import TRANSCRIPT
from therapyflows.core.session_note.review import find
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.model import Grade


def speakers(world) -> list[str]:
    raw = world.store.contents.get(world.record().transcript_id)
    return [segment.speaker.value for segment in TRANSCRIPT.validate_json(raw).segments]


def correct(world, client, **fields: str):
    return world.post(client, "speakers/correction", **({"which": "these", "speaker": "therapist"} | fields))


def test_a_single_turn_is_corrected_and_what_rests_on_it_is_checked_again(world) -> None:
    before = speakers(world)
    assert correct(world, world.signed_in(), **{"from": "0:06"}).status_code == 303
    assert speakers(world) == [before[0], "therapist", *before[2:]]
    assert find(world.working(), "st1").grade == Grade.CONTRADICTED
    assert [d["change"] for d in world.details(Action.DRAFT_EDITED)] == ["speakers_corrected"]


def test_a_stretch_is_corrected_whichever_end_is_named_first(world) -> None:
    correct(world, world.signed_in(), **{"from": "0:18", "through": "0:06"}, speaker="unknown")
    assert speakers(world)[:5] == ["therapist", "unknown", "unknown", "unknown", "therapist"]


def test_a_second_label_for_one_person_is_merged(world) -> None:
    client, before = world.signed_in(), speakers(world)
    correct(world, client, **{"from": "0:06", "through": "0:18"}, speaker="unknown")
    correct(world, client, which="all", label="unknown", speaker="client")
    assert speakers(world) == [*before[:1], "client", "client", "client", *before[4:]]
    world.post(client, "history/undo")
    world.post(client, "history/undo")
    assert speakers(world) == before


def test_a_statement_that_was_kept_is_asked_about_again_when_its_grade_moved(world) -> None:
    client = world.signed_in()
    world.post(client, "statements/st1/keep")
    correct(world, client, **{"from": "0:06"})
    assert not find(world.working(), "st1").kept


@pytest.mark.parametrize(
    "fields",
    [
        {"from": "9:99"},
        {"from": ""},
        {"from": "0:06", "through": "s3"},
        {"from": "0:06", "speaker": "nobody"},
        {"which": "all", "label": "nobody"},
        {"which": "some"},
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(world, fields: dict[str, str]) -> None:
    before = world.record()
    assert correct(world, world.signed_in(), **fields).status_code == 422
    assert world.record() == before


@pytest.mark.parametrize("user_id", ["u-coll", "u-bill", "u-mgr"])
def test_somebody_without_the_right_is_refused(world, user_id: str) -> None:
    assert correct(world, world.signed_in(user_id), **{"from": "0:06"}).status_code in (403, 404)
    assert world.actions(Action.ACCESS_DENIED)


def test_a_stale_page_corrects_nothing(world) -> None:
    client, stale = world.signed_in(), str(world.record().version)
    world.post(client, "statements/st9/remove")
    assert correct(world, client, version=stale, **{"from": "0:06"}).status_code == 409


def test_by_keyboard_on_the_turn(draft: Page) -> None:
    draft.locator("#seg-s2").focus()
    draft.keyboard.press("w")
    expect(draft.get_by_label("From this turn")).to_have_value("0:06")
    expect(draft.get_by_label("was said by")).to_be_focused()
    expect(draft.get_by_label("was said by")).to_have_value("therapist")
    draft.get_by_role("button", name="Correct and check again").click()
    expect(draft.locator("#seg-s2 .by")).to_have_text("Therapist")
    expect(line(draft, "st1").locator(".badge")).to_have_text("Contradicted")
