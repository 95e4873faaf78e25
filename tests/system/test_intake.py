"""An intake form through the whole system: handed in at the portal, verified by a person, in the chart."""

import json

import pytest

from system import poll
from therapyflows.app.auditing import verify_trail
from therapyflows.app.handing_in import register
from therapyflows.core.drafts.model import DraftState

FORM = {
    "First name": "Imogen",
    "Last name": "Canaryhale",
    "Phone": "(617) 555-0142",
    "Reason for visit": "Trouble sleeping since spring",
    "Emergency contact": "Tomas Canaryhale",
    "Emergency contact phone": "617 555 0177",
    **{f"PHQ-9 item {number}": "1" for number in range(1, 9)},
    "PHQ-9 item 9": "2",
}


def client_of(system):
    """A client with a clinician who takes part, and what the chart knows of them."""
    appointment = system.scheduled(1)[0]
    return system.chart(f"/v1/clients/{appointment['clientId']}")


def intake_in(system, client_id: str, *states: DraftState):
    def found():
        records = system.store.drafts.for_client(client_id)
        return next((r for r in records if r.workflow == "intake" and r.state in states), None)

    return poll(found, seconds=180, what=f"intake of {client_id} in {states}")


@pytest.fixture(scope="module")
def written(system, tmp_path_factory):
    """A form that went all the way."""
    client = client_of(system)
    form = tmp_path_factory.mktemp("forms") / "form.json"
    own = {"First name": client["firstName"], "Last name": client["lastName"], "Date of birth": client["birthDate"]}
    form.write_text(json.dumps({**FORM, **own, "State": "MA", "Zip": "02139"}))
    system.control("/_control/submit_intake", {"clientId": client["id"], "formPath": str(form)})
    record = intake_in(system, client["id"], DraftState.IN_REVIEW)
    tasks_before = system.tasks_of(client["id"])
    clinician = system.person(record.clinician_id)
    verify(system, clinician, record)
    return client, intake_in(system, client["id"], DraftState.POSTED, DraftState.INCIDENT), tasks_before


def verify(system, clinician, record):
    """Confirm what the page asks about, let stand what blocks, answer about duplicates; then approve."""
    address = f"{system.settings.review.base_url}/intakes/{record.id}"
    for ending, values in (
        ("/fields/accept", {}),
        ("/findings", {"reason": "Known to the practice."}),
        ("/duplicate", {"answer": "somebody_else"}),
    ):
        for _ in [f for f in clinician.browser.open(address).forms if f.action.endswith(ending)]:
            page = clinician.browser.open(address)
            form = next((f for f in page.forms if f.action.endswith(ending)), None)
            if form is not None:
                clinician.browser.send(page, form, **values)
    page = clinician.browser.open(address)
    clinician.browser.send(page, page.form("/approve"), attested="yes")


def test_risk_reached_a_person_before_anybody_verified_anything(written):
    _, _, tasks_before = written
    assert [t["priority"] for t in tasks_before if "about risk" in t["title"]] == ["urgent"]


def test_the_clinician_has_a_message_that_points_to_the_form_and_says_nothing_of_it(system, written):
    client, record, _ = written
    found = system.chart(f"/v1/staffmessages?clientId={client['id']}&toId={record.clinician_id}")["items"]
    assert [record.id in message["body"] for message in found] == [True]
    assert "Imogen" not in json.dumps(found)


def test_the_record_and_the_measure_stand_in_the_chart_as_approved(system, written):
    client, record, _ = written
    assert record.state is DraftState.POSTED
    now = system.chart(f"/v1/clients/{client['id']}")
    assert (now["phone"], now["postalCode"]) == ("(617) 555-0142", "02139")
    assert now["email"] == client["email"]
    filed = system.chart(f"/v1/assessments?clientId={client['id']}")["items"]
    assert [(a["measure"], a["score"]) for a in filed if (a["externalId"] or "").startswith("tfa")] == [("PHQ-9", 10)]
    messages = system.chart(f"/v1/messages?clientId={client['id']}&box=drafts")["items"]
    assert [m["status"] for m in messages] == ["Draft"]


def test_both_events_of_the_form_made_one_run_of_work_and_the_trail_verifies(system, written):
    client, record, _ = written
    assert len([r for r in system.store.drafts.for_client(client["id"]) if r.workflow == "intake"]) == 1
    actions = [e.entry.action.value for e in system.store.audit.search(flow_run_id=record.flow_run_id)]
    story = ["form.read", "risk.flagged", "draft.stored", "draft.submitted", "client.updated", "assessment.filed"]
    assert [action for action in actions if action in story] == story
    assert verify_trail(None, None, None)["intact"]


def test_prefect_shows_the_checks_and_nothing_from_the_form(system, written):
    _, record, _ = written
    found = system.prefect(
        "POST", "/artifacts/filter", {"flow_runs": {"id": {"any_": [record.flow_run_id]}}, "limit": 50}
    )
    assert {"intake-checks", f"audit-{record.flow_run_id}"} <= {a["key"] for a in found}
    run = system.prefect("GET", f"/flow_runs/{record.flow_run_id}")
    for value in ("Canaryhale", "555-0142", "Trouble sleeping", "02139"):
        assert value not in json.dumps([found, run])


def test_somebody_without_a_chart_is_registered_once_after_a_person_has_verified_the_form(system, written):
    _, earlier, _ = written
    form = {**FORM, "First name": "Perpetua", "Last name": "Canarywood", "Date of birth": "03/09/1979"}
    form |= {"Phone": "(617) 555-0199", "State": "MA", "Zip": "02139"}
    content = json.dumps(form).encode()
    clients = [c["id"] for c in system._all("/v1/clients")]
    for _ in range(2):
        handed_in = register(content, earlier.clinician_id, "front-desk")
    record = poll(
        lambda: (r := system.store.drafts.get(handed_in.id)).state is DraftState.IN_REVIEW and r,
        seconds=180,
        what="the form in review",
    )
    assert [c["id"] for c in system._all("/v1/clients")] == clients
    verify(system, system.person(record.clinician_id), record)
    done = poll(
        lambda: (r := system.store.drafts.get(handed_in.id)).state is DraftState.POSTED and r,
        seconds=180,
        what="the new client in the chart",
    )
    (new,) = [c for c in system._all("/v1/clients") if c["id"] not in clients]
    assert (new["id"], new["lastName"], new["assignedClinicians"]) == (
        done.client_id, "Canarywood", [record.clinician_id],
    )  # fmt: skip
    documents = system.chart(f"/v1/documents?clientId={new['id']}")["items"]
    assert [(d["kind"], d["contentType"]) for d in documents] == [("intake_form", "application/json")]
    assert [r.id for r in system.store.drafts.for_client(new["id"])] == [handed_in.id]
    assert "Canarywood" not in json.dumps(system.prefect("GET", f"/flow_runs/{done.flow_run_id}"))


def test_a_file_that_is_no_form_leaves_a_task_and_writes_nothing(system, tmp_path):
    client = system.chart(f"/v1/clients/{system.scheduled(3)[2]['clientId']}")
    broken = tmp_path / "form.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing more")
    system.control("/_control/submit_intake", {"clientId": client["id"], "formPath": str(broken)})
    record = intake_in(system, client["id"], DraftState.FAILED)
    assert record.failure_code
    assert any("cannot be used" in t["title"] for t in system.tasks_of(client["id"]))
    assert system.chart(f"/v1/clients/{client['id']}")["etag"] == client["etag"]
