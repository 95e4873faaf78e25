"""A draft that cannot be finished ends with a reason and a task, once."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from therapyflows.core.drafts.giving_up import give_up
from therapyflows.core.drafts.model import DraftRecord, DraftState

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Ehr:
    def __init__(self) -> None:
        self.tasks: list = []

    async def create_task(self, task) -> str:
        self.tasks.append(task)
        return "ta-1"


class Drafts:
    def __init__(self, state: DraftState) -> None:
        self.row = DraftRecord(
            id="drf_1", workflow="session-note", state=state, clinician_id="us-1", client_id="cl-1",
            appointment_id="ap-1", source_ref="d-1", format="soap", version=1, created_at=NOW, updated_at=NOW,
        )  # fmt: skip

    def get(self, draft_id: str):
        return self.row

    def move(self, draft_id: str, *, expected, to: DraftState, failure_code: str):
        assert self.row.state in expected
        self.row = replace(self.row, state=to, failure_code=failure_code)


def ports(state: DraftState):
    return SimpleNamespace(ehr=Ehr(), drafts=Drafts(state), record_once=lambda *args, **kwargs: None)


@pytest.mark.parametrize("state", [DraftState.PREPARING, DraftState.APPROVED])
async def test_the_draft_fails_with_its_reason_and_the_clinician_has_a_task(state):
    world = ports(state)
    await give_up(world, "drf_1", "ehr_answer_invalid")
    await give_up(world, "drf_1", "ehr_answer_invalid")
    assert (world.drafts.row.state, world.drafts.row.failure_code) == (DraftState.FAILED, "ehr_answer_invalid")
    assert [task.assignee_id for task in world.ehr.tasks] == ["us-1"]


@pytest.mark.parametrize("state", [DraftState.POSTED, DraftState.CANCELLED, DraftState.INCIDENT])
async def test_a_draft_that_ended_stays_as_it_is(state):
    world = ports(state)
    await give_up(world, "drf_1", "ehr_answer_invalid")
    assert world.drafts.row.state == state
    assert world.ehr.tasks == []
