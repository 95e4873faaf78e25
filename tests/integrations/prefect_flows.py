"""Served by ``test_prefect_runs.py`` in a process of its own: a flow that waits for a person."""

import os
import signal
from pathlib import Path

from prefect import flow, serve, suspend_flow_run
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from therapyflows.flows.inputs import WakeUp


@flow(name="waiting", persist_result=True)
async def waiting(appointment_id: str, document_id: str | None = None, event_id: str | None = None) -> State[str]:
    told = await suspend_flow_run(wait_for_input=WakeUp, timeout=3600)
    return Completed(message=told.decision_id)


@flow(name="dying", persist_result=True)
def dying(appointment_id: str, document_id: str | None = None, event_id: str | None = None) -> State[str]:
    """Dies like a killed process the first time, and finishes the second time."""
    mark = Path(os.environ["DYING_MARKS"]) / appointment_id
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Completed(message="second life")


@flow(name="stubborn", persist_result=True)
async def stubborn(appointment_id: str, document_id: str | None = None, event_id: str | None = None) -> State[str]:
    """Waits as the session note does, and dies when it is woken for the first time."""
    mark = Path(os.environ["DYING_MARKS"]) / appointment_id
    woken = 0
    while True:
        woken += 1
        told = await suspend_flow_run(wait_for_input=WakeUp, timeout=3600, key=f"review-{woken}")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if told.decision_id == "dec_real":
            return Completed(message=told.decision_id)


@flow(name="failing", persist_result=True)
def failing(appointment_id: str, document_id: str | None = None, event_id: str | None = None) -> State[str]:
    """Fails the first time, and finishes every other time; each life leaves a letter."""
    mark = Path(os.environ["DYING_MARKS"]) / f"{appointment_id}-lives"
    with mark.open("a") as lives:
        lives.write("x")
    return Failed(message="no use") if mark.read_text() == "x" else Completed(message="done")


if __name__ == "__main__":
    serve(
        waiting.to_deployment("waiting"),
        dying.to_deployment("dying"),
        stubborn.to_deployment("stubborn"),
        failing.to_deployment("failing"),
        query_seconds=1,
    )
