"""Before a session: for whom, what stands there, what a slow or failing EHR leaves, and one printed page."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.review.charted import WORDS, appointment, fill_chart
from tests.web.review.conftest import World, serving_world
from tests.web.review.practice import BILLER, CLINICIAN, COLLEAGUE, MANAGER, SUPERVISOR

from therapyflows.core.chart import Assessment, Client, Consent
from therapyflows.governance.audit.model import Action

PREP = "/clients/c-1/prep"


def fill(world: World, words: str = WORDS) -> None:
    """A chart with something in every part, and a consent that ends soon."""
    soon = Consent(
        id="k-1", kind="recording", status="granted", statement="I agree.",
        granted_at=world.clock() - timedelta(days=300), expires_at=world.clock() + timedelta(days=9),
    )  # fmt: skip
    known = {"consents": (soon,), "assigned_clinicians": (CLINICIAN.id,)}
    world.clients["c-1"] = world.clients["c-1"].model_copy(update=known)
    fill_chart(world, words)


def entries(world: World, action: Action) -> list[object]:
    return [found.entry for found in world.store.audit.search() if found.entry.action is action]


def denied(world: World) -> list[object]:
    """The deeds that were refused."""
    return [entry.details["deed"] for entry in entries(world, Action.ACCESS_DENIED)]


# --- the page ---


def test_everything_that_one_wants_to_know_stands_on_one_page(world) -> None:
    fill(world)
    answer = world.signed_in().get(PREP)
    assert answer.status_code == 200
    for words in (
        "Marigold Fernweh",
        "PHQ-9, latest: item 9: thoughts of death or self-harm",
        "Client slept better and called her sister.",
        "still a draft: not signed",
        "Goal 1:",
        "And 2 more in the chart",
        "-7 since the time before: improved, more than the measure’s own error",
        "+5 since the time before: worsened, more than the measure’s own error",
        "And 3 more in the EHR",
        "Measure – PHQ-9",
        "Recording: <b>ends",
        "Use of AI: <b>not on file",
        f'href="{world.path}"',
        "waits for a decision",
    ):
        assert words in answer.text, words
    assert "Countertransference" not in answer.text
    [entry] = entries(world, Action.SESSION_PREP_VIEWED)
    assert (entry.actor.id, entry.client_id, dict(entry.details)) == (CLINICIAN.id, "c-1", {})


def test_an_empty_chart_says_so(world) -> None:
    page = world.signed_in().get("/clients/c-2/prep").text
    for words in ("No note in the past year", "No active plan", "No measure is on file", "no session in the past year"):
        assert words in page, words


@pytest.mark.parametrize(
    ("user", "status"), [(CLINICIAN, 200), (SUPERVISOR, 200), (COLLEAGUE, 404), (BILLER, 404), (MANAGER, 404)]
)
def test_only_who_is_responsible_for_the_client_prepares_a_session(world, user, status) -> None:
    fill(world)
    answer = world.signed_in(user.id).get(PREP)
    assert answer.status_code == status
    assert len(entries(world, Action.SESSION_PREP_VIEWED)) == (status == 200)
    if status == 404:
        assert "Marigold" not in answer.text
        assert denied(world)[-1] == "view_session_prep"


def test_another_persons_client_and_one_that_does_not_exist_look_the_same(world) -> None:
    client = world.signed_in(COLLEAGUE.id)
    unknown, strangers = client.get("/clients/c-77/prep"), client.get(PREP)
    assert (unknown.status_code, unknown.text) == (404, strangers.text.replace("c-1", "c-77"))


def test_in_an_emergency_it_is_read_marked_and_told_as_such(world) -> None:
    fill(world)
    client = world.signed_in(COLLEAGUE.id)
    world.confirm(client)
    asked = {"client_id": "c-1", "reason_code": "safety", "words": "She called from a bridge."}
    opened = client.post("/emergency", data=asked).text
    assert f'href="{PREP}"' in opened
    page = client.get(PREP)
    assert page.status_code == 200
    assert "<b>Emergency access</b> until" in page.text
    [entry] = entries(world, Action.SESSION_PREP_VIEWED)
    assert entry.details["emergency"].startswith("emg_")


def test_hostile_words_of_the_chart_are_text(world) -> None:
    fill(world, "<script>window.hacked=1</script>")
    page = world.signed_in().get(PREP).text
    assert "<script>window" not in page
    assert "&lt;script&gt;window" in page


# --- an EHR that is slow or fails ---

PARTS = {
    "notes": "the last note cannot be shown",
    "plans": "the treatment plan cannot be shown",
    "assessments": "the measures cannot be shown",
    "tasks": "the tasks cannot be shown",
    "documents": "Not looked at, because the EHR did not answer: documents",
    "appointments": "The next session could not be looked up",
}


@pytest.fixture
def hasty(store) -> Iterator[World]:
    with serving_world(store, chart_part_s=0.5) as made:
        yield made


@pytest.mark.parametrize("how", ["slow", "failing"])
def test_each_part_fails_alone_and_says_so(hasty: World, how: str) -> None:
    fill(hasty)
    client = hasty.signed_in()
    for part, words in PARTS.items():
        setattr(hasty.reads, how, {part})
        page = client.get(PREP).text
        assert words in page, part
        assert sum(other in page for other in PARTS.values()) == 1, part


def test_without_any_answer_the_page_still_stands_with_what_is_here(hasty: World) -> None:
    fill(hasty)
    hasty.reads.failing = set(PARTS)
    hasty.clients.clear()
    page = hasty.signed_in().get(PREP)
    assert page.status_code == 200
    assert "Name not available" in page.text
    assert f'href="{hasty.path}"' in page.text


# --- the list ---


def test_the_list_holds_today_and_tomorrow_of_oneself_and_of_whom_one_supervises(world) -> None:
    fill(world)
    noon = world.clock().astimezone().replace(hour=12, minute=0, second=0, microsecond=0)
    appointment(world, 30, noon, "c-2")
    appointment(world, 31, noon + timedelta(days=1))
    appointment(world, 32, noon + timedelta(days=2))
    appointment(world, 33, noon, "c-9")
    for client_id in ("c-2", "c-9"):
        known = {"assigned_clinicians": (CLINICIAN.id,) if client_id == "c-2" else (COLLEAGUE.id,)}
        client = Client(id=client_id, first_name="Jaz", last_name="Quillfeather")
        world.clients[client_id] = client.model_copy(update=known)
    for user, heading in ((CLINICIAN, "Yours"), (SUPERVISOR, CLINICIAN.name)):
        page = world.signed_in(user.id).get("/sessions").text
        assert f">{heading}</h2>" in page
        assert page.count("Jaz Quillfeather") == 1
        assert page.count("12:00–12:50") == 3
        assert "Not on your caseload" in page
        assert "c-9" not in page
    assert len(entries(world, Action.APPOINTMENTS_VIEWED)) == 2


@pytest.mark.parametrize("user", [BILLER, MANAGER])
def test_who_has_no_sessions_is_refused_plainly(world, user) -> None:
    answer = world.signed_in(user.id).get("/sessions")
    assert answer.status_code == 403
    assert "Your role in the EHR has no sessions to prepare." in answer.text
    assert denied(world)[-1] == "view_appointments"


def test_a_list_that_cannot_be_had_says_so(world) -> None:
    world.reads.failing = {"appointments"}
    assert "The EHR could not be asked, so the appointments are not shown" in world.signed_in().get("/sessions").text


# --- in the browser ---


def test_a_clinician_goes_from_the_list_to_the_page_and_to_the_draft(page: Page, world) -> None:
    fill(world)
    page.get_by_role("link", name="Sessions").first.click()
    page.get_by_role("link", name="Marigold Fernweh").first.click()
    expect(page.get_by_role("heading", name="Marigold Fernweh")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("PHQ-9, 2 times: 15, 8"))).to_be_visible()
    page.get_by_role("link", name="SOAP note").click()
    page.get_by_role("link", name="Before the next session").click()
    expect(page).to_have_url(re.compile(PREP))


@pytest.mark.parametrize("words", ["Client slept better and called her sister.", "So many words of a long day. " * 300])
def test_it_prints_on_one_page_whatever_the_chart_holds(browser: Browser, world, words: str) -> None:
    fill(world, words)
    for number, name in enumerate(("PCL-5", "WHO-5", "AUDIT-C", "DAST-10", "A scale of the practice")):
        world.reads.ehr.add(Assessment(id=f"as-5{number}", client_id="c-1", measure=name, answers=(), score=9))
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{world.base_url}/login/start?next={PREP}")
    expect(page.get_by_role("heading", name="Open tasks")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for paper in ("Letter", "A4"):
        with pypdfium2.PdfDocument(page.pdf(format=paper)) as printed:
            assert len(printed) == 1
    context.close()
