"""An associate approves, the supervisor co-signs or sends back: what each sees, who may, what wakes the run."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.conftest import serving_world
from tests.web.review.practice import SUPERVISOR
from tests.web.review.test_queue import rows

from therapyflows.core.drafts import cosign_back
from therapyflows.core.drafts.cosigning import settle_cosigned
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import NotFound
from therapyflows.governance.audit.model import Action


@pytest.fixture
def approved(world):
    """The draft, approved by an associate."""
    world.users["u-clin"] = world.users["u-clin"].model_copy(update={"credential": "MSW intern"})
    client = world.signed_in()
    world.settle_all(client)
    world.post(client, "statements/st1/edit", text="In my own words.")
    world.post(client, "statements/st2/remove")
    assert world.post(client, "approve", attested="yes").status_code == 303
    return world


def test_who_decides_meanwhile_does_not_wait_for_the_associates_co_signature(
    world, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor rejects in the moment in which the associate approves."""
    world.users["u-clin"] = world.users["u-clin"].model_copy(update={"credential": "MSW intern"})
    associate, supervisor = world.signed_in(), world.signed_in("u-sup")
    world.settle_all(associate)
    real = type(world.store.decisions).record

    def beaten(decisions, decision, *args, **more):
        monkeypatch.setattr(type(decisions), "record", real)
        assert world.post(supervisor, "reject", reason_code="inaccurate").status_code == 303
        return real(decisions, decision, *args, **more)

    monkeypatch.setattr(type(world.store.decisions), "record", beaten)
    assert world.post(associate, "approve", attested="yes").status_code == 409
    world.wait_until(lambda: world.runs.resumed)
    assert set(world.runs.resumed) == {("run-1", decision_id(world))}


FAR = datetime(2100, 1, 1, tzinfo=UTC)


async def dead(*_: object) -> None:
    raise RuntimeError


def decision_id(world) -> str:
    return world.store.decisions.for_draft(world.draft_id).id


def cosign(world, client, path: str = "", **fields: str):
    data = {"decision": fields.get("decision") or decision_id(world), "attested": "yes"} | fields
    return client.post(f"{world.path}/cosign{path}", data=data, follow_redirects=False)


def test_the_approval_waits_and_the_supervisor_has_a_task(approved) -> None:
    assert approved.record().state is DraftState.APPROVED
    assert approved.runs.resumed == []
    (task,) = approved.deps.create_task.made.values()
    assert (task.assignee_id, task.title) == ("u-sup", "A session note waits for a co-signature")
    assert approved.actions(Action.COSIGN_ASKED) == ["ok"]
    client = approved.signed_in()
    assert "waits for a co-signature" in client.get(approved.path).text
    assert client.get(f"{approved.path}/state").json()["title"] == "Approved, waits for a co-signature"
    assert rows(client.get("/?place=unsigned").text) == [approved.draft_id]


def test_the_supervisor_sees_what_the_machine_wrote_and_signs(approved) -> None:
    client = approved.signed_in("u-sup")
    assert rows(client.get("/").text) == []
    queue = client.get("/?place=cosign").text
    assert f'href="{approved.path}/cosign"' in queue
    page = client.get(f"{approved.path}/cosign").text
    assert "In my own words." in page
    assert page.count("The machine wrote:") == 2
    assert "Wren Tamarack, MSW intern" in page
    assert cosign(approved, client, attested="").status_code == 422
    assert approved.runs.resumed == []
    assert cosign(approved, client).status_code == 303
    assert set(approved.runs.resumed) == {("run-1", decision_id(approved))}  # by the sweep, too
    assert approved.details(Action.DRAFT_COSIGNED)[0]["decided_by"] == "u-clin"
    assert cosign(approved, client).status_code == 409
    assert "Approved, being posted" in client.get(approved.path).text


def test_what_was_approved_is_shown_when_the_machines_draft_is_gone(approved) -> None:
    for content_id in (approved.record().draft_content_id, approved.record().edited_content_id):
        approved.store.contents.delete(content_id)
    client = approved.signed_in("u-sup")
    page = client.get(f"{approved.path}/cosign").text
    assert "In my own words." in page
    assert "What the machine wrote is no longer kept" in page
    assert cosign(approved, client).status_code == 303
    assert set(approved.runs.resumed) == {("run-1", decision_id(approved))}


def test_the_supervisor_sends_it_back_with_a_comment(approved) -> None:
    client = approved.signed_in("u-sup")
    assert cosign(approved, client, "/send-back", comment="  ").status_code == 422
    assert cosign(approved, client, "/send-back", comment="Please say more on the plan.").status_code == 303
    record = approved.record()
    assert (record.state, record.failure_code) == (DraftState.IN_REVIEW, "cosign_sent_back")
    assert approved.store.decisions.for_draft(approved.draft_id) is None
    assert approved.runs.resumed == []
    assert "plan" not in str([found.entry for found in approved.store.audit.search()])
    assert record.deadline - approved.clock() > approved.deps.review_within - timedelta(minutes=5)
    told = [task for task in approved.deps.create_task.made.values() if task.assignee_id == "u-clin"]
    assert [task.title for task in told] == ["Your supervisor sent a session note back to you"]
    page = approved.signed_in().get(approved.path).text
    assert "Please say more on the plan." in page
    assert "In my own words." in page
    assert "Needs a new decision" in approved.signed_in().get("/").text


def test_what_dies_behind_sending_back_is_made_up_for_once(approved, monkeypatch: pytest.MonkeyPatch) -> None:
    content_id = approved.store.decisions.for_draft(approved.draft_id).content_id
    client = approved.signed_in("u-sup")
    with monkeypatch.context() as patch:
        patch.setattr(cosign_back, "settle", dead)
        assert cosign(approved, client, "/send-back", comment="More on the plan.").status_code == 500
    assert approved.record().state is DraftState.IN_REVIEW
    assert approved.actions(Action.DRAFT_SENT_BACK) == []
    approved.clock.ahead += timedelta(minutes=2)
    approved.wait_until(lambda: approved.store.decisions.undone(before=FAR, code="cosign_sent_back") == [])
    told = [f.entry for f in approved.store.audit.search() if f.entry.action is Action.DRAFT_SENT_BACK]
    assert [(entry.actor.id, entry.outcome) for entry in told] == [("u-sup", "cosign_sent_back")]
    assert [d["reason"] for d in approved.details(Action.CONTENT_DELETED) if d["kind"] == "approved_draft"] == [
        "cosign_sent_back"
    ]
    assert "u-clin" in {task.assignee_id for task in approved.deps.create_task.made.values()}
    with pytest.raises(NotFound):
        approved.store.contents.get(content_id)


def test_a_co_signature_that_was_not_told_is_told_once(approved) -> None:
    approved.store.decisions.cosignatures.sign(decision_id(approved), by="u-sup", role="Supervisor")  # and died
    approved.clock.ahead += timedelta(minutes=2)
    approved.wait_until(lambda: approved.actions(Action.DRAFT_COSIGNED))
    settle_cosigned(approved.store.drafts, approved.store.decisions, approved.store.audit, clock=lambda: FAR)
    told = [f.entry for f in approved.store.audit.search() if f.entry.action is Action.DRAFT_COSIGNED]
    assert [(entry.actor.id, entry.actor.role) for entry in told] == [("u-sup", "Supervisor")]


def test_who_sends_back_second_keeps_the_words_and_is_no_intruder(approved) -> None:
    second = SUPERVISOR.model_copy(update={"id": "u-sup2"})
    approved.users["u-sup2"] = second
    seen = decision_id(approved)
    assert cosign(approved, approved.signed_in("u-sup"), "/send-back", comment="The first words.").status_code == 303
    client = approved.signed_in("u-sup2")
    denied = len(approved.actions(Action.ACCESS_DENIED))
    answer = cosign(approved, client, "/send-back", decision=seen, comment="The second words.")
    assert (answer.status_code, "The second words." in answer.text) == (409, True)
    assert client.get(f"{approved.path}/cosign", follow_redirects=False).status_code == 303
    assert len(approved.actions(Action.ACCESS_DENIED)) == denied
    assert "The first words." in approved.signed_in().get(approved.path).text


def test_who_needs_a_co_signature_is_offered_none_to_give(approved) -> None:
    path = f"{approved.path}/cosign"
    assert path in approved.signed_in("u-sup").get("/?place=cosign").text
    approved.users["u-sup"] = approved.users["u-sup"].model_copy(update={"credential": "LMSW"})
    assert path not in approved.signed_in("u-sup").get("/?place=cosign").text


def test_co_signing_asks_for_the_password_where_approving_does(store) -> None:
    with serving_world(store, confirm_approval=True) as world:
        world.users["u-clin"] = world.users["u-clin"].model_copy(update={"credential": "MSW intern"})
        client = world.signed_in()
        world.settle_all(client)
        world.confirm(client, world.path)
        assert world.post(client, "approve", attested="yes").status_code == 303
        supervisor = world.signed_in("u-sup")
        page = supervisor.get(f"{world.path}/cosign").text
        assert f"/confirm/start?next={world.path}/cosign" in page
        assert cosign(world, supervisor).status_code == 401
        assert world.store.decisions.cosignatures.is_missing(decision_id(world))
        world.confirm(supervisor, f"{world.path}/cosign")
        assert cosign(world, supervisor).status_code == 303
        assert not world.store.decisions.cosignatures.is_missing(decision_id(world))


@pytest.mark.parametrize("user", ["u-clin", "u-coll", "u-bill", "u-mgr"])
@pytest.mark.parametrize("path", ["", "/send-back"])
def test_nobody_else_signs_even_when_the_request_is_forged(approved, user: str, path: str) -> None:
    client = approved.signed_in(user)
    denied = len(approved.actions(Action.ACCESS_DENIED))
    assert client.get(f"{approved.path}/cosign").status_code == 404
    assert cosign(approved, client, path, comment="x").status_code == 404
    assert len(approved.actions(Action.ACCESS_DENIED)) == denied + 2
    assert (approved.record().state, approved.runs.resumed) == (DraftState.APPROVED, [])


def test_a_supervisor_in_training_signs_for_nobody(approved) -> None:
    approved.users["u-sup"] = approved.users["u-sup"].model_copy(update={"credential": "LMSW"})
    assert cosign(approved, approved.signed_in("u-sup")).status_code == 404


def test_an_older_approval_is_not_signed(approved) -> None:
    assert cosign(approved, approved.signed_in("u-sup"), decision="dec_older").status_code == 409
    assert approved.runs.resumed == []


def test_a_licensed_person_needs_no_co_signature(world) -> None:
    client = world.signed_in()
    world.settle_all(client)
    world.post(client, "approve", attested="yes")
    assert set(world.runs.resumed) == {("run-1", decision_id(world))}
    assert client.get(f"{world.path}/cosign").status_code == 404
    assert world.signed_in("u-sup").get(f"{world.path}/cosign", follow_redirects=False).status_code == 303


def test_a_supervisor_finds_it_by_the_queue_and_signs(page: Page, approved) -> None:
    approved.sign_in.user_id = "u-sup"
    page.context.clear_cookies()
    page.goto(f"{approved.base_url}/login/start")
    page.get_by_role("link", name="To co-sign 1").click()
    page.locator(f"#open-{approved.draft_id}").click()
    page.get_by_text("What it rests on").first.click()
    page.get_by_label("I have read this note and answer for it as supervisor.").check()
    page.get_by_role("button", name="Co-sign").click()
    expect(page.get_by_role("heading", name="Nothing lies here")).to_be_visible()
    assert set(approved.runs.resumed) == {("run-1", decision_id(approved))}
