"""Finding entries by who, whom, what, when and in which run; fast at any size."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.integrations.store.audit_entries import ENTRY, other

from therapyflows.governance.audit.model import Action, Actor
from therapyflows.integrations.store import Store
from therapyflows.integrations.store import _audit_rows as rows

ACTIONS = tuple(Action)


@pytest.mark.parametrize(
    ("asked", "seqs"),
    [
        ({"client_id": "c-2"}, [2]),
        ({"actor_id": "worker"}, [3]),
        ({"flow_run_id": "run-1"}, [1, 2]),
        ({"resource": "draft/drf_4"}, [4]),
        ({"action": Action.LOGIN}, [4]),
        ({"client_id": "c-1", "flow_run_id": "run-1"}, [1]),
        ({"after_seq": 2}, [3, 4]),
        ({"before_seq": 3}, [1, 2]),
        ({"limit": 2}, [1, 2]),
        ({"limit": 3, "newest_first": True}, [4, 3, 2]),
        ({"before_seq": 3, "newest_first": True, "limit": 1}, [2]),
        ({"client_id": "nobody"}, []),
    ],
)
def test_search_finds_by_who_whom_and_what(store: Store, asked: dict[str, Any], seqs: list[int]) -> None:
    store.audit.append_many(
        [
            ENTRY,
            other(2, client_id="c-2"),
            other(3, actor=Actor("service", "worker"), flow_run_id=None),
            other(4, flow_run_id=None, action=Action.LOGIN),
        ]
    )
    assert [found.seq for found in store.audit.search(**asked)] == seqs


@pytest.mark.parametrize(
    ("since", "until", "seqs"),
    [
        (None, None, [1, 2, 3, 4]),
        (1, None, [2, 3, 4]),
        (None, 1, [1]),
        (1, 3, [2, 3]),
        (0.5, 0.7, []),
        (9, None, []),
        (None, 9, [1, 2, 3, 4]),
    ],
)
def test_search_finds_by_time(
    store: Store, clock: Any, since: float | None, until: float | None, seqs: list[int]
) -> None:
    """Hours from the first entry, one entry an hour."""
    begin = clock()
    for n in range(4):
        store.audit.append(other(n))
        clock.forward(hours=1)
    bounds = [None if hours is None else begin + timedelta(hours=hours) for hours in (since, until)]
    assert [found.seq for found in store.audit.search(since=bounds[0], until=bounds[1])] == seqs


def planned(store: Store, query: Any) -> str:
    compiled = query.compile(store.database.engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if store.database.is_sqlite else "EXPLAIN"
    with store.database.read() as session:
        lines = session.connection().exec_driver_sql(f"{explain} {compiled}").all()
    return "\n".join(str(line) for line in lines)


@pytest.fixture
def filled(store: Store) -> Store:
    """Enough, and varied enough, for a planner to choose."""
    for start in range(0, 6000, 500):
        store.audit.append_many(
            [
                other(
                    n,
                    client_id=f"c-{n % 300}",
                    flow_run_id=f"run-{n % 600}",
                    actor=Actor("person", f"u-{n % 300}"),
                    action=ACTIONS[n % len(ACTIONS)],
                )
                for n in range(start, start + 500)
            ]
        )
    with store.database.write() as session:
        session.execute(text("ANALYZE audit_entries"))
    return store


def test_every_search_goes_by_an_index_and_sorts_nothing(filled: Store) -> None:
    nothing: dict[str, Any] = dict.fromkeys(["client_id", "actor_id", "flow_run_id", "resource", "action"])
    asked = [("client_id", "c-7"), ("actor_id", "u-7"), ("flow_run_id", "run-7"), ("resource", "draft/drf_7")]
    for column, value in [*asked, ("action", "login.succeeded")]:
        for newest_first in (False, True):
            query = rows.find(
                **nothing | {column: value}, after_seq=3000, before_seq=None, newest_first=newest_first, limit=100
            )
            plan = planned(filled, query)
            assert f"ix_audit_entries_{column}_seq" in plan, plan
            assert "TEMP B-TREE" not in plan, plan
            assert "Seq Scan" not in plan, plan
