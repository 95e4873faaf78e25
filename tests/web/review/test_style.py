"""The page on which a clinician reads, changes and switches off how their notes are worded."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.practice import BILLER, CLINICIAN, MANAGER, SUPERVISOR

from therapyflows.core.style import keeping
from therapyflows.core.style.model import Choices, HabitKind, Learned, Wording, in_force
from therapyflows.governance.audit.model import Action

CT = Wording("client", "Ct.", HabitKind.ABBREVIATION, seen=20, of=22, clients=6)


@pytest.fixture
def learned(world) -> Learned:
    made = Learned((CT,), notes=8, clients=6, words_a_line=14)
    keeping.keep_learned(world.store.contents, CLINICIAN.id, made)
    return made


def choices(world, user_id: str = CLINICIAN.id) -> Choices:
    return keeping.choices_of(world.store.contents, user_id)


def post(world, client, path: str, **fields: object):
    data = {"version": str(choices(world).version)} | fields
    return client.post(f"/style/{path}", data=data, follow_redirects=False)


@pytest.mark.parametrize("user", [CLINICIAN, SUPERVISOR])
def test_whose_notes_are_drafted_sees_their_own_style_only(world, learned, user) -> None:
    page = world.signed_in(user.id).get("/style")
    assert page.status_code == 200
    assert ("seen in 20 of 22 lines, in the notes of 6 clients" in page.text) is (user is CLINICIAN)


@pytest.mark.parametrize("user", [BILLER, MANAGER])
def test_others_are_refused_with_an_entry(world, learned, user) -> None:
    client = world.signed_in(user.id)
    assert client.get("/style").status_code == 403
    assert post(world, client, "switch", on="no").status_code == 403
    assert [d["deed"] for d in world.details(Action.ACCESS_DENIED)].count("manage_style") == 2
    assert choices(world).on


def test_the_whole_style_and_one_habit_are_switched_off_and_on(world, learned) -> None:
    client = world.signed_in()
    post(world, client, f"habits/{CT.key}/off")
    assert in_force(learned, choices(world)).wordings == ()
    post(world, client, f"habits/{CT.key}/use")
    post(world, client, "switch", on="no")
    assert in_force(learned, choices(world)).is_empty
    told = world.details(Action.STYLE_CHANGED)
    assert [entry["change"] for entry in told] == ["habit_off", "habit_use", "switched_off"]
    assert [entry["version"] for entry in told] == [1, 2, 3]
    assert "Ct." not in str(told)


def test_a_wording_of_ones_own_is_shown_and_removed(world) -> None:
    client = world.signed_in()
    assert (
        post(world, client, "wordings", drafted="Therapist", instead="This writer", at_start="yes").status_code == 303
    )
    (own,) = choices(world).own
    assert (own.kind, own.at_start) == (HabitKind.PERSON, True)
    assert "This writer reflected that they have come a long way" in client.get("/style").text
    post(world, client, f"habits/{own.key}/remove")
    assert choices(world).own == ()


@pytest.mark.parametrize(
    ("drafted", "instead", "words"),
    [
        ("reports", "denies", "what a note says"),
        ("Client", "Marigold Fernweh", "names somebody"),
        ("they", "she", "what a note says"),
        ("reports", "", "fill in both"),
        ("reports", "<script>alert(1)</script>", "names somebody"),
        ("said,", 'said "', "Quotations"),
    ],
)
def test_what_is_no_style_is_refused_in_words(world, drafted, instead, words) -> None:
    answer = post(world, world.signed_in(), "wordings", drafted=drafted, instead=instead)
    assert answer.status_code == 422
    assert words in answer.text
    assert choices(world) == Choices()


def test_another_window_does_not_overwrite(world, learned) -> None:
    client = world.signed_in()
    post(world, client, "switch", on="no")
    answer = post(world, client, "switch", on="yes", version="0")
    assert answer.status_code == 409
    assert not choices(world).on
    assert post(world, client, "switch", on="no").status_code == 303  # the same again changes nothing
    assert choices(world).version == 1


@pytest.mark.parametrize("words", ["3", "61", "9999999", "½", "-5"])
def test_a_length_that_is_none_is_refused(world, words) -> None:
    assert post(world, world.signed_in(), "lines", words_a_line=words).status_code == 422


def test_what_is_kept_of_a_person_is_encrypted_under_their_own_key(world, learned) -> None:
    post(world, world.signed_in(), "switch", on="no")
    items = world.store.contents.of_client(f"person:{CLINICIAN.id}")
    assert {item.kind for item in items} == {"style_profile"}


def test_a_clinician_changes_the_style_by_keyboard_and_sees_the_preview(page: Page, world, learned) -> None:
    page.goto(f"{world.base_url}/style")
    preview = page.get_by_role("table")
    expect(preview.get_by_text("Ct. reports that they have been sleeping badly since the move.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Do not use: You write “Ct.”")).focus()
    page.keyboard.press("Enter")
    expect(preview.get_by_text("Ct. reports")).to_have_count(0)
    page.get_by_label("The draft says").fill("reports that")
    page.get_by_label("I write", exact=True).fill("endorses that")
    page.keyboard.press("Enter")
    expect(preview.get_by_text("Client endorses that they have been sleeping badly")).to_be_visible()
    page.get_by_label("lines that only quote what the client said").check()
    page.get_by_role("button", name="Save").click()
    expect(preview.get_by_text("left out")).to_be_visible()
    page.get_by_role("button", name="Switch it off").click()
    expect(preview.get_by_text("the same")).to_have_count(7)
