"""Snooze and hand over: what they do, what they never do, who may."""

from datetime import timedelta

import pytest
from tests.web.review.test_queue import RISK, rows

from therapyflows.core.errors import Transient
from therapyflows.governance.audit.model import Action


def post(client, path: str, **fields: str):
    return client.post(path, data=fields, follow_redirects=False)


def shares_the_client(world, user_id: str = "u-coll") -> None:
    world.users[user_id] = world.users[user_id].model_copy(update={"caseload": ("c-1", "c-9")})


def test_it_is_put_aside_for_this_person_and_comes_back_by_itself(world) -> None:
    client = world.signed_in()
    answer = post(client, f"{world.path}/snooze", until="hours", back="/?page=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?page=1")
    assert rows(client.get("/").text) == []
    assert "Comes back" in client.get("/?place=snoozed").text
    assert rows(world.signed_in("u-sup").get("/").text) == [world.draft_id]
    (told,) = world.details(Action.DRAFT_SNOOZED)
    assert told["until"]
    world.clock.ahead = timedelta(hours=3, minutes=1)
    assert rows(world.signed_in().get("/").text) == [world.draft_id]


def test_it_can_be_taken_up_again_before(world) -> None:
    client = world.signed_in()
    post(client, f"{world.path}/snooze", until="tomorrow")
    assert post(client, f"{world.path}/wake").status_code == 303
    assert rows(client.get("/").text) == [world.draft_id]
    assert world.actions(Action.DRAFT_SNOOZED) == ["ok", "ended"]
    assert post(client, f"{world.path}/wake").status_code == 404


def test_a_disclosed_risk_is_not_offered_to_be_put_aside_and_a_forged_request_is_refused(world) -> None:
    urgent = world.seed(2, "c-2", draft=RISK)
    client = world.signed_in()
    page = client.get("/").text
    assert f'action="/drafts/{urgent}/snooze"' not in page
    assert f'action="{world.path}/snooze"' in page
    answer = post(client, f"/drafts/{urgent}/snooze", until="hours")
    assert (answer.status_code, "speaks of a current risk" in answer.text) == (422, True)
    assert urgent in rows(client.get("/").text)


@pytest.mark.parametrize("until", ["monday", "day_before", "2031-01-01T00:00:00+00:00", ""])
def test_nothing_is_put_aside_past_its_deadline(world, until: str) -> None:
    world.store.drafts.update(world.draft_id, deadline=world.clock() + timedelta(hours=5))
    client = world.signed_in()
    assert 'value="monday"' not in client.get("/").text
    assert post(client, f"{world.path}/snooze", until=until).status_code == 422
    assert rows(client.get("/").text) == [world.draft_id]


def test_a_colleague_who_may_decide_gets_it_with_a_task_and_everybody_sees_who_has_it(world) -> None:
    shares_the_client(world)
    client = world.signed_in()
    page = client.get(f"{world.path}/hand-over").text
    assert 'value="u-coll"' in page
    assert 'value="u-sup"' in page
    assert not any(f'value="{user}"' in page for user in ("u-clin", "u-bill", "u-mgr"))
    version = str(world.record().version)
    assert post(client, f"{world.path}/hand-over", to="u-coll", version=version).status_code == 303
    assert (world.record().held_by, world.record().holder) == ("u-coll", "u-coll")
    (task,) = world.deps.create_task.made.values()
    assert (task.assignee_id, task.client_id) == ("u-coll", "c-1")
    assert "Marigold" not in task.title + task.text
    assert world.details(Action.DRAFT_HANDED_OVER) == [
        {"from": "u-clin", "to": "u-coll", "version": world.record().version}
    ]
    assert rows(client.get("/").text) == []
    assert "Basil Nocturne" in client.get("/?place=handed_over").text
    assert rows(world.signed_in("u-coll").get("/").text) == [world.draft_id]
    assert client.get(world.path).status_code == 200  # and whoever gave it may still decide


def test_it_can_be_taken_back_without_a_task(world) -> None:
    shares_the_client(world)
    client = world.signed_in()
    post(client, f"{world.path}/hand-over", to="u-coll", version=str(world.record().version))
    assert "Take it" in client.get("/?place=handed_over").text
    post(client, f"{world.path}/hand-over", to="u-clin", version=str(world.record().version))
    assert world.record().held_by is None
    assert len(world.deps.create_task.made) == 1
    assert rows(client.get("/").text) == [world.draft_id]


@pytest.mark.parametrize("to", ["u-coll", "u-bill", "u-mgr"])
def test_nobody_without_the_right_gets_it_even_when_the_request_is_forged(world, to: str) -> None:
    version = str(world.record().version)
    answer = post(world.signed_in(), f"{world.path}/hand-over", to=to, version=version)
    assert (answer.status_code, world.record().held_by) == (403, None)
    assert world.deps.create_task.made == {}
    assert len(world.actions(Action.ACCESS_DENIED)) == 1


def test_an_ehr_that_takes_no_task_leaves_it_where_it_is(world) -> None:
    shares_the_client(world)
    client, version = world.signed_in(), str(world.record().version)
    world.deps.create_task.fail_with.append(Transient("ehr_unavailable"))
    assert post(client, f"{world.path}/hand-over", to="u-coll", version=version).status_code == 503
    assert world.record().held_by is None
    assert post(client, f"{world.path}/hand-over", to="u-coll", version=version).status_code == 303
    assert len(world.deps.create_task.made) == 1


def test_what_was_changed_meanwhile_is_not_given_away(world) -> None:
    shares_the_client(world)
    client = world.signed_in()
    assert post(client, f"{world.path}/hand-over", to="u-coll", version="1").status_code == 409
    assert post(client, f"{world.path}/hand-over", to="nobody", version="2").status_code == 409
    assert world.record().held_by is None


@pytest.mark.parametrize("deed", ["snooze", "wake", "hand-over"])
@pytest.mark.parametrize("user", ["u-coll", "u-bill", "u-mgr"])
def test_who_may_not_decide_puts_nothing_aside(world, user: str, deed: str) -> None:
    before = world.record()
    client = world.signed_in(user)
    already = len(world.actions(Action.ACCESS_DENIED))
    assert post(client, f"{world.path}/{deed}", until="hours", to=user, version=str(before.version)).status_code == 404
    assert world.record() == before
    assert len(world.actions(Action.ACCESS_DENIED)) == already + 1
