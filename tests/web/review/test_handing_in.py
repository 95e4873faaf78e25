"""The form of somebody new, handed in by the clinician who takes the person on."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from starlette.formparsers import MultiPartParser
from tests.web.review.practice import BILLER, CLINICIAN, MANAGER

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Transient
from therapyflows.core.intake.handing_in import begin_left
from therapyflows.governance.audit.model import Action
from therapyflows.web.review import security

FORM = b"%PDF-1.7 the form of somebody new"


def hand_in(client, content: bytes = FORM, name: str = "Imogen Hale.pdf"):
    return client.post("/intake-forms", files={"form": (name, content)}, follow_redirects=False)


def taken(world, answer):
    assert answer.status_code == 303
    return world.store.drafts.get(answer.headers["location"].rpartition("/")[2])


def test_a_form_is_kept_encrypted_and_its_run_is_started(world, tmp_path: Path) -> None:
    record = taken(world, hand_in(world.signed_in()))
    assert (record.state, record.clinician_id, record.is_prospect) == (DraftState.PREPARING, CLINICIAN.id, True)
    assert world.store.contents.get(record.source_ref) == FORM
    assert world.runs.started == [("intake", {"document_id": record.source_ref}, record.source_ref)]
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert FORM not in kept
    assert b"Imogen" not in kept
    assert world.actions(Action.FORM_HANDED_IN) == ["ok"]


def test_the_same_file_again_is_the_same_intake(world) -> None:
    client = world.signed_in()
    assert taken(world, hand_in(client)).id == taken(world, hand_in(client, name="other.pdf")).id
    assert len({key for _, _, key in world.runs.started}) == 1


def test_when_the_orchestrator_is_away_the_run_begins_by_itself_later(world) -> None:
    client = world.signed_in()
    world.runs.fail_with = [Transient("prefect_unreachable")]
    refused = hand_in(client)
    assert (refused.status_code, "begins by itself" in refused.text) == (503, True)
    assert world.runs.started == []
    world.clock.ahead = timedelta(minutes=2)
    world.wait_until(lambda: world.runs.started)
    (record,) = world.store.drafts.in_state([DraftState.PREPARING])
    assert {key for _, _, key in world.runs.started} == {record.source_ref}


def test_a_form_whose_run_is_known_is_not_begun_again(world) -> None:
    record = taken(world, hand_in(world.signed_in()))
    world.store.drafts.update(record.id, version=record.version, flow_run_id="run-of-it")
    world.runs.started.clear()
    world.clock.ahead = timedelta(minutes=2)
    assert asyncio.run(begin_left(world.store.drafts, world.runs, now=world.clock())) == 0
    assert world.runs.started == []


@pytest.mark.parametrize("user", [BILLER.id, MANAGER.id])
def test_who_takes_nobody_on_is_refused_before_anything_is_kept(world, user: str) -> None:
    client = world.signed_in(user)
    before = len(world.actions(Action.ACCESS_DENIED))
    assert client.get("/intake-forms").status_code == 403
    assert hand_in(client).status_code == 403
    assert len(world.actions(Action.ACCESS_DENIED)) == before + 2
    assert world.actions(Action.FORM_HANDED_IN) == []


def test_who_opted_out_of_ai_takes_nobody_on_here(world) -> None:
    world.users[CLINICIAN.id] = CLINICIAN.model_copy(update={"ai_opt_out": True})
    assert hand_in(world.signed_in()).status_code == 403


@pytest.mark.parametrize("files", [{"form": ("a.pdf", b"")}, {"other": ("a.pdf", FORM)}])
def test_without_a_file_it_says_so(world, files) -> None:
    answer = world.signed_in().post("/intake-forms", files=files)
    assert answer.status_code == 422
    assert "Choose the form once more" in answer.text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"form": "words"}}, 422),
        ({"content": b"x" * 100, "headers": {"Content-Type": "multipart/form-data"}}, 422),
        ({"content": b"x" * 100, "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 422),
        ({"files": [("form", ("a.pdf", FORM)), ("form", ("b.pdf", FORM))]}, 422),
    ],
)
def test_what_is_no_such_form_is_refused(world, sent: dict, status: int) -> None:
    assert world.signed_in().post("/intake-forms", **sent).status_code == status
    assert world.actions(Action.FORM_HANDED_IN) == []


def test_what_is_larger_than_any_form_is_refused(world, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "MAX_FILE_BYTES", len(FORM))
    assert hand_in(world.signed_in()).status_code == 413


def test_a_large_form_is_never_written_to_disk(world, monkeypatch: pytest.MonkeyPatch) -> None:
    def rolled(*_: object) -> None:
        raise AssertionError("a form lies in a file in clear")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", rolled)
    large = FORM + bytes(MultiPartParser.spool_max_size * 2)
    assert world.store.contents.get(taken(world, hand_in(world.signed_in(), large)).source_ref) == large


def test_in_the_browser(page: Page, world) -> None:
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("link", name="New intake form").click()
    page.get_by_label("The form, all pages in one file").set_input_files(
        {"name": "form.pdf", "mimeType": "application/pdf", "buffer": FORM}
    )
    page.get_by_role("button", name="Hand in the form").click()
    expect(page.get_by_role("heading", name="Being read")).to_be_visible()
    assert len(world.runs.started) == 1
