"""Every run that the trail knows has its entries on its page, whatever became of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.stores import open_test_store

from therapyflows.core.errors import NotFound, Transient
from therapyflows.core.run_trail import RUNS_A_ROUND, SHOWN, page_of, show_run, show_touched_runs
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.integrations.store import Store

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class ScriptedPages:
    """Pages by key; ``fail_with`` scripts the next answers."""

    pages: dict[str, str] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    fail_with: list[Exception | None] = field(default_factory=list)

    async def show(self, flow_run_id: str, *, key: str, title: str, text: str) -> None:
        self.history.append(flow_run_id)
        if self.fail_with and (failure := self.fail_with.pop(0)) is not None:
            raise failure
        self.pages[key] = text


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    opened = open_test_store(tmp_path, now=clock)
    yield opened
    opened.close()


def entry(run: str | None, action: Action = Action.DRAFT_STORED, **more: str) -> AuditEntry:
    return AuditEntry(action, Actor("service", "worker"), f"draft/drf_{run}", "cl-secret", run, **more)


async def touched(pages: ScriptedPages, store: Store, clock: Clock) -> int:
    return await show_touched_runs(pages, store.audit, store.inbox, now=clock.at)


async def test_a_run_shows_its_entries_by_number_and_hash(store: Store) -> None:
    store.audit.append_many([entry("r1"), entry("r2"), entry("r1", Action.NOTE_POSTED)])
    pages = ScriptedPages()
    await show_run(pages, store.audit, "r1")
    text = pages.pages["audit-r1"]
    for found in store.audit.search(flow_run_id="r1"):
        assert f"| {found.seq} |" in text
        assert found.hash[:12] in text
    assert "therapyflows audit show --run r1" in text
    assert "| 2 |" not in text


async def test_a_run_without_entries_shows_nothing(store: Store) -> None:
    pages = ScriptedPages()
    await show_run(pages, store.audit, "r1")
    assert pages.history == []


async def test_a_page_names_no_client_and_keeps_its_form(store: Store) -> None:
    store.audit.append(entry("r1", outcome="a|b"))
    text = page_of("r1", store.audit.search())
    assert "cl-secret" not in text
    assert "a\\|b" in text


async def test_a_long_page_says_that_there_is_more(store: Store) -> None:
    store.audit.append_many([entry("r1")] * (SHOWN + 5))
    pages = ScriptedPages()
    await show_run(pages, store.audit, "r1")
    assert pages.pages["audit-r1"].count("draft.stored") == SHOWN
    assert "And more" in pages.pages["audit-r1"]


async def test_a_round_shows_every_run_that_was_touched_and_the_next_one_only_new_ones(
    store: Store, clock: Clock
) -> None:
    """A crashed or cancelled run wrote no page of its own; here it gets one."""
    for run in ("r1", None, "r2", "r1"):
        store.audit.append(entry(run))
    pages = ScriptedPages()
    assert await touched(pages, store, clock) == 2
    assert set(pages.pages) == {"audit-r1", "audit-r2"}
    store.audit.append(entry("r3", Action.RUN_FAILED))
    pages.history.clear()
    await touched(pages, store, clock)
    assert "r3" in pages.history
    assert "r2" not in pages.history


async def test_a_run_that_was_forgotten_does_not_hold_up_the_others(store: Store, clock: Clock) -> None:
    store.audit.append_many([entry("r1"), entry("r2")])
    pages = ScriptedPages(fail_with=[NotFound("not_in_prefect")])
    assert await touched(pages, store, clock) == 1
    assert set(pages.pages) == {"audit-r2"}


async def test_while_the_orchestrator_is_away_nothing_counts_as_shown(store: Store, clock: Clock) -> None:
    store.audit.append_many([entry("r1"), entry("r2")])
    pages = ScriptedPages(fail_with=[None, Transient("prefect_unreachable")])
    assert await touched(pages, store, clock) == 1
    assert await touched(pages, store, clock) == 2
    assert set(pages.pages) == {"audit-r1", "audit-r2"}


@pytest.mark.parametrize("together", [50, 2 * RUNS_A_ROUND])
async def test_a_flood_of_runs_is_worked_off_round_by_round(store: Store, clock: Clock, together: int) -> None:
    runs = [f"r{n}" for n in range(RUNS_A_ROUND + 50)]
    for start in range(0, len(runs), together):
        store.audit.append_many([entry(run) for run in runs[start : start + together]])
    pages = ScriptedPages()
    for _ in range(3):
        await touched(pages, store, clock)
    assert set(pages.pages) == {f"audit-{run}" for run in runs}
