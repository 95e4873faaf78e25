"""Goals and diagnoses against the active treatment plan."""

from collections.abc import Iterator

from therapyflows.core.consistency.model import Artifacts
from therapyflows.core.consistency.words import pattern
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity


def goals_exist(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """A goal that the note cites by its number exists."""
    plan = artifacts.plan
    known = {goal.id.lower() for goal in plan.goals} if plan else set()
    for line in artifacts.note.lines:
        for match in pattern("goal").finditer(line.text):
            cited = match[1].lower()
            if plan is None:
                message = f"The note cites goal {match[1]}; the chart has no active treatment plan."
                yield NoteFinding("chart_goal_without_plan", message, Severity.WARNING, (line.id,))
            elif cited not in known and not (cited.isdigit() and 1 <= int(cited) <= len(plan.goals)):
                message = f"The note cites goal {match[1]}; the active plan has {len(plan.goals)}."
                yield NoteFinding("chart_goal", message, Severity.STOP, (line.id,))


def diagnoses_of_the_plan(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """A diagnosis that is filed belongs to a category (first three characters) of the plan's."""
    if artifacts.plan is None or not artifacts.plan.diagnosis_codes:
        return
    planned = {code.upper()[:3] for code in artifacts.plan.diagnosis_codes}
    for code in artifacts.note.icd10:
        if code.upper()[:3] not in planned:
            listed = ", ".join(artifacts.plan.diagnosis_codes)
            message = f"{code} is not among the diagnoses of the treatment plan ({listed})."
            yield NoteFinding("chart_diagnosis", message, Severity.WARNING)
