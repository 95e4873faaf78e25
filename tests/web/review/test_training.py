"""Training: errors to be found in what is no draft and can never be posted."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.conftest import World, serving_world

from therapyflows.core.training.exercise import Attempt, seeded
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    """A practice in which one clinician is in training mode."""
    with serving_world(store, training_for=frozenset({"u-clin"})) as made:
        yield made


def begin(client) -> str:
    return client.post("/training").url.path


def attempt_of(world: World, path: str):
    return world.store.training.get(path.rpartition("/")[2])


def test_what_was_marked_is_scored_once(world: World) -> None:
    client = world.signed_in()
    path = begin(client)
    assert begin(client) == path, "an exercise that is not finished goes on"
    attempt = attempt_of(world, path)
    exercise = seeded(attempt.exercise, attempt.seed)
    wrong = sorted(exercise.errors)
    right = next(line.key for line in exercise.lines if line.error is None)
    page = client.post(path, data={"wrong": [*wrong[:2], right, "<b>"]}).text
    assert "You found 2 of 5" in page
    assert "1 right line marked as wrong." in page
    assert "You found 2 of 5" in client.post(path, data={"wrong": wrong}).text
    assert attempt_of(world, path).marked == tuple(
        line.key for line in exercise.lines if line.key in {*wrong[:2], right}
    )
    assert world.actions(Action.TRAINING_BEGUN) == ["ok"]
    assert world.details(Action.TRAINING_FINISHED) == [
        {"exercise": attempt.exercise, "errors": 5, "found": 2, "false_alarms": 1}
    ]
    assert begin(client) != path


def test_no_key_of_a_line_tells_that_it_was_invented(world: World) -> None:
    attempt = attempt_of(world, begin(world.signed_in()))
    keys = [line.key for line in seeded(attempt.exercise, attempt.seed).lines]
    assert keys == [f"l{number}" for number in range(len(keys))]


def test_an_exercise_that_an_earlier_version_had_is_no_failure(world: World) -> None:
    client = world.signed_in()
    old = Attempt("trn_old", "u-clin", "no-longer-there", 7, world.clock())
    world.store.training.begin(old)
    assert "no longer used" in client.get("/training").text
    assert client.get("/training/trn_old").status_code == 404
    assert begin(client) != "/training/trn_old"


def test_nothing_of_it_is_a_draft(world: World) -> None:
    client = world.signed_in()
    path = begin(client)
    client.post(path, data={"wrong": ["l1"]})
    attempt_id = path.rpartition("/")[2]
    for deed in ("approve", "reject", "undo", "attention"):
        assert client.post(f"/drafts/{attempt_id}/{deed}", data={"version": "1", "attested": "yes"}).status_code == 404
    assert world.store.decisions.for_draft(attempt_id) is None
    assert [record.id for record in world.store.drafts.for_client("c-1")] == [world.draft_id]
    assert world.runs.resumed == []


def test_the_answers_are_not_on_the_page_before_the_marks(world: World) -> None:
    client = world.signed_in()
    path = begin(client)
    attempt = attempt_of(world, path)
    page = client.get(path).text
    for line in seeded(attempt.exercise, attempt.seed).lines:
        if line.right_text is not None:
            assert line.right_text not in page


def test_an_exercise_of_somebody_else_is_none_of_mine(world: World) -> None:
    path = begin(world.signed_in())
    supervisor = world.signed_in("u-sup")
    assert supervisor.get(path).status_code == 404
    assert supervisor.post(path, data={"wrong": ["l1"]}).status_code == 404
    assert attempt_of(world, path).finished_at is None
    assert world.actions(Action.ACCESS_DENIED) == ["training_unknown"] * 2


def test_training_mode_is_for_whom_the_practice_says(world: World) -> None:
    supervisor = world.signed_in("u-sup")
    assert "Training mode is not switched on for you." in supervisor.get("/training").text
    assert supervisor.post("/training").status_code == 403


@pytest.mark.parametrize("person", ["u-mgr", "u-bill"])
def test_who_reviews_no_notes_is_refused_and_the_trail_says_so(world: World, person: str) -> None:
    client = world.signed_in(person)
    assert client.get("/training").status_code == 403
    assert client.post("/training").status_code == 403
    assert [told["deed"] for told in world.details(Action.ACCESS_DENIED)].count("train") == 2


def test_in_the_browser_by_keyboard(page: Page, world: World) -> None:
    page.goto(f"{world.base_url}/training")
    page.get_by_role("button", name="Begin an exercise").press("Enter")
    expect(page.get_by_text("Nothing here is a draft")).to_be_visible()
    attempt = attempt_of(world, page.url)
    for line in seeded(attempt.exercise, attempt.seed).lines:
        if line.error is not None:
            page.get_by_role("checkbox", name=line.text).press("Space")
    page.get_by_role("button", name="These lines are wrong").press("Enter")
    expect(page.get_by_role("heading", name="You found 5 of 5")).to_be_visible()
    page.get_by_role("link", name="Back to training").click()
    expect(page.get_by_role("cell", name="5 of 5")).to_be_visible()
