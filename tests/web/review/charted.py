"""A chart in which every part of the page before a session has something to show."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from tests.web.review.conftest import World
from tests.web.review.practice import CLINICIAN

from therapyflows.core.chart import (
    Appointment,
    Assessment,
    NewTask,
    Note,
    NoteSection,
    PlanGoal,
    TreatmentPlan,
)

T = TypeVar("T")
WORDS = "Client slept better and called her sister."


def appointment(world: World, number: int, start: datetime, client_id: str = "c-1", **more: object) -> Appointment:
    given = {"clinician_id": CLINICIAN.id, "status": "scheduled", "modality": "video"} | more
    made = Appointment(
        id=f"a-{number}", client_id=client_id, start=start, end=start + timedelta(minutes=50), updated_at=start, **given
    )
    world.reads.ehr.add(made)
    return made


def measure(world: World, number: int, answers: tuple[int, ...], days_ago: int, name: str = "PHQ-9") -> None:
    at = world.clock() - timedelta(days=days_ago)
    found = Assessment(id=f"as-{number}", client_id="c-1", measure=name, answers=answers, administered_at=at)
    world.reads.ehr.add(found)


def fill_chart(world: World, words: str = WORDS, change: Callable[[T], T] = lambda value: value) -> None:
    """Of client c-1; ``change`` is done to everything that people can write."""
    now, ehr = world.clock(), world.reads.ehr
    appointment(world, 20, now - timedelta(days=7), status="completed")
    appointment(world, 21, now + timedelta(minutes=30))
    sections = tuple(NoteSection(name=name, text=words) for name in ("Subjective", "Objective", "Assessment", "Plan"))
    ehr.add(change(Note(
        id="n-1", client_id="c-1", clinician_id=CLINICIAN.id, status="Draft", draft_content=sections,
        created_at=now - timedelta(days=6),
    )))  # fmt: skip
    hidden = NoteSection(name="Process", text="Countertransference about the sister.")
    ehr.add(Note(
        id="n-2", client_id="c-1", clinician_id=CLINICIAN.id, type="psychotherapy_note", status="Signed",
        draft_content=(hidden,), created_at=now - timedelta(days=5),
    ))  # fmt: skip
    goals = tuple(PlanGoal(id=f"g-{n}", text=f"Goal {n}: {words}", objectives=(words,) * 4) for n in range(1, 8))
    ehr.add(change(TreatmentPlan(id="p-1", client_id="c-1", status="Active", goals=goals, review_date=now.date())))
    measure(world, 1, (2, 2, 2, 2, 2, 2, 2, 1, 0), 42)
    measure(world, 2, (1, 1, 1, 1, 1, 1, 1, 0, 1), 3)
    measure(world, 3, (3, 3, 2, 2, 1, 1, 1), 42, "GAD-7")
    measure(world, 4, (3, 3, 3, 3, 3, 3, 0), 3, "GAD-7")
    for number in range(9):
        task = NewTask(
            assignee_id=CLINICIAN.id, client_id="c-1", title=f"Task {number}", text="", priority="high", external_id="x"
        )
        ehr.tasks[f"t-{number}"] = change(task)
