"""The queue as pages: one per workflow, what stands in a row, who is refused, what is asked anew."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.web.review.practice import session_draft

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Transient
from therapyflows.core.notices import Notice
from therapyflows.core.queue.model import PAGE_ROWS
from therapyflows.governance.audit.model import Action

RISK = replace(session_draft(), warnings=(Notice("risk_disclosed", "The client speaks of harm."),))


def rows(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('<li id="d-')[1:]]


def test_each_workflow_has_a_queue_of_its_own(world) -> None:
    form = world.seed(2, "c-1")
    with world.store.database.write() as session:
        session.connection().exec_driver_sql(f"UPDATE drafts SET workflow = 'intake' WHERE id = '{form}'")
    client = world.signed_in()
    assert set(rows(client.get("/").text)) == {world.draft_id, form}
    notes = client.get("/queues/session-note").text
    assert rows(notes) == [world.draft_id]
    assert "Session notes" in notes.split("<title>")[1].split("<")[0]
    assert rows(client.get("/queues/intake").text) == [form]
    assert client.get("/queues/risk-watch").status_code == 200
    assert client.get("/queues/everything").status_code == 404
    assert client.get("/queues/practice").status_code == 404


@pytest.mark.parametrize(
    ("user", "queue", "status"),
    [("u-bill", "all", 403), ("u-bill", "intake", 403), ("u-bill", "superbill", 200), ("u-mgr", "session-note", 403),
     ("u-coll", "session-note", 200)],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["", "/state"])
def test_the_role_says_which_queue_opens(world, user: str, queue: str, status: int, suffix: str) -> None:
    answer = world.signed_in(user).get(f"/queues/{queue}{suffix}")
    assert answer.status_code == status
    assert world.draft_id not in answer.text
    entries = [f.entry for f in world.store.audit.search() if f.entry.resource == f"queue/{queue}"]
    assert [e.outcome for e in entries if e.action is Action.ACCESS_DENIED] == ["role_not_permitted"] * (status == 403)


def test_a_disclosed_risk_lies_on_top_at_the_first_look(world) -> None:
    urgent = world.seed(2, "c-2", draft=RISK)
    page = world.signed_in().get("/").text
    assert rows(page) == [urgent, world.draft_id]
    assert "Speaks of a risk" in page.split(world.draft_id)[0]


def test_what_the_reviewer_settles_shows_in_the_row(world) -> None:
    client = world.signed_in()
    assert "nothing open" not in client.get("/").text
    world.settle_all(client)
    assert "nothing open" in client.get("/").text


def test_more_than_a_page_is_paged_and_counted(world) -> None:
    for number in range(2, PAGE_ROWS + 3):
        with_row = replace(
            world.record(), id=f"drf_x{number}", appointment_id=f"a-x{number}", created_at=world.clock(), version=1
        )
        world.store.drafts.claim(with_row)
    client = world.signed_in()
    first, second = client.get("/").text, client.get("/?page=2").text
    assert (len(rows(first)), len(rows(second))) == (PAGE_ROWS, 2)
    assert not set(rows(first)) & set(rows(second))
    assert f'<span class="count">{PAGE_ROWS + 2}</span>' in first
    assert rows(client.get("/?page=900").text) == rows(second)
    assert client.get("/?page=0").status_code == 422


def test_an_ehr_that_is_down_leaves_the_row_without_a_name(world) -> None:
    async def down(_: str) -> None:
        raise Transient("ehr_unavailable")

    from tests.web.review.conftest import serving

    from therapyflows.web.review.app import create_review_app

    deps = replace(world.deps, ehr_client=down, appointments=down)
    with serving(lambda base_url: create_review_app(replace(deps, base_url=base_url))) as base_url:
        other = replace(world, base_url=base_url)
        page = other.signed_in().get("/").text
    assert rows(page) == [world.draft_id]
    assert "Name is being looked up" in page


def test_an_unchanged_queue_is_not_sent_again(world) -> None:
    client = world.signed_in()
    first = client.get("/queues/all/state")
    assert (first.json()["total"], world.draft_id in first.json()["html"]) == (1, True)
    mark = {"If-None-Match": first.headers["etag"]}
    assert client.get("/queues/all/state", headers=mark).status_code == 304
    page = client.get("/").text
    assert f"data-mark={first.headers['etag']}" in page
    world.store.drafts.move(world.draft_id, expected=[DraftState.IN_REVIEW], to=DraftState.EXPIRED)
    changed = client.get("/queues/all/state", headers=mark)
    assert (changed.status_code, changed.json()["total"]) == (200, 0)


def test_looking_by_itself_keeps_nobody_signed_in(world) -> None:
    client = world.signed_in()
    world.clock.ahead = timedelta(minutes=10)
    assert "set-cookie" not in client.get("/queues/all/state").headers
    world.clock.ahead = timedelta(minutes=16)
    assert client.get("/queues/all/state", headers={"Accept": "application/json"}).status_code == 401


def test_counts_are_made_for_drafts_that_nobody_looked_at(world) -> None:
    world.wait_until(lambda: world.store.queue.uncounted(9) == [])


def test_a_draft_that_cannot_be_read_holds_up_no_other(world) -> None:
    broken = world.seed(2, "c-1")
    world.store.contents.put("c-1", "draft", b"{", content_id=world.store.drafts.get(broken).draft_content_id or "")
    world.store.drafts.update(broken, transcript_id=None)
    assert set(rows(world.signed_in().get("/").text)) == {world.draft_id, broken}
    world.wait_until(lambda: world.store.queue.uncounted(9) == [])
