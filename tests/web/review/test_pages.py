"""What the queue and the draft page say."""

from dataclasses import replace
from datetime import timedelta

from therapyflows.core.chart import User
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import DRAFT
from therapyflows.governance.audit.model import Action


def test_the_queue_lists_own_clients_only_oldest_first(world) -> None:
    world.clock.ahead = timedelta(hours=1)
    world.seed(2, "c-2")
    world.seed(3, "c-9")
    page = world.signed_in().get("/").text
    assert page.index("Marigold Fernweh") < page.index("Jaz Quillfeather")
    assert page.count('class="card" href=') == 2
    assert "8 supported" in page
    assert "23 Nov 2026" in page
    assert "Due in 8 days" in page or "Due in 9 days" in page


def test_an_empty_queue_is_friendly(world) -> None:
    assert "Nothing waits for you" in world.signed_in("u-coll").get("/").text


def test_a_name_that_cannot_be_had_does_not_hide_the_draft(world) -> None:
    world.clients.clear()
    page = world.signed_in().get("/").text
    assert "Name not available" in page
    assert world.draft_id in page


def test_an_overdue_draft_says_so(world) -> None:
    world.store.drafts.update(world.draft_id, deadline=world.clock() - timedelta(hours=3))
    assert "3 hours overdue" in world.signed_in().get("/").text


def test_the_draft_page_says_how_it_came_to_be(world) -> None:
    page = world.signed_in().get(world.path).text
    assert "Drafted without a language model" in page
    assert "swap the speakers if it is wrong" in page
    assert "soap-evidence/1" in page
    assert "http://127.0.0.1:4200/runs/flow-run/run-1" in page
    assert "faster-whisper base int8" in page
    assert "53 min" in page
    assert world.actions(Action.DRAFT_VIEWED) == ["ok"]


def test_the_consequences_of_doubt_are_shown(world) -> None:
    page = world.signed_in().get(world.path).text
    assert "2 statements are not supported by the session" in page
    assert "the client says that two days were missed" in page
    assert 'id="approve" disabled' in page
    assert "1 line will say “not assessed”" in page


def test_a_disclosed_risk_is_said_first_and_loudly(world) -> None:
    draft = world.working()
    risk = Notice("risk_disclosed", "The client speaks of harm.")
    raw = DRAFT.dump_json(replace(draft, warnings=(Notice("cpt_too_short", "No CPT code."), risk)))
    world.store.contents.put("c-1", "draft", raw, content_id=world.record().draft_content_id)
    page = world.signed_in().get(world.path).text
    notices = page.split('class="notices"')[1]
    assert notices.index("The client speaks of harm.") < notices.index("Drafted without")
    assert 'data-notice="risk_disclosed" class="urgent"' in notices


def test_a_draft_in_preparation_says_so(world) -> None:
    world.store.drafts.move(world.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.PREPARING)
    assert "Being prepared" in world.signed_in().get(world.path).text


def test_a_person_without_clients_sees_an_empty_queue(world) -> None:
    world.users["u-new"] = User(id="u-new", name="New Here", roles=world.users["u-clin"].roles)
    assert "Nothing waits for you" in world.signed_in("u-new").get("/").text


def test_the_service_says_that_it_is_up(world) -> None:
    import httpx

    assert httpx.get(f"{world.base_url}/healthz").status_code == 200
