"""Drafts are writable, everything after a signature is not, and a signature is a person's act."""

import httpx
import pytest

from .conftest import Ehr, key, progress_note


def created(api: httpx.Client, **changes: object) -> dict:
    answer = api.post("/progressnotes", json=progress_note(**changes), headers=key())
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == answer.json()["etag"]
    return answer.json()


def change(api: httpx.Client, note: dict, text: str, **headers: str) -> httpx.Response:
    sections = [{"name": "Subjective", "text": text}]
    return api.patch(f"/progressnotes/{note['id']}", json={"draftContent": sections}, headers=headers)


def signed_in_the_ehr(ehr: Ehr, login: str, note: dict) -> httpx.Response:
    """A person opens the note in the EHR's pages and presses Sign."""
    with httpx.Client(base_url=ehr.url, follow_redirects=True) as browser:
        browser.post("/ui/login", data={"login": login, "password": f"demo-{login.split('.')[0]}"})
        page = browser.get(f"/ui/notes/{note['id']}").text
        token = page.partition('name="token" value="')[2].partition('"')[0]
        return browser.post(f"/ui/notes/{note['id']}/sign", data={"token": token})


def test_a_progress_note_starts_as_a_draft_and_reads_back_as_written(api: httpx.Client) -> None:
    body = progress_note(diagnosisCodes=["F40.10"], serviceCode="90837")
    note = api.post("/progressnotes", json=body, headers=key()).json()
    assert note["status"] == "Draft"
    stored = api.get(f"/notes/{note['id']}").json()
    assert {name: stored[name] for name in body} == body
    assert stored["createdBy"] == "service:therapyflows"


def test_a_note_is_found_by_its_external_id(api: httpx.Client) -> None:
    note = created(api)
    found = api.get("/notes", params={"clientId": "cl-0001", "externalId": note["externalId"]}).json()["items"]
    assert [item["id"] for item in found] == [note["id"]]


@pytest.mark.parametrize("status", ["Signed", "Amended", "Draft"])
def test_a_write_cannot_name_a_status(api: httpx.Client, status: str) -> None:
    answer = api.post("/progressnotes", json=progress_note(status=status), headers=key())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    note = created(api)
    headers = {"If-Match": note["etag"]}
    assert api.patch(f"/progressnotes/{note['id']}", json={"status": status}, headers=headers).status_code == 422


def test_a_change_needs_the_etag_last_read(api: httpx.Client) -> None:
    note = created(api)
    assert change(api, note, "one").status_code == 428
    first = change(api, note, "one", **{"If-Match": note["etag"]})
    assert first.status_code == 200
    late = change(api, note, "two", **{"If-Match": note["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert api.get(f"/notes/{note['id']}").json()["draftContent"][0]["text"] == "one"


def test_signing_ends_writability_even_with_the_right_etag(ehr: Ehr, api: httpx.Client) -> None:
    note = created(api)
    assert signed_in_the_ehr(ehr, "dana.reyes", note).status_code == 200
    signed = api.get(f"/notes/{note['id']}").json()
    assert (signed["status"], signed["signedBy"]) == ("Signed", "us-0001")
    answer = change(api, note, "too late", **{"If-Match": signed["etag"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "note_not_draft")
    assert signed_in_the_ehr(ehr, "dana.reyes", note).status_code in (403, 409), "signed once"


def test_a_supervisor_signs_the_interns_note_and_nobody_elses_does(ehr: Ehr, api: httpx.Client) -> None:
    interns = api.get("/appointments", params={"clinicianId": "us-0004"}).json()["items"][0]
    ids = {"clientId": interns["clientId"], "appointmentId": interns["id"], "clinicianId": "us-0004"}
    note = created(api, **ids)
    assert signed_in_the_ehr(ehr, "theo.marchetti", note).status_code == 403
    assert signed_in_the_ehr(ehr, "dana.reyes", note).status_code == 200
    assert api.get(f"/notes/{note['id']}").json()["signedBy"] == "us-0001"


def test_signing_needs_the_form_of_this_browser_and_a_login(ehr: Ehr, api: httpx.Client) -> None:
    note = created(api)
    with httpx.Client(base_url=ehr.url) as browser:
        assert browser.post(f"/ui/notes/{note['id']}/sign", data={"token": "x"}).headers["location"] == "/ui/login"
        browser.post("/ui/login", data={"login": "dana.reyes", "password": "demo-dana"})
        assert browser.post(f"/ui/notes/{note['id']}/sign", data={"token": "forged"}).status_code == 403
    assert api.get(f"/notes/{note['id']}").json()["status"] == "Draft"


def test_no_token_signs_through_the_pages(ehr: Ehr, api: httpx.Client) -> None:
    note = created(api)
    person = {"Authorization": f"Bearer {ehr.person_token('dana.reyes', 'openid notes.write.draft')}"}
    answer = httpx.post(f"{ehr.url}/ui/notes/{note['id']}/sign", headers=person, data={"token": ""})
    assert answer.headers["location"] == "/ui/login"


def test_an_addendum_follows_a_signed_note_and_amends_it_when_signed(ehr: Ehr, api: httpx.Client) -> None:
    parent = created(api)
    addendum = {
        "clientId": "cl-0001",
        "clinicianId": "us-0001",
        "type": "addendum",
        "parentNoteId": parent["id"],
        "draftContent": [{"name": "Addendum", "text": "Client called to correct the date of the meeting."}],
        "externalId": "addendum-1",
    }
    early = api.post("/notes", json=addendum, headers=key())
    assert (early.status_code, early.json()["code"]) == (409, "parent_not_signed")
    signed_in_the_ehr(ehr, "dana.reyes", parent)
    later = api.post("/notes", json=addendum, headers=key())
    assert later.status_code == 201
    assert api.get(f"/notes/{parent['id']}").json()["status"] == "Signed"
    signed_in_the_ehr(ehr, "dana.reyes", later.json())
    assert api.get(f"/notes/{parent['id']}").json()["status"] == "Amended"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"clientId": "cl-none"}, "/clientId"),
        ({"clinicianId": "us-none"}, "/clinicianId"),
        ({"appointmentId": "ap-none"}, "/appointmentId"),
        ({"appointmentId": "ap-0002"}, "/appointmentId"),
    ],
)
def test_references_must_exist_and_belong_together(api: httpx.Client, changes: dict[str, str], pointer: str) -> None:
    answer = api.post("/progressnotes", json=progress_note(**changes), headers=key())
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_an_error_never_repeats_what_was_written(api: httpx.Client) -> None:
    secret = "Maya said the codeword heliotrope"
    answer = api.post("/progressnotes", json=progress_note(draftContent=secret, format=[secret]), headers=key())
    assert answer.status_code == 422
    assert "heliotrope" not in answer.text


def test_an_active_plan_is_not_writable(api: httpx.Client) -> None:
    plan = api.get("/treatmentplans", params={"clientId": "cl-0001"}).json()["items"][0]
    answer = api.patch(f"/treatmentplans/{plan['id']}", json={"goals": []}, headers={"If-Match": plan["etag"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_not_draft")


def test_changing_the_clinicians_of_a_client_moves_the_caseload(api: httpx.Client) -> None:
    client = api.get("/clients/cl-0002").json()
    change_ = {"assignedClinicians": [*client["assignedClinicians"], "us-0007"]}
    assert api.patch("/clients/cl-0002", json=change_, headers={"If-Match": client["etag"]}).status_code == 200
    assert "cl-0002" in api.get("/users/us-0007").json()["caseload"]
