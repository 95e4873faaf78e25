"""Automations: what makes Prefect tell a person.

Both start the deployment ``alert``, which puts an urgent task before the practice administrators in the EHR, so that
nobody has to set up mail or chat first.  An operator can add a notification action in the Prefect UI.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import Automation, AutomationCore, EventTrigger, Posture, RunDeployment
from prefect.client.orchestration import PrefectClient

RUN_FAILED = "TherapyFlows: a run failed"
DRAFT_OVERDUE = "TherapyFlows: a draft waits too long"


def automations(alert_deployment: UUID) -> list[AutomationCore]:
    """The automations that every installation has."""
    return [
        AutomationCore(
            name=RUN_FAILED,
            description="Tells the practice administrators that a run failed. Crashed runs are restarted first.",
            trigger=EventTrigger(
                expect={"prefect.flow-run.Failed", "prefect.flow-run.TimedOut"},
                match={"prefect.resource.id": "prefect.flow-run.*"},
                match_related={"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.therapyflows"},
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[_alert(alert_deployment, "{{ event.resource.id }}", "run_failed")],
        ),
        AutomationCore(
            name=DRAFT_OVERDUE,
            description="Tells the practice administrators that a draft was escalated and still waits for review.",
            trigger=EventTrigger(
                expect={"therapyflows.draft.overdue"},
                match={"prefect.resource.id": "therapyflows.draft.*"},
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[_alert(alert_deployment, "{{ event.resource.id }}", "draft_overdue")],
        ),
    ]


def _alert(deployment: UUID, resource: str, reason: str) -> RunDeployment:
    parameters: dict[str, Any] = {
        "resource": {"__prefect_kind": "jinja", "template": resource},
        "reason": reason,
    }
    return RunDeployment(source="selected", deployment_id=deployment, parameters=parameters)


async def register_automations(client: PrefectClient) -> None:
    """Create what is missing; an automation that an operator changed or paused stays as it is."""
    deployment = await client.read_deployment_by_name("alert/alert")
    existing: set[str] = {a.name for a in await client.read_automations()}
    for wanted in automations(deployment.id):
        if wanted.name not in existing:
            await client.create_automation(wanted)


__all__ = ["Automation", "automations", "register_automations"]
