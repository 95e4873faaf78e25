"""Every address of the application under emergency access: what shows something of the client is in the trail."""

from collections.abc import Iterator

import httpx
import pytest
from tests.web.review.furnished import Practice, furnished
from tests.web.review.practice import COLLEAGUE
from tests.web.review.routes import Route, routes_of
from tests.web.review.test_every_route import at

NOTHING_OF_THE_CLIENT = {
    "/drafts/{draft_id}/state": "whether it is decided, in words of ours",
    "/drafts/{draft_id}/company": "which colleagues have it open, a number",
    "/emergency": "the form to ask for it; the client by number",
}
"""Addresses that answer under emergency access and need no entry, with what they answer."""
AWAY = {"/auth/callback", "/login/start", "/confirm/start", "/login", "/signed-out"}
"""Of signing in: they would replace the session."""


@pytest.fixture(scope="module")
def practice() -> Iterator[Practice]:
    with furnished() as made:
        yield made


@pytest.fixture(scope="module")
def inside(practice: Practice) -> httpx.Client:
    """Somebody responsible for neither client, with emergency access to both."""
    person = practice.signed_in(COLLEAGUE.id)
    answer = person.post("/emergency", data={"client_id": "c-77", "reason_code": "crisis", "words": "In despair."})
    assert answer.status_code == 200
    practice.world.wait_until(lambda: person.get(f"{practice.world.path}/waveform").status_code == 200)
    return person


def uses(practice: Practice) -> int:
    told = practice.world.store.audit.search(actor_id=COLLEAGUE.id, limit=100_000)
    return sum("emergency" in found.entry.details for found in told)


def looked_at(practice: Practice, person: httpx.Client) -> list[tuple[Route, httpx.Response, int]]:
    """Every address that answers this person, with what it answered and how many uses it left."""
    found = []
    for route in routes_of(practice.world, "GET"):
        if route.path not in AWAY:
            before = uses(practice)
            answer = person.get(at(practice, route), follow_redirects=False)
            if answer.status_code < 300:
                found.append((route, answer, uses(practice) - before))
    return found


def test_each_page_that_shows_something_of_the_client_left_an_entry(practice: Practice, inside) -> None:
    practice.world.clock.ahead += practice.world.deps.confirmed_for / 2  # what was told before is told again
    answered = looked_at(practice, inside)
    about = [(r, a, n) for r, a, n in answered if {"draft_id", "client_id", "access_id"} & set(r.placeholders)]
    silent = {route.path for route, _, entries in about if entries == 0}
    assert silent == {path for path in NOTHING_OF_THE_CLIENT if "{" in path}
    assert len(about) >= 12, "the walk got in at all"
    named = {route.path for route, answer, entries in answered if entries == 0 and shows_somebody(practice, answer)}
    assert named == set()


def shows_somebody(practice: Practice, answer: httpx.Response) -> bool:
    """Names and words of the clients, wherever they stand."""
    words = [name for client in practice.world.clients.values() for name in (client.last_name, client.first_name)]
    words += [statement.text for statement in practice.world.working().statements]
    return any(word in answer.text for word in words if word) if "text" in answer.headers["content-type"] else False
