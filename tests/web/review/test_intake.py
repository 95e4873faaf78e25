"""An intake form in Chromium, as a clinician verifies it: risk first, beside the page, until nothing is open."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from tests.web.review.conftest import serving_world

from therapyflows.app.intake import check_form
from therapyflows.core.chart import Client
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Transient
from therapyflows.core.ids import derived_id
from therapyflows.core.intake import content_ids
from therapyflows.core.intake.draft import INTAKE_DRAFT, IntakeDraft, RiskFlag, RiskLevel, WelcomeMessage
from therapyflows.core.intake.duplicates import DuplicateCandidate
from therapyflows.core.intake.fields import with_field
from therapyflows.core.intake.model import (
    Box,
    ContactDetails,
    Demographics,
    Extracted,
    FormSource,
    IntakeForm,
    MeasureAnswers,
    Method,
    Presenting,
)
from therapyflows.core.intake.review import Recheck
from therapyflows.governance.audit.model import Action

HOSTILE = "<script>document.title='owned'</script>"
BIRTH_DATE = "demographics.birth_date"
TWIN = Client(id="c-77", first_name="Marigold", last_name="Fernweh", phone="(617) 555-0142", email="mf@example.com")


def read(value: object, top: float, confidence: float = 0.97) -> Extracted:
    """A value that stands on page 1 at this height."""
    box = Box(0.3, top, 0.7, top + 0.03)
    return Extracted(value, confidence=confidence, method=Method.OCR, raw=str(value), page=1, box=box)


def form() -> IntakeForm:
    items = tuple(read(value, 0.5 + 0.04 * at) for at, value in enumerate((1, 1, 2, 1, 0, 1, 1, 0, 2)))
    return IntakeForm(
        source=FormSource.SCAN,
        page_count=1,
        demographics=Demographics(first_name=read("Marigold", 0.1), last_name=read("Fernweh", 0.14)),
        contact=ContactDetails(phone=read("(617) 555-0142", 0.18), city=read("Carnbridge", 0.22, confidence=0.4)),
        presenting=Presenting(problem=read(HOSTILE, 0.3)),
        phq9=MeasureAnswers("phq9", items),
    )


def page_picture() -> bytes:
    picture = Image.new("L", (600, 800), "white")
    ImageDraw.Draw(picture).text((180, 82), "Marigold")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def intake_draft(world) -> IntakeDraft:
    """No birth date, item 9 positive, perhaps a client already."""
    findings = check_form(form(), date(2026, 11, 25))[1]
    risks = (RiskFlag("phq9_item9", RiskLevel.URGENT, "phq9.items.8"),)
    world.clients["c-77"] = TWIN
    twins = (DuplicateCandidate("c-77", 24.0, ("last_name", "phone"), ("email",)),)
    welcome = WelcomeMessage("Welcome", "Dear Marigold, welcome.")
    return IntakeDraft(form(), findings, "1", risks, twins, welcome=welcome)


def seed_intake(world, client_id: str = "c-1", draft: IntakeDraft | None = None) -> DraftRecord:
    """An intake in review."""
    draft = draft or intake_draft(world)
    now = world.deps.clock()
    draft_id = derived_id("drf", "intake", client_id)
    world.store.contents.put(client_id, "draft", INTAKE_DRAFT.dump_json(draft), content_id="int-1", draft_id=draft_id)
    page_id = content_ids.page_id(draft_id, 1)
    world.store.contents.put(client_id, "page_image", page_picture(), content_id=page_id, draft_id=draft_id)
    return world.store.drafts.claim(
        DraftRecord(
            id=draft_id, workflow="intake", client_id=client_id, clinician_id="u-clin", appointment_id="",
            source_ref="d-1", format="intake", state=DraftState.IN_REVIEW, version=1, created_at=now, updated_at=now,
            deadline=now + timedelta(days=7), flow_run_id="run-intake", draft_content_id="int-1",
        )
    )  # fmt: skip


def working(world, record: DraftRecord) -> IntakeDraft:
    row = world.store.drafts.get(record.id)
    return INTAKE_DRAFT.validate_json(world.store.contents.get(row.edited_content_id or row.draft_content_id))


@pytest.fixture
def record(world) -> DraftRecord:
    return seed_intake(world)


@pytest.fixture
def intake(page: Page, world, record: DraftRecord) -> Page:
    page.goto(f"{world.base_url}/")
    page.locator(f"#open-{record.id}").click()
    expect(page.get_by_role("heading", name="Marigold Fernweh")).to_be_visible()
    return page


def post(client, url: str, /, **fields: str):
    return client.post(url, data=fields, follow_redirects=False)


def field(page: Page, path: str):
    return page.locator(f'[id="u-{path}"]')


def test_risk_comes_first_and_text_of_the_form_is_shown_as_text(intake: Page) -> None:
    first = intake.locator(".fields li").first
    expect(first).to_have_attribute("data-path", "phq9.items.8")
    expect(first).to_contain_text("told at once")
    expect(intake.locator('[id="f-presenting.problem"] .value')).to_have_text(HOSTILE)
    assert "owned" not in intake.title()


def test_a_field_shows_its_place_on_the_page(intake: Page) -> None:
    picture = intake.locator("#page-1 img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 600
    field(intake, "contact.city").focus()
    expect(intake.locator('[data-box="contact.city"]')).to_have_class("unsure is-shown")
    intake.locator('[data-box="demographics.first_name"]').click()
    expect(intake.locator('[id="f-demographics.first_name"]')).to_be_focused()


def test_an_intake_is_verified_point_by_point_and_approved(intake: Page, world, record: DraftRecord) -> None:
    expect(intake.get_by_role("button", name="Approve and write")).to_be_disabled()
    place = field(intake, BIRTH_DATE)
    place.get_by_text("Fill in").click()
    place.get_by_label("Birth date").fill("1991-04-03")
    place.get_by_role("button", name="Save").click()
    place = field(intake, "contact.city")
    place.get_by_text("Correct", exact=True).click()
    place.get_by_role("textbox", name="City").fill("Cambridge")
    place.get_by_role("button", name="Save").click()
    intake.get_by_role("button", name="Accept Item 9").first.click()
    intake.get_by_label("No, somebody else").check()
    intake.get_by_role("button", name="Save the answer").click()
    expect(intake.get_by_role("heading", name="0 open points")).to_be_visible()
    intake.get_by_label("I have compared these values").check()
    intake.get_by_role("button", name="Approve and write").click()
    expect(intake.get_by_role("heading", name="Approved")).to_be_visible()
    decision = world.store.decisions.for_draft(record.id)
    approved = INTAKE_DRAFT.validate_json(world.store.contents.get(decision.content_id))
    assert approved.form.demographics.birth_date.value == date(1991, 4, 3)
    assert approved.form.contact.city.value == "Cambridge"
    world.wait_until(lambda: ("run-intake", decision.id) in world.runs.resumed)


def test_a_blocking_check_may_stand_with_a_reason(intake: Page, world, record: DraftRecord) -> None:
    intake.get_by_text("Let stand: The birth date is missing").click()
    intake.get_by_label("Why may this stand?").first.fill("She will bring her licence.")
    intake.get_by_role("button", name="Let it stand").first.click()
    expect(intake.locator('[data-code="birth_date_given"]')).to_have_count(0)
    assert [entry.key for entry in working(world, record).settled] == ["birth_date_given"]
    told = repr(world.store.audit.search(client_id="c-1"))
    assert "licence" not in told


def test_what_cannot_be_read_is_marked_so(intake: Page, world, record: DraftRecord) -> None:
    field(intake, "contact.city").get_by_role("button", name="Mark City as unreadable").click()
    expect(field(intake, "contact.city").locator(".value")).to_have_text("cannot be read")
    assert working(world, record).form.contact.city.unreadable


def test_the_same_person_is_not_written_and_can_be_rejected(intake: Page, world, record: DraftRecord) -> None:
    intake.get_by_label("Yes, the same person").check()
    intake.get_by_role("button", name="Save the answer").click()
    expect(intake.locator('[data-code="duplicate"]')).to_be_visible()
    intake.get_by_text("Reject this form", exact=True).click()
    intake.get_by_label("Why?", exact=True).select_option("duplicate")
    intake.get_by_role("button", name="Reject; write nothing").click()
    expect(intake.get_by_role("heading", name="Rejected")).to_be_visible()
    assert world.store.drafts.get(record.id).state is DraftState.REJECTED


def test_two_windows_never_overwrite_each_other(world, record: DraftRecord) -> None:
    one = world.signed_in()
    fields = {"path": "contact.city", "value": "Cambridge"}
    assert post(one, f"/intakes/{record.id}/fields/correct", version="1", **fields).status_code == 303
    stale = post(one, f"/intakes/{record.id}/fields/correct", version="1", path="contact.city", value="Boston")
    assert stale.status_code == 409
    assert "Boston" in stale.text
    assert working(world, record).form.contact.city.value == "Cambridge"


def test_what_was_typed_comes_back_when_the_ehr_does_not_answer(store) -> None:
    async def down(_: DraftRecord) -> Recheck:
        raise Transient("ehr_unreachable")

    with serving_world(store, recheck_intake=down) as world:
        record = seed_intake(world)
        url = f"/intakes/{record.id}/fields/correct"
        answer = post(world.signed_in(), url, version="1", path="contact.city", value="Somerville <b>")
        assert answer.status_code == 503
        assert "Somerville &lt;b&gt;</textarea>" in answer.text
        assert world.store.drafts.get(record.id) == record


def test_what_was_typed_on_a_page_that_is_out_of_date_comes_back(world, record: DraftRecord) -> None:
    client = world.signed_in()
    client.headers["X-CSRF-Token"] = "of another session"
    answer = post(client, f"/intakes/{record.id}/findings", version="1", key="k", reason="She will bring it.")
    assert answer.status_code == 403
    assert "She will bring it.</textarea>" in answer.text


@pytest.mark.parametrize("user", ["u-coll", "u-bill"])
def test_somebody_else_sees_neither_the_form_nor_its_pages(world, record: DraftRecord, user: str) -> None:
    client = world.signed_in(user)
    for path in ("", "/pages/1"):
        answer = client.get(f"/intakes/{record.id}{path}")
        assert answer.status_code in (403, 404)
        assert "Marigold" not in answer.text
    refused = post(client, f"/intakes/{record.id}/fields/correct", version="1", path="contact.city", value="x")
    assert refused.status_code in (403, 404)
    assert world.actions(Action.ACCESS_DENIED)
    assert working(world, record).form == form()


def test_who_asks_for_the_picture_of_a_page_alone_stands_in_the_trail(world, record: DraftRecord) -> None:
    client = world.signed_in()
    for _ in range(2):
        assert client.get(f"/intakes/{record.id}/pages/1").headers["content-type"] == "image/jpeg"
    (told,) = world.details(Action.DRAFT_VIEWED)
    assert told["what"] == "page_images"


def test_a_session_note_is_no_intake_and_an_unknown_field_changes_nothing(world, record: DraftRecord) -> None:
    client = world.signed_in()
    assert client.get(f"/intakes/{world.draft_id}").status_code == 404
    moved = client.get(f"/drafts/{record.id}", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (303, f"/intakes/{record.id}")
    assert post(client, f"/drafts/{record.id}/codes", version="1").status_code == 404
    assert post(client, f"/drafts/{record.id}/reject", version="1", reason_code="other").status_code == 404
    unknown = post(client, f"/intakes/{record.id}/fields/correct", version="1", path="__class__", value="x")
    malformed = post(client, f"/intakes/{record.id}/fields/correct", version="1", path=BIRTH_DATE, value="soon")
    assert (unknown.status_code, malformed.status_code) == (404, 422)
    assert working(world, record).form == form()


def test_that_it_is_another_clients_form_is_not_forgotten_when_something_else_is_corrected(
    world, record: DraftRecord
) -> None:
    world.clients["c-1"] = world.clients["c-1"].model_copy(update={"birth_date": date(1984, 3, 9)})
    client = world.signed_in()
    url = f"/intakes/{record.id}/fields/correct"

    def correct(path: str, value: str) -> set[str]:
        version = str(world.store.drafts.get(record.id).version)
        assert post(client, url, version=version, path=path, value=value).status_code == 303
        return {finding.key for finding in working(world, record).findings if finding.blocks}

    assert "another_clients_form" in correct(BIRTH_DATE, "1991-11-30")
    assert "another_clients_form" in correct("contact.city", "Cambridge")
    assert "another_clients_form" not in correct(BIRTH_DATE, "1984-03-09")


def test_a_correction_searches_again_and_asks_again(world, record: DraftRecord) -> None:
    client = world.signed_in()

    def send(deed: str, **fields: str) -> IntakeDraft:
        version = str(world.store.drafts.get(record.id).version)
        assert post(client, f"/intakes/{record.id}/{deed}", version=version, **fields).status_code == 303
        return working(world, record)

    assert send("duplicate", answer="somebody_else").same_person == "somebody_else"
    world.clients["c-77"] = TWIN.model_copy(update={"birth_date": date(1991, 4, 3)})
    corrected = send("fields/correct", path=BIRTH_DATE, value="1991-04-03")
    assert [c.client_id for c in corrected.duplicates] == ["c-77"]
    assert "birth_date" in corrected.duplicates[0].agrees
    assert corrected.same_person == "unanswered"
    assert "Dear Mari," in send("fields/correct", path="demographics.preferred_name", value="Mari").welcome.body


@pytest.fixture
def prospect(world) -> DraftRecord:
    """The form of somebody who stands in no chart, handed in for the clinician; perhaps a client of theirs already."""
    return seed_intake(world, "prospect:f-1", draft=replace(intake_draft(world), prospective=True))


def test_somebody_without_a_chart_is_shown_to_their_clinician_and_to_nobody_else(world, prospect: DraftRecord) -> None:
    mine = world.signed_in()
    assert "New client" in mine.get("/").text
    page = mine.get(f"/intakes/{prospect.id}").text
    assert "stands in no chart yet" in page
    assert "Marigold Fernweh" in page
    assert world.signed_in("u-sup").get(f"/intakes/{prospect.id}").status_code == 200
    assert world.signed_in("u-coll").get(f"/intakes/{prospect.id}").status_code == 404


def test_somebody_without_a_chart_is_a_client_only_where_the_reviewer_is_responsible(
    world, prospect: DraftRecord
) -> None:
    client = world.signed_in()
    answer = {"answer": "same_person", "client": "c-77"}
    refused = post(client, f"/intakes/{prospect.id}/duplicate", version="1", **answer)
    assert refused.status_code == 403
    assert "not yours" in refused.text
    assert working(world, prospect).same_person == "unanswered"
    world.users["u-clin"] = world.users["u-clin"].model_copy(update={"caseload": ("c-1", "c-77")})
    assert post(client, f"/intakes/{prospect.id}/duplicate", version="1", **answer).status_code == 303
    assert working(world, prospect).same_person_as == "c-77"
    page = client.get(f"/intakes/{prospect.id}").text
    assert "Approve and write the client" in page


def test_a_supervisor_of_the_forms_clinician_is_not_responsible_for_everybody_elses_clients(
    world, prospect: DraftRecord
) -> None:
    supervisor = world.signed_in("u-sup")
    answer = {"answer": "same_person", "client": "c-77"}
    assert post(supervisor, f"/intakes/{prospect.id}/duplicate", version="1", **answer).status_code == 403
    assert working(world, prospect).same_person == "unanswered"
    world.clients["c-77"] = world.clients["c-77"].model_copy(update={"assigned_clinicians": ("u-clin",)})
    assert post(supervisor, f"/intakes/{prospect.id}/duplicate", version="1", **answer).status_code == 303
    unknown = {"answer": "same_person", "client": "c-1"}
    assert post(supervisor, f"/intakes/{prospect.id}/duplicate", version="2", **unknown).status_code == 404


def test_an_open_intake_cannot_be_approved_by_a_forged_request(world, record: DraftRecord) -> None:
    client = world.signed_in()
    refused = post(client, f"/intakes/{record.id}/approve", version="1", attested="yes")
    assert refused.status_code == 422
    assert world.store.drafts.get(record.id).state is DraftState.IN_REVIEW


def test_a_web_form_has_no_pages_and_is_read_all_the_same(page: Page, world) -> None:
    record = seed_intake(world)
    draft = working(world, record)
    bare = replace(draft.form, source=FormSource.WEB_FORM, page_count=0)
    bare = with_field(bare, "contact.city", Extracted("Cambridge", confidence=1.0, method=Method.WEB_FORM))
    world.store.contents.put("c-1", "draft", INTAKE_DRAFT.dump_json(replace(draft, form=bare)), content_id="int-1")
    page.goto(f"{world.base_url}/intakes/{record.id}")
    expect(page.get_by_text("A web form has no pages")).to_be_visible()
