"""The audit trail in the application: for administrators alone; each look is an entry itself."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from tests.web.review.practice import MANAGER

from therapyflows.core.disclosure.model import DisclosureRequest
from therapyflows.core.disclosure.steps import DisclosurePorts, disclose_client_record
from therapyflows.governance.audit.files import verify_export
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.integrations.ehr.memory import MemoryEhr

WORKER = Actor("service", "worker")


@pytest.fixture
def administrator(world) -> httpx.Client:
    return world.signed_in(MANAGER.id)


def append(world, count: int = 1, **changes: object) -> None:
    entry = AuditEntry(Action.DRAFT_STORED, WORKER, "draft/drf_x", "c-77", "run-77")
    world.store.audit.append_many([replace(entry, **changes)] * count)


def numbers(page: str) -> list[int]:
    return [int(found) for found in re.findall(r"<tr>\s*<td>(\d+)</td>", page)]


def test_entries_are_shown_newest_first_with_ids_and_no_names(world, administrator) -> None:
    append(world, 3)
    answer = administrator.get("/audit", params={"client": "c-77"})
    assert numbers(answer.text) == sorted(numbers(answer.text), reverse=True)
    assert len(numbers(answer.text)) == 3
    assert "run-77" in answer.text
    assert "Fernweh" not in administrator.get("/audit").text


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"client": "c-78"}, 1),
        ({"run": "run-78"}, 1),
        ({"draft": "drf_78"}, 1),
        ({"person": "u-78"}, 1),
        ({"action": "note.posted"}, 1),
        ({"client": "c-77", "action": "note.posted"}, 0),
        ({"client": " c-78 ", "since": "2020-01-01"}, 1),
        ({"client": "c-78", "until": "2020-01-01"}, 0),
    ],
)
def test_entries_are_found_by_client_person_run_draft_action_and_day(world, administrator, asked, count) -> None:
    append(world, 2)
    person = Actor("person", "u-78")
    other = {"client_id": "c-78", "flow_run_id": "run-78", "resource": "draft/drf_78"}
    append(world, **other, actor=person, action=Action.NOTE_POSTED)
    assert len(numbers(administrator.get("/audit", params=asked).text)) == count


def test_many_entries_are_paged_by_number_and_none_is_left_out(world, administrator) -> None:
    append(world, 230)
    path, seen = "/audit?client=c-77", []
    while path:
        page = administrator.get(path).text
        seen += numbers(page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert len(seen) == len(set(seen)) == 230


@pytest.mark.parametrize(
    "asked",
    [
        {"action": "draft.praised"},
        {"since": "yesterday"},
        {"before": "-1"},
        {"before": "9" * 30},
        {"client": "x" * 201},
    ],
)
def test_a_search_that_no_page_sends_is_told(world, administrator, asked: dict[str, str]) -> None:
    assert administrator.get("/audit", params=asked).status_code == 422


def test_what_somebody_typed_is_no_markup(world, administrator) -> None:
    page = administrator.get("/audit", params={"client": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_a_search_for_a_client_leads_to_their_disclosures_and_runs_to_prefect(world, administrator) -> None:
    world.post(world.signed_in(), "reject", reason_code="not_needed")
    administrator = world.signed_in("u-mgr")
    page = administrator.get("/audit", params={"client": "c-1"}).text
    assert 'href="/clients/c-1/disclosures"' in page
    assert 'href="http://127.0.0.1:4200/runs/flow-run/run-1"' in page
    assert "Accounting of disclosures" not in administrator.get("/audit").text
    assert 'href="/clients/' not in administrator.get("/audit", params={"client": "../x"}).text


def test_each_look_is_an_entry(world, administrator) -> None:
    administrator.get("/audit", params={"client": "c-77", "draft": "drf_1"})
    [told] = world.store.audit.search(action=Action.TRAIL_SEARCHED)
    assert (told.entry.actor.id, told.entry.client_id) == (MANAGER.id, "c-77")
    assert told.entry.details["by"] == "client,draft"


@pytest.mark.parametrize("user_id", ["u-clin", "u-sup", "u-bill"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/audit"),
        ("POST", "/audit/export"),
        ("POST", "/audit/verification"),
        ("GET", "/audit/verification/state"),
    ],
)
def test_nobody_else_sees_the_trail(world, user_id: str, method: str, path: str) -> None:
    answer = world.signed_in(user_id).request(method, path)
    assert answer.status_code == 403
    denied = world.store.audit.search(action=Action.ACCESS_DENIED)
    assert [found.entry.actor.id for found in denied if found.entry.resource == "trail"] == [user_id]
    assert world.actions(Action.TRAIL_EXPORTED) == []


def test_only_an_administrator_is_led_there(world, administrator) -> None:
    assert 'href="/audit"' in administrator.get("/audit").text
    assert 'href="/audit"' not in world.signed_in().get("/").text


@pytest.mark.parametrize("path", ["/audit/export", "/audit/verification"])
def test_a_post_from_elsewhere_does_nothing(world, administrator, path: str) -> None:
    administrator.headers.pop("X-CSRF-Token")
    assert administrator.post(path).status_code == 403
    assert world.actions(Action.TRAIL_EXPORTED) == []


# --- verify and export --------------------------------------------------------------------------------------------


def verified(world, administrator: httpx.Client) -> str:
    assert administrator.post("/audit/verification").status_code == 200
    world.wait_until(lambda: "Verifying" not in administrator.get("/audit/verification/state").text)
    return administrator.get("/audit/verification/state").text


def test_an_intact_trail_is_verified_from_the_page(world, administrator) -> None:
    append(world, 5)
    page = verified(world, administrator)
    assert "The trail is intact" in page
    assert world.actions(Action.TRAIL_VERIFIED) == ["ok"]


def test_a_changed_entry_is_named_on_the_page(world, administrator) -> None:
    append(world, 5)
    with world.store.database.write() as session:
        session.execute(text("DROP TRIGGER audit_no_update"))
        session.execute(text("UPDATE audit_entries SET outcome = 'changed' WHERE seq = 3"))
    page = verified(world, administrator)
    assert "NOT intact" in page
    assert "<b>Entry 3</b>: altered" in page
    assert "unguarded" in page
    assert world.actions(Action.TRAIL_VERIFIED) == ["not_intact"]


def test_without_a_verification_there_is_nothing_to_show(world, administrator) -> None:
    assert administrator.get("/audit/verification/state", follow_redirects=False).status_code == 303


def test_an_export_from_the_page_verifies_elsewhere_and_says_who_made_it(world, administrator, tmp_path: Path) -> None:
    append(world, 5)
    assert "Enter the password" in administrator.post("/audit/export").text
    assert world.confirm(administrator, "/audit").url.path == "/audit"
    answer = administrator.post("/audit/export")
    assert answer.headers["content-disposition"].startswith("attachment")
    (tmp_path / "export.jsonl").write_bytes(answer.content)
    report = verify_export(
        tmp_path / "export.jsonl", world.store.audit.checkpoint_folders, world.store.audit.public_key
    )
    assert report.ok
    assert b"trail.exported" in answer.content.splitlines()[-1]


# --- disclosures --------------------------------------------------------------------------------------------------


def disclose(world) -> None:
    store = world.store
    ehr = MemoryEhr([world.clients["c-1"], world.users["u-clin"]])
    ports = DisclosurePorts(ehr, store.drafts, store.decisions, store.contents, store.audit, WORKER, world.clock)
    request = DisclosureRequest("c-1", "Dr. <b>Vesper</b> Lindqvist", "treatment", None, "u-clin")
    asyncio.run(disclose_client_record(ports, request))


@pytest.mark.parametrize("user_id", ["u-clin", "u-sup", "u-mgr"])
def test_who_may_sees_the_accounting_of_a_client(world, user_id: str) -> None:
    world.clients["c-1"] = world.clients["c-1"].model_copy(update={"assigned_clinicians": ("u-clin",)})
    disclose(world)
    page = world.signed_in(user_id).get("/clients/c-1/disclosures").text
    assert "Dr. &lt;b&gt;Vesper&lt;/b&gt; Lindqvist" in page
    assert "Treatment by another provider" in page
    [told] = world.store.audit.search(action=Action.DISCLOSURES_VIEWED)
    assert (told.entry.actor.id, told.entry.client_id) == (user_id, "c-1")


@pytest.mark.parametrize(("user_id", "client_id"), [("u-coll", "c-1"), ("u-bill", "c-1"), ("u-clin", "c-404")])
def test_somebody_else_s_client_and_none_look_the_same(world, user_id: str, client_id: str) -> None:
    disclose(world)
    answer = world.signed_in(user_id).get(f"/clients/{client_id}/disclosures")
    assert answer.status_code == 404
    assert "Lindqvist" not in answer.text
    assert world.actions(Action.DISCLOSURES_VIEWED) == []
