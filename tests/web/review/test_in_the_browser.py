"""The draft page in Chromium, as a clinician uses it: by mouse and by keyboard alone."""

import re
from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect
from tests.web.review.conftest import line
from tests.web.review.practice import session_transcript

from therapyflows.core.chart import Client
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.session_note.model import StatementKind
from therapyflows.core.session_note.review import find
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.model import Span
from therapyflows.governance.evidence.whole.model import NoteFinding


def classes(value: str) -> re.Pattern[str]:
    return re.compile(rf"\b{value}\b")


def test_signing_in_leads_to_the_queue_and_the_queue_to_the_draft(draft: Page, world) -> None:
    assert draft.url == f"{world.base_url}{world.path}"
    assert draft.locator("[data-statement]").count() == 12
    assert draft.locator("[data-segment]").count() == 40


def test_a_statement_shows_its_evidence_and_scrolls_to_it(draft: Page) -> None:
    line(draft, "st11").focus()
    expect(draft.locator("#seg-s38")).to_have_class(classes("is-linked"))
    expect(draft.locator("#seg-s38 mark")).to_have_text("I can do three")
    expect(draft.locator("#seg-s36")).to_be_in_viewport()
    assert draft.locator(".turn.is-linked").count() == 3
    line(draft, "st1").hover()
    expect(draft.locator("#seg-s2")).to_have_class(classes("is-linked"))
    expect(draft.locator("#seg-s38")).not_to_have_class(classes("is-linked"))
    expect(draft.locator("#seg-s38 mark")).to_have_count(0)


def test_a_turn_shows_the_statements_that_rest_on_it(draft: Page) -> None:
    draft.locator("#seg-s39 .said").click()
    expect(line(draft, "st11")).to_have_class(classes("is-linked"))
    expect(line(draft, "st12")).to_have_class(classes("is-linked"))
    expect(line(draft, "st1")).not_to_have_class(classes("is-linked"))
    expect(line(draft, "st11")).to_be_in_viewport()


def test_the_keyboard_alone_is_enough(draft: Page) -> None:
    line(draft, "st1").focus()
    draft.keyboard.press("j")
    expect(line(draft, "st2")).to_be_focused()
    draft.keyboard.press("k")
    expect(line(draft, "st1")).to_be_focused()
    draft.keyboard.press("n")
    expect(line(draft, "st5")).to_be_focused()
    draft.keyboard.press("e")
    expect(draft.locator("#text-st5")).to_be_focused()
    draft.keyboard.type(" jnpe?")
    draft.keyboard.press("Escape")
    expect(line(draft, "st5")).to_be_focused()
    expect(draft.locator("#text-st5")).to_be_hidden()
    draft.keyboard.press("?")
    expect(draft.get_by_role("dialog")).to_be_visible()
    draft.keyboard.press("Escape")
    draft.locator("#seg-s1").focus()
    draft.keyboard.press("ArrowDown")
    expect(draft.locator("#seg-s2")).to_be_focused()
    expect(line(draft, "st1")).to_have_class(classes("is-linked"))


def test_a_turn_is_taken_off_the_record_and_put_back_by_keyboard_alone(draft: Page, world) -> None:
    turn = draft.locator("#seg-s2")
    turn.focus()
    expect(turn).to_be_focused()
    draft.keyboard.press("Tab")
    expect(turn.get_by_role("button", name="Take this turn off the record")).to_be_focused()
    draft.keyboard.press("Enter")
    expect(turn).to_have_class(classes("withheld"))
    draft.wait_for_load_state("domcontentloaded")  # the page came anew: its scripts hear keys from here on
    expect(turn.locator(".said")).to_be_hidden()
    turn.get_by_text("Off the record: held back from draft and models").click()
    expect(turn.locator(".said")).to_be_visible()
    turn.focus()
    draft.keyboard.press("o")
    expect(turn).not_to_have_class(classes("withheld"))
    expect(turn.locator(".said")).to_be_visible()


def test_single_key_shortcuts_can_be_turned_off(draft: Page) -> None:
    draft.get_by_role("button", name=re.compile("Keyboard")).click()
    draft.get_by_label("Single-key shortcuts on").uncheck()
    draft.keyboard.press("Escape")
    line(draft, "st1").focus()
    draft.keyboard.press("j")
    expect(line(draft, "st1")).to_be_focused()


def test_the_evidence_is_played_where_it_was_said(draft: Page, world) -> None:
    asked: list[str] = []
    draft.on("request", lambda r: asked.append(r.all_headers().get("range", "")) if "/recording" in r.url else None)
    line(draft, "st7").focus()
    assert asked == []
    # The evidence lasts five seconds and playing stops behind it: a machine that is slower than that sees it only so.
    draft.evaluate("document.querySelector('audio').defaultPlaybackRate = 0.1")
    draft.keyboard.press("p")
    draft.wait_for_function(
        "() => { const a = document.querySelector('audio'); return a.currentTime > 144.2 && !a.paused }"
    )
    assert draft.evaluate("document.querySelector('audio').currentTime") < 150
    expect(draft.locator("#seg-s25")).to_have_class(classes("is-playing"))
    assert any(header.startswith("bytes=") for header in asked)
    draft.keyboard.press("p")
    draft.wait_for_function("() => document.querySelector('audio').currentTime >= 150.2")
    expect(draft.locator("#seg-s26")).to_have_class(classes("is-playing"))
    draft.keyboard.press("s")
    draft.wait_for_function("() => document.querySelector('audio').paused")
    assert world.actions(Action.RECORDING_PLAYED) == ["ok"]


def test_playing_stops_after_the_evidence(draft: Page) -> None:
    line(draft, "st7").focus()
    draft.keyboard.press("Enter")
    draft.wait_for_function(
        "() => { const a = document.querySelector('audio'); return a.paused && a.currentTime > 149 }"
    )
    assert draft.evaluate("document.querySelector('audio').currentTime") < 151


def test_an_edit_is_saved_in_place(draft: Page, world) -> None:
    line(draft, "st3").focus()
    draft.keyboard.press("e")
    draft.locator("#text-st3").fill("She describes two such episodes.")
    draft.keyboard.press("Control+Enter")
    expect(line(draft, "st3").locator(".text")).to_have_text("She describes two such episodes.")
    expect(line(draft, "st3").locator(".badge")).to_have_text("Your words")
    expect(line(draft, "st3")).to_be_focused()
    assert find(world.working(), "st3").kind == StatementKind.CLINICIAN
    line(draft, "st3").get_by_role("button", name="Undo edit").click()
    expect(line(draft, "st3").locator(".badge")).to_have_text("Partly supported")


def test_after_a_conflict_the_words_stay_in_the_box_beside_the_present_text(draft: Page, world) -> None:
    line(draft, "st3").get_by_text("Edit", exact=True).click()
    draft.locator("#text-st3").fill("My careful words.")
    world.post(world.signed_in("u-sup"), "statements/st3/edit", text="The supervisor's words.")
    line(draft, "st3").get_by_role("button", name="Save").click()
    expect(draft.locator("#message")).to_contain_text("changed after you opened it")
    expect(draft.locator("#text-st3")).to_have_value("My careful words.")
    expect(line(draft, "st3").locator(".text")).to_have_text("The supervisor's words.")
    line(draft, "st3").get_by_role("button", name="Save").click()
    expect(line(draft, "st3").locator(".text")).to_have_text("My careful words.")


def test_signed_out_meanwhile_the_words_stay_and_can_be_saved_after_signing_in_again(draft: Page, world) -> None:
    line(draft, "st3").get_by_text("Edit", exact=True).click()
    draft.locator("#text-st3").fill("My careful words.")
    kept = draft.context.cookies()
    draft.context.clear_cookies()
    line(draft, "st3").get_by_role("button", name="Save").click()
    expect(draft.locator("#message")).to_contain_text(re.compile("signed out|out of date"))
    expect(draft.locator("#text-st3")).to_have_value("My careful words.")
    assert kept
    other = draft.context.new_page()
    other.goto(f"{world.base_url}/login/start")
    line(draft, "st3").get_by_role("button", name="Save").click()
    expect(line(draft, "st3").locator(".text")).to_have_text("My careful words.")


def test_the_page_leaves_when_nobody_is_there_any_more(draft: Page, world) -> None:
    draft.clock.install()
    draft.reload()
    world.clock.ahead = timedelta(minutes=16)
    draft.clock.fast_forward("16:00")
    expect(draft).to_have_url(re.compile("/login"))


def test_unsaved_words_are_covered_and_kept_when_nobody_is_there(draft: Page, world) -> None:
    draft.clock.install()
    draft.reload()
    line(draft, "st3").get_by_text("Edit", exact=True).click()
    draft.locator("#text-st3").fill("My careful words.")
    draft.clock.fast_forward("16:00")
    expect(draft.locator("body")).to_have_class(classes("is-locked"))
    draft.mouse.click(300, 300)
    expect(draft.locator("body")).not_to_have_class(classes("is-locked"))
    expect(draft.locator("#text-st3")).to_have_value("My careful words.")


def test_a_reason_that_names_a_turn_leads_to_it(draft: Page) -> None:
    line(draft, "st9").get_by_role("link", name="1:54").click()
    expect(draft.locator("#seg-s20")).to_be_focused()
    expect(draft.locator("#seg-s20")).to_be_in_viewport()


def test_removing_adding_and_ticking(draft: Page, world) -> None:
    line(draft, "st9").get_by_role("button", name="Remove").click()
    expect(line(draft, "st9")).to_have_count(0)
    expect(line(draft, "st10")).to_be_focused()
    draft.get_by_text("+ Add to Plan").click()
    draft.get_by_label("New statement in Plan").fill("Call the prescriber about the missed days.")
    draft.get_by_role("button", name="Add", exact=True).click()
    expect(draft.locator("[data-section=plan] .text").last).to_have_text("Call the prescriber about the missed days.")
    draft.get_by_role("checkbox", name=re.compile("G47.00")).uncheck()
    expect(draft.locator("#message")).to_have_text("Saved")
    world.wait_until(lambda: [c.code for c in world.working().codes] == ["90837", "F41.1"])


def test_swapping_the_speakers(draft: Page) -> None:
    draft.get_by_role("button", name=re.compile("Swap speakers")).click()
    expect(draft.locator("#seg-s1 .by")).to_have_text("Client")
    expect(line(draft, "st1").locator(".badge")).to_have_text("Contradicted")


def test_approving_from_the_first_look_to_the_posted_note(draft: Page, world) -> None:
    expect(draft.get_by_role("button", name="Approve and post")).to_be_disabled()
    line(draft, "st5").get_by_role("button", name="Keep as it is").click()
    expect(line(draft, "st5")).to_contain_text("Kept by you")
    line(draft, "st9").get_by_role("button", name="Remove").click()
    expect(draft.get_by_role("button", name="Approve and post")).to_be_enabled()
    draft.get_by_role("button", name="Approve and post").click()
    assert world.record().state == DraftState.IN_REVIEW  # the attestation is missing
    draft.get_by_label(re.compile("I am responsible for it")).check()
    draft.get_by_role("button", name="Approve and post").click()
    expect(draft.get_by_role("heading", name="Approved, being posted")).to_be_visible()
    assert world.runs.resumed == [("run-1", world.store.decisions.for_draft(world.draft_id).id)]
    changes = {"expected": [DraftState.APPROVED], "to": DraftState.POSTED, "ehr_note_id": "note-77"}
    world.store.drafts.move(world.draft_id, **changes)
    expect(draft.get_by_role("heading", name="Posted")).to_be_visible()
    expect(draft.get_by_text("note-77")).to_be_visible()
    draft.get_by_role("link", name="Back to what waits for you").click()
    expect(draft.get_by_role("heading", name="Nothing waits for you")).to_be_visible()


def test_rejecting(draft: Page, world) -> None:
    draft.get_by_text("Reject this draft").click()
    draft.get_by_label("Why?").select_option("inaccurate")
    draft.get_by_label(re.compile("In your words")).fill("The pills are wrong.")
    draft.get_by_role("button", name=re.compile("^Reject;")).click()
    expect(draft.get_by_role("heading", name="Rejected")).to_be_visible()
    assert world.record().state == DraftState.REJECTED


def test_an_unsaved_edit_is_not_decided_away(draft: Page, world) -> None:
    world.settle_all(world.signed_in())
    draft.reload()
    draft.get_by_label(re.compile("I am responsible for it")).check()
    line(draft, "st1").get_by_text("Edit", exact=True).click()
    draft.locator("#text-st1").fill("Not saved yet.")
    draft.get_by_role("button", name="Approve and post").click()
    expect(draft.locator("#message")).to_contain_text("Save or cancel this edit")
    assert world.record().state == DraftState.IN_REVIEW


def test_hostile_text_stays_text_also_while_it_is_highlighted(page: Page, world) -> None:
    payload = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
    world.clients["c-2"] = Client(id="c-2", first_name="Jaz", last_name=payload)
    draft_id = world.seed(2, "c-2", **world.hostile(payload))
    page.goto(f"{world.base_url}/drafts/{draft_id}")
    line(page, "st1").focus()
    expect(page.locator("#seg-s2 mark")).to_have_text(payload)
    expect(line(page, "st1").locator(".text")).to_contain_text(payload)
    expect(page.get_by_role("heading", level=1)).to_contain_text(payload)
    page.locator("#seg-s2").focus()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img").count() == 0


def test_two_windows_approve_at_once(browser: Browser, world) -> None:
    world.settle_all(world.signed_in())
    world.sign_in.user_id = "u-clin"
    first = browser.new_context().new_page()
    first.goto(f"{world.base_url}/login/start?next={world.path}")
    world.sign_in.user_id = "u-sup"
    second = browser.new_context().new_page()
    second.goto(f"{world.base_url}/login/start?next={world.path}")
    for page in (first, second):
        page.get_by_label(re.compile("I am responsible for it")).check()
    first.get_by_role("button", name="Approve and post").click()
    expect(first.get_by_role("heading", name="Approved, being posted")).to_be_visible()
    second.get_by_role("button", name="Approve and post").click()
    expect(second.get_by_role("heading", name="Changed meanwhile")).to_be_visible()
    second.get_by_role("link", name="Open the draft as it is now").click()
    expect(second.get_by_text("Wren Tamarack")).to_be_visible()
    assert len(world.runs.resumed) == 1
    for page in (first, second):
        page.context.close()


def test_a_narrow_screen_keeps_the_evidence_in_sight(browser: Browser, world) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{world.base_url}/login/start?next={world.path}")
    line(page, "st11").focus()
    expect(page.locator("#seg-s36 mark")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_reading_correcting_and_deciding_work_without_scripts(browser: Browser, world) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{world.base_url}/login/start?next={world.path}")
    page.locator("#st-st5").get_by_role("button", name="Keep as it is").click()
    page.locator("#st-st9").get_by_role("button", name="Remove").click()
    page.get_by_label(re.compile("I am responsible for it")).check()
    page.get_by_role("button", name="Approve and post").click()
    page.get_by_role("heading", name="Approved, being posted").wait_for()
    assert world.record().state == DraftState.APPROVED
    context.close()


def test_nothing_is_loaded_from_elsewhere(browser: Browser, world) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{world.base_url}/login/start?next={world.path}")
    assert {url.split("/")[2] for url in asked} == {world.base_url.split("/")[2]}
    context.close()


def test_the_clients_page_is_read_by_headings_tables_and_keyboard_alone_and_printed_whole(draft: Page, world) -> None:
    draft.get_by_role("link", name="What was done for this client").click()
    draft.get_by_role("link", name="Details for the practice").click()
    expect(draft.get_by_role("heading", name="Marigold Fernweh", level=1)).to_be_visible()
    sections = ["Consents", "What was done with each session and form", "In work now", "What is kept, and until when"]
    sections += ["What was deleted, and why", "Who looked"]
    assert draft.get_by_role("heading", level=2).all_inner_texts() == sections
    for name in ("What was done with each session and form", "What is kept, and until when", "Who looked"):
        table = draft.get_by_role("region", name=name).get_by_role("table")
        assert table.get_by_role("columnheader").count() >= 4
        assert table.get_by_role("rowheader").count() >= 1
        assert table.get_by_role("row").count() == table.get_by_role("rowheader").count() + 1
    draft.get_by_role("navigation", name="On this page").get_by_role("link", name="Kept").focus()
    draft.keyboard.press("Enter")
    expect(draft.get_by_role("heading", name="What is kept, and until when")).to_be_in_viewport()
    assert draft.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    draft.set_viewport_size({"width": 375, "height": 800})
    assert draft.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    draft.emulate_media(media="print")
    expect(draft.get_by_role("navigation", name="On this page")).to_be_hidden()
    expect(draft.get_by_role("heading", name="Who looked")).to_be_visible()


def test_what_was_left_out_is_shown_played_and_added(page: Page, world) -> None:
    said = next(s for s in session_transcript().segments if s.id == "s20")
    span = Span(said.id, said.start_s, said.end_s, said.text)
    omission = NoteFinding("omitted_homework", "The source speaks of homework here; the note does not.", spans=(span,))
    world.put_machine_draft(replace(world.working(), findings=(omission,)))
    page.goto(f"{world.base_url}{world.path}")
    found = page.locator(f"#finding-{omission.key}")
    found.get_by_role("button", name="Play and show where it is said").click()
    expect(page.locator("#seg-s20 mark")).to_have_text(said.text)
    expect(page.locator("#seg-s20")).to_be_in_viewport()
    found.get_by_role("button", name="Add to the note").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(found).to_have_count(0)
    expect(page.locator("[data-statement]")).to_have_count(13)


def test_a_contradiction_to_the_chart_is_excused_in_place(draft: Page, world) -> None:
    world.chart.change = lambda context: replace(
        context, appointment=context.appointment.model_copy(update={"actual_minutes": 45})
    )
    draft.reload()
    expect(draft.locator("#approve")).to_be_disabled()
    found = draft.locator('[data-finding="chart_cpt"]')
    found.get_by_text("File it all the same").click()
    found.get_by_label(re.compile("Why may it stand")).fill("The front desk mistyped it.")
    found.get_by_role("button", name="Save the reason").click()
    expect(found).to_contain_text("You file it all the same: The front desk mistyped it.")
    assert [excuse.reason for excuse in world.working().excused] == ["The front desk mistyped it."]


# --- the audit trail ----------------------------------------------------------------------------------------------


def test_an_administrator_searches_and_verifies_the_trail(browser: Browser, world) -> None:
    world.sign_in.user_id = "u-mgr"
    page = browser.new_page(base_url=world.base_url)
    page.goto("/login/start?next=/audit")
    page.goto("/audit")
    page.get_by_label("Person or service").fill("u-mgr")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).not_to_have_count(0)
    expect(page.get_by_label("Person or service")).to_have_value("u-mgr")
    page.get_by_role("button", name="Verify the whole trail").click()
    expect(page.get_by_role("heading", name="The trail is intact")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Back to the audit trail").click()
    page.get_by_role("button", name="Export as a file").click()
    page.get_by_role("link", name="Enter the password, then try again").click()
    page.get_by_role("link", name="Enter the password at the EHR").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as a file").click()
    assert download.value.suggested_filename.endswith(".jsonl")
    page.close()
