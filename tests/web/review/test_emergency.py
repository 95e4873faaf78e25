"""Emergency access in the application: asked for, used, ended, judged; and what stays closed all the same."""

import html
from datetime import timedelta

import httpx
import pytest
from tests.web.review.practice import session_transcript

from therapyflows.core.chart import Role, User
from therapyflows.core.errors import Transient
from therapyflows.governance.audit.model import Action

WORDS = "Marigold called the front desk in despair."
ASKED = {"client_id": "c-1", "reason_code": "crisis", "words": WORDS}


@pytest.fixture
def colleague(world) -> httpx.Client:
    """A clinician of other clients who has just entered the password again."""
    client = world.signed_in("u-coll")
    world.confirm(client)
    return client


@pytest.fixture
def inside(world, colleague: httpx.Client) -> httpx.Client:
    assert colleague.post("/emergency", data=ASKED).status_code == 200
    return colleague


def the_access(world):
    [access] = world.store.emergencies.unreviewed() or world.store.emergencies.reviewed()
    return access


def test_a_reason_opens_the_drafts_of_one_client_for_reading_with_a_banner(world, inside) -> None:
    world.seed(2, "c-2")
    listed = inside.get(f"/emergency/{the_access(world).id}").text
    assert "Marigold Fernweh" in listed
    assert world.draft_id in listed
    page = inside.get(world.path)
    assert page.status_code == 200
    assert "<b>Emergency access</b> until" in page.text
    assert inside.get(f"{world.path}/recording").status_code == 200
    other = world.store.drafts.for_client("c-2")[0].id
    assert inside.get(f"/drafts/{other}").status_code == 404


def test_what_was_said_off_the_record_is_not_shown(world, inside) -> None:
    clinician = world.signed_in()
    assert world.post(clinician, "turns/s2/off-record").status_code == 303
    words = session_transcript().segments[1].text
    assert words in html.unescape(clinician.get(world.path).text)
    page = html.unescape(inside.get(world.path).text)
    assert words not in page
    assert "Not shown in an emergency." in page


def test_nothing_can_be_changed_or_decided_by_it(world, inside) -> None:
    before = world.record()
    page = inside.get(world.path).text
    assert "data-decide" not in page
    assert "/edit" not in page
    for deed in ("statements", "statements/st1/edit", "codes", "speakers", "approve", "reject"):
        answer = world.post(inside, deed, text="x", section="plan", attested="yes", reason_code="not_needed")
        assert answer.status_code == 404, deed
    assert world.record() == before


def test_each_use_is_in_the_trail_under_its_reference(world, inside) -> None:
    inside.get(world.path)
    inside.get(f"{world.path}/recording")
    access = the_access(world)
    used = [e.entry for e in world.store.audit.search() if e.entry.details.get("emergency") == access.id]
    assert [e.action for e in used] == [Action.BREAK_GLASS_USED, Action.DRAFT_VIEWED, Action.RECORDING_PLAYED]
    assert {e.actor.id for e in used} == {"u-coll"}
    told = "".join(str(e.entry) for e in world.store.audit.search())
    assert "despair" not in told
    assert "Marigold" not in told


def test_a_second_access_within_minutes_has_entries_of_its_own(world, inside) -> None:
    inside.get(f"{world.path}/recording")
    inside.post(f"/emergency/{the_access(world).id}/end")
    world.confirm(inside)
    assert inside.post("/emergency", data=ASKED).status_code == 200
    inside.get(f"{world.path}/recording")
    told = [details["emergency"] for details in world.details(Action.RECORDING_PLAYED)]
    assert len(set(told)) == len(told) == 2


def test_the_clients_page_is_a_use_like_the_others(world, inside) -> None:
    page = inside.get("/clients/c-1")
    assert page.status_code == 200
    assert "<b>Emergency access</b> until" in page.text
    assert "client.viewed" in world.signed_in("u-mgr").get("/emergency-reviews").text


def test_what_is_decided_counts_as_looked_at_too(world, inside) -> None:
    client = world.signed_in()
    world.post(client, "reject", reason_code="not_needed")
    assert "Rejected" in inside.get(world.path).text
    assert len(world.actions(Action.DRAFT_VIEWED)) == 1


def test_those_who_have_to_know_are_told_at_once(world, inside) -> None:
    assert world.deps.tell_emergency.told == [the_access(world)]


def test_help_does_not_wait_for_a_task_that_cannot_be_written(world, colleague) -> None:
    world.deps.tell_emergency.fail_with = [Transient("ehr_unavailable")]
    assert colleague.post("/emergency", data=ASKED).status_code == 200
    assert the_access(world).notified_at is None


def test_it_ends_by_itself_and_by_the_person(world, inside) -> None:
    access = the_access(world)
    world.clock.ahead += timedelta(minutes=14)
    inside.post("/session/keepalive")
    assert inside.post(f"/emergency/{access.id}/end", follow_redirects=False).status_code == 303
    assert inside.get(world.path).status_code == 404
    assert inside.get(f"/emergency/{access.id}").status_code == 404
    world.confirm(inside)
    inside.post("/emergency", data=ASKED)
    assert inside.get(world.path).status_code == 200
    for _ in range(9):
        world.clock.ahead += timedelta(minutes=14)
        inside.post("/session/keepalive")
    assert inside.get(world.path).status_code == 404


def test_the_password_is_asked_for_first(world) -> None:
    client = world.signed_in("u-coll")
    assert client.get("/emergency").url.path == "/confirm"
    assert client.post("/emergency", data=ASKED).status_code == 401
    assert world.store.emergencies.unreviewed() == []


def test_a_client_who_does_not_exist_looks_like_anything_that_is_not_theirs(world, colleague) -> None:
    answers = [
        colleague.post("/emergency", data=ASKED | {"client_id": made_up}) for made_up in ("c-404", "../users", "")
    ]
    other = world.signed_in("u-coll")
    world.confirm(other)
    colleague.post("/emergency", data=ASKED)
    answers.append(other.get("/emergency/emg_invented"))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text.split("<main")[1] for answer in answers[:3]}) == 1
    assert world.actions(Action.ACCESS_DENIED) == ["client_unknown"] * 3 + ["emergency_unknown"]


def test_somebody_elses_access_is_nobody_elses(world, inside) -> None:
    other = world.signed_in("u-sup")
    access = the_access(world)
    real, invented = other.get(f"/emergency/{access.id}"), other.get("/emergency/emg_0")
    assert (real.status_code, invented.status_code) == (404, 404)
    assert real.text == invented.text
    assert other.post(f"/emergency/{access.id}/end").status_code == 404
    assert inside.get(world.path).status_code == 200


@pytest.mark.parametrize("fields", [{"words": " "}, {"reason_code": ""}, {"reason_code": "curious"}])
def test_without_a_reason_nothing_opens(world, colleague, fields) -> None:
    assert colleague.post("/emergency", data=ASKED | fields).status_code == 422
    assert colleague.get(world.path).status_code == 404


def test_ones_own_client_needs_no_emergency(world) -> None:
    client = world.signed_in()
    world.confirm(client)
    assert "you need no emergency access" in client.post("/emergency", data=ASKED).text
    assert world.store.emergencies.unreviewed() == []


@pytest.mark.parametrize("user", ["u-bill", "u-mgr"])
def test_without_a_clinical_role_there_is_none(world, user: str) -> None:
    client = world.signed_in(user)
    client.get("/confirm/start?next=/healthz")
    assert client.get("/emergency").status_code == 403
    assert world.actions(Action.ACCESS_DENIED) == ["role_not_permitted"] * len(world.actions(Action.ACCESS_DENIED))


def test_an_administrator_starts_at_the_reviews_and_sees_who_why_and_what_but_no_name_of_the_client(
    world, inside
) -> None:
    inside.get(world.path)
    page = world.signed_in("u-mgr").get("/")
    assert page.url.path == "/emergency-reviews"
    for shown in (
        "Basil Nocturne",
        "The client is in crisis",
        WORDS,
        world.draft_id,
        "draft.viewed",
        "<code>c-1</code>",
    ):
        assert shown in page.text
    assert "Fernweh" not in page.text


def test_an_administrator_judges_it_and_that_ends_it(world, inside) -> None:
    manager, access = world.signed_in("u-mgr"), the_access(world)
    fields = {"verdict": "not_justified", "comment": "The clinician could be reached."}
    page = manager.post(f"/emergency-reviews/{access.id}", data=fields).text
    assert "Not justified" in page
    assert "The clinician could be reached." in page
    assert "No emergency access waits for a review." in page
    assert inside.get(world.path).status_code == 404
    assert manager.post(f"/emergency-reviews/{access.id}", data=fields).status_code == 409
    assert world.actions(Action.BREAK_GLASS_REVIEWED) == ["ok"]


def test_who_is_administrator_and_clinician_does_not_judge_themselves(world) -> None:
    world.users["u-both"] = User(id="u-both", name="Both", roles=(Role.CLINICIAN, Role.PRACTICE_ADMINISTRATOR))
    client = world.signed_in("u-both")
    world.confirm(client)
    client.post("/emergency", data=ASKED)
    assert "This is your own" in client.get("/emergency-reviews").text
    answer = client.post(f"/emergency-reviews/{the_access(world).id}", data={"verdict": "justified", "comment": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("user", ["u-clin", "u-sup", "u-bill"])
def test_only_administrators_judge(world, inside, user: str) -> None:
    client = world.signed_in(user)
    assert client.get("/emergency-reviews").status_code == 403
    answer = client.post(f"/emergency-reviews/{the_access(world).id}", data={"verdict": "justified", "comment": "x"})
    assert answer.status_code == 403


def test_hostile_words_are_shown_as_text(world, colleague) -> None:
    colleague.post("/emergency", data=ASKED | {"words": "<script>window.hacked=1</script>"})
    page = world.signed_in("u-mgr").get("/emergency-reviews").text
    assert "<script>window" not in page
    assert "&lt;script&gt;window" in page
