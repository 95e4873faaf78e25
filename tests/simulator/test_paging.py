"""Every list can be walked to its end, whatever the page size and whatever happens meanwhile."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import key, progress_note

LISTS = [
    "clients",
    "appointments",
    "notes",
    "treatmentplans",
    "assessments",
    "documents",
    "messages",
    "claims",
    "users",
]


def walk(api: httpx.Client, path: str, **query: Any) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        page = api.get(path, params={**query, **cursor}).json()
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(resource=st.sampled_from(LISTS), limit=st.integers(7, 200))
def test_pages_of_any_size_hold_every_object_once(api: httpx.Client, resource: str, limit: int) -> None:
    small = [item["id"] for item in walk(api, f"/{resource}", limit=limit)]
    large = [item["id"] for item in walk(api, f"/{resource}", limit=200)]
    assert small == large
    assert len(set(small)) == len(small)


def test_what_changes_while_one_walks_comes_again_at_the_end(api: httpx.Client) -> None:
    walking = walk(api, "/clients", limit=10)
    seen = [next(walking)["id"] for _ in range(15)]
    first = api.get(f"/clients/{seen[0]}").json()
    api.patch(f"/clients/{seen[0]}", json={"city": "Newtown"}, headers={"If-Match": first["etag"]})
    rest = [item["id"] for item in walking]
    assert rest[-1] == seen[0]
    assert len({*seen, *rest}) == 60


def test_updated_since_the_last_seen_change_misses_nothing(api: httpx.Client) -> None:
    last = list(walk(api, "/notes"))[-1]
    made = [api.post("/progressnotes", json=progress_note(), headers=key()).json()["id"] for _ in range(3)]
    since = [item["id"] for item in walk(api, "/notes", updatedSince=last["updatedAt"])]
    assert since == [last["id"], *made]


def test_filters_narrow(api: httpx.Client) -> None:
    assert {n["clientId"] for n in walk(api, "/notes", clientId="cl-0004")} == {"cl-0004"}
    assert {a["measure"] for a in walk(api, "/assessments", measure="PHQ-9")} == {"PHQ-9"}
    assert {a["status"] for a in walk(api, "/appointments", status="completed")} == {"completed"}
    assert all("us-0003" in c["assignedClinicians"] for c in walk(api, "/clients", clinicianId="us-0003"))
    assert {c["id"] for c in walk(api, "/clients", part2Program="true")} == {"cl-0009", "cl-0027"}
    assert {u["id"] for u in walk(api, "/users", role="Supervisor")} == {"us-0001", "us-0003"}


@pytest.mark.parametrize("query", ["clientid=cl-0001", "limit=0", "limit=201", "updatedSince=yesterday", "cursor=zzz",
                                   "updatedSince=2026-01-01T00:00:00", "limit=5&limit=6"])  # fmt: skip
def test_a_filter_that_is_not_understood_never_returns_everything(api: httpx.Client, query: str) -> None:
    answer = api.get(f"/notes?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
