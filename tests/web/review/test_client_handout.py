"""The page that is handed to a client: what it says, in which words, to whom it is shown, and that it prints."""

import re
from pathlib import Path

import pypdfium2
import pytest
import yaml
from playwright.sync_api import Browser, expect
from tests.web.review.conftest import serving_world
from tests.web.review.practice import BILLER, CLINICIAN, COLLEAGUE, MANAGER, SUPERVISOR
from tests.web.review.reading_level import grade, syllables
from tests.web.review.test_clients import consent, give, viewed

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Invalid
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.access.emergency import reasons
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.retention.kinds import kind_rules
from therapyflows.web.review import client_words
from therapyflows.web.review.client_words import english, words_of
from therapyflows.web.review.clients import PLAIN_REASONS, withdrawal_of

PAGE = "/clients/c-1"


def text_of(html: str) -> str:
    """What a reader sees of the page itself, a line for each block."""
    article = html.split('<article class="handout"')[1].split(">", 1)[1].split("</article>")[0]
    lines = re.sub(r"</(?:li|p|h1|h2|h3)>", ".\n", article)
    return re.sub(r"[ \t]+", " ", re.sub(r"<[^>]+>", "", lines)).replace("..", ".")


# --- what it says ---


def test_it_tells_what_was_done_kept_and_seen_in_plain_words(world) -> None:
    give(world, consent(world), consent(world, "ai_processing", "withdrawn", withdrawn_at=world.clock()))
    client = world.signed_in()
    client.get(world.path)
    text = text_of(client.get(PAGE).text)
    for words in (
        "This page is for Marigold Fernweh. It is from our practice",
        "Record the session: you said yes",
        "Let a computer help with notes: you took it back",
        "Your session, November 23, 2026.",
        "Your therapist has not decided yet.",
        "Nothing about you went to an AI model outside of our office.",
        "The recording of your session (Your session, November 23, 2026): until",
        "We have not deleted anything yet.",
        "A therapist: read a draft, once.",
        "Nobody opened your records in an emergency.",
        "We gave nothing about you to anyone outside.",
        "To stop, tell your therapist or our front desk.",
    ):
        assert words in text, words
    assert [entry.client_id for entry in viewed(world)] == ["c-1"]


@pytest.mark.parametrize(
    ("deed", "fields", "said"),
    [
        ("reject", {"reason_code": "not_needed"}, "A person said no on"),
        ("redraft", {"words": "Shorter, please."}, "A person asked for a new draft on"),
    ],
)
def test_only_who_rejected_said_no(world, deed: str, fields: dict[str, str], said: str) -> None:
    client = world.signed_in()
    assert world.post(client, deed, **fields).status_code == 303
    text = text_of(client.get(PAGE).text)
    assert [line for line in ("A person said no on", "A person asked for a new draft on") if line in text] == [said]


def test_staff_stand_there_by_role_and_nothing_technical(world) -> None:
    give(world, consent(world))
    client = world.signed_in()
    client.get(world.path)
    text = text_of(client.get(PAGE).text)
    for hidden in (CLINICIAN.name, CLINICIAN.id, "run-1", "sha256", world.draft_id, "SOAP"):
        assert hidden not in text


def test_emergency_use_is_told_apart_from_ordinary_looks(world) -> None:
    give(world, consent(world))
    colleague = world.signed_in(COLLEAGUE.id)
    world.confirm(colleague)
    asked = {"client_id": "c-1", "reason_code": "crisis", "words": "Called in despair."}
    access = colleague.post("/emergency", data=asked).url.path.rpartition("/")[2]
    colleague.get(world.path)
    text = text_of(world.signed_in().get(PAGE).text)
    assert "a therapist who does not treat you opened your records in an emergency" in text
    assert "your own therapist could not be reached. We have not checked this yet." in text
    assert "read a draft" not in text.split("In an emergency")[0].split("Who saw it")[1]
    assert "emergency access</b>" in world.signed_in().get(f"{PAGE}/details").text
    verdict = {"verdict": "not_justified", "comment": "Could be reached."}
    world.signed_in(MANAGER.id).post(f"/emergency-reviews/{access}", data=verdict)
    assert "It was not right to do so." in text_of(world.signed_in().get(PAGE).text)


def test_what_went_to_a_model_outside_is_told_with_what_was_taken_out(world) -> None:
    give(world, consent(world))
    for redacted in (True, True, False):
        details = {"provider": "azure", "model": "gpt-x", "place": "off_device", "redacted": redacted}
        entry = AuditEntry(
            Action.MODEL_CALLED, Actor("service", "worker"), "model/azure", "c-1",
            details=details | {"covered_by_baa": True, "appointment_id": "a-1"},
        )  # fmt: skip
        world.store.audit.append(entry)
    text = text_of(world.signed_in().get(PAGE).text)
    assert "parts of your sessions went to azure (model gpt-x), 3 times." in text
    assert "In 2 of these, your name and other facts that point to you were taken out first." in text
    assert "A contract (HIPAA) makes this company keep your facts safe." in text


def test_what_was_deleted_says_why(world) -> None:
    give(world, consent(world))
    eraser = Eraser(world.store.contents, world.store.recordings, world.store.audit, Actor("service", "consent-change"))
    eraser.erase("recording", "rec_1", client_id="c-1", reason="recording_consent_withdrawn")
    text = text_of(world.signed_in().get(PAGE).text)
    assert "The recording of your session. Why: you took back what you agreed to, or it ended." in text


def test_the_practice_is_named_with_how_to_reach_it(store) -> None:
    with serving_world(store, practice_name="Harbor Counseling", practice_contact="555-0134 <front desk>") as world:
        give(world, consent(world))
        page = world.signed_in().get(PAGE).text
    assert "It is from Harbor Counseling" in page
    assert "reach us here: 555-0134 &lt;front desk&gt;" in page


def test_what_a_withdrawal_deletes_and_leaves_is_what_the_rules_say() -> None:
    gone, stays = withdrawal_of(english())
    assert "The recording of your session" in gone
    assert "The note that your therapist said yes to" in stays
    known = [kind for kind in kind_rules() if english().has("kinds", kind)]
    assert len(gone) + len(stays) == len(known)


def test_every_kind_that_is_stored_for_a_client_has_words() -> None:
    of_the_practice = {"snippet", "style_profile", "quality"}
    words = english()
    assert [kind for kind in kind_rules() if kind not in of_the_practice and not words.has("kinds", kind)] == []


def test_every_state_reason_and_look_has_words() -> None:
    words = english()
    assert [state for state in DraftState if not words.has("states", state.value)] == []
    assert [reason for reason in PLAIN_REASONS.values() if not words.has("reasons", reason)] == []
    assert [code for code in reasons() if not words.has("emergency_reasons", code)] == []


# --- in which words ---


def test_the_measure_of_reading_level_is_the_usual_one() -> None:
    """Against grades that the formula's literature and common tools give, within a grade and a half."""
    gettysburg = (
        "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in "
        "Liberty, and dedicated to the proposition that all men are created equal."
    )
    assert grade("The cat sat on the mat.") == pytest.approx(-1.45, abs=0.5)
    assert grade(gettysburg) == pytest.approx(14.5, abs=1.5)
    assert [syllables(word) for word in ("recording", "made", "therapist", "deleted", "used", "notes")] == [
        3, 1, 3, 3, 1, 1,
    ]  # fmt: skip


def test_the_page_reads_at_about_the_eighth_grade(world) -> None:
    give(world, consent(world), consent(world, "ai_processing"))
    client = world.signed_in()
    client.get(world.path)
    assert grade(text_of(client.get(PAGE).text)) <= 8.0


def test_no_sentence_of_the_file_is_far_above_it() -> None:
    texts = [
        *english().texts.values(),
        *(line for name, lines in english().lists.items() if name != "months" for line in lines),
    ]
    sentences = [re.sub(r"\{\w+\}", "May", text) for text in texts if len(text.split()) >= 8]
    assert len(sentences) > 25
    assert [text for text in sentences if grade(text) > 11] == []
    assert grade("\n".join(sentences)) <= 8.0


def test_a_practice_translates_it_and_a_missing_word_is_found_at_the_start(tmp_path: Path) -> None:
    data = yaml.safe_load(Path(client_words.__file__).with_name("client_words.en.yaml").read_text("utf-8"))
    file = tmp_path / "es.yaml"
    file.write_text(
        yaml.safe_dump(data | {"language": "es", "title": "Su atención y la IA"}, allow_unicode=True), "utf-8"
    )
    assert words_of(file)("title") == "Su atención y la IA"
    file.write_text(yaml.safe_dump(data | {"lead": "Para {name}."}), "utf-8")
    with pytest.raises(Invalid, match="lead"):
        words_of(file)
    assert words_of(None) is english()


# --- to whom, and on paper ---


@pytest.mark.parametrize(
    ("user", "status"), [(CLINICIAN, 200), (SUPERVISOR, 200), (MANAGER, 200), (COLLEAGUE, 404), (BILLER, 404)]
)
def test_only_who_is_responsible_for_the_client_or_the_practice_sees_it(world, user, status) -> None:
    give(world, consent(world))
    answer = world.signed_in(user.id).get(PAGE)
    assert answer.status_code == status
    if status == 404:
        assert "Marigold" not in answer.text
        assert world.actions(Action.ACCESS_DENIED)


def test_in_an_emergency_the_disclosures_are_not_shown(world) -> None:
    give(world, consent(world))
    colleague = world.signed_in(COLLEAGUE.id)
    world.confirm(colleague)
    colleague.post("/emergency", data={"client_id": "c-1", "reason_code": "crisis", "words": "Called in despair."})
    assert "Ask us for the list." in text_of(colleague.get(PAGE).text)
    assert world.actions(Action.DISCLOSURES_VIEWED) == []


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_it_prints_without_the_applications_own_parts(browser: Browser, world, paper: str) -> None:
    give(world, consent(world), consent(world, "ai_processing"))
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{world.base_url}/login/start?next={PAGE}")
    expect(page.get_by_role("heading", name="How to stop this")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with pypdfium2.PdfDocument(page.pdf(format=paper)) as printed:
        text = "".join(sheet.get_textpage().get_text_range() for sheet in printed)
        assert len(printed) <= 3
    assert "How AI was used in your care" in text
    assert "Sign out" not in text
    assert "Details for the practice" not in text
    context.close()
