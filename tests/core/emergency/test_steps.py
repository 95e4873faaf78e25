"""Emergency access: recorded before it is given, told to those who have to know, judged by somebody else, once."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from therapyflows.core.chart import Role
from therapyflows.core.emergency import steps
from therapyflows.core.emergency.steps import EmergencyPorts
from therapyflows.core.errors import Conflict, Invalid, Refused, Transient
from therapyflows.governance.access.emergency import EmergencyAccess, Verdict, reasons
from therapyflows.governance.audit.model import Action, Actor

ASKING = Actor("person", "u-7", "Clinician")
ADMINISTRATOR = Actor("person", "u-5", "Practice Administrator")
WORDS = "She called the front desk from a bridge."


@pytest.fixture
def ports(practice: Any) -> EmergencyPorts:
    store = practice.store
    return EmergencyPorts(store.emergencies, store.contents, store.audit, practice.clock)


@pytest.fixture
def people(practice: Any) -> None:
    practice.clinician("u-5", roles=(Role.PRACTICE_ADMINISTRATOR,), caseload=())
    practice.clinician("u-7", caseload=("c-9",))
    practice.clinician("u-8", caseload=("c-9",))


def opened(ports: EmergencyPorts, **changes: str) -> EmergencyAccess:
    asked = {"client_id": "c-1", "reason_code": "crisis", "words": WORDS} | changes
    return steps.open_access(ports, by=ASKING, **asked)


async def watched(practice: Any, ports: EmergencyPorts) -> list[str]:
    return [access_id async for access_id in steps.watch_emergencies(ports, practice.ehr)]


def test_it_lasts_two_hours_for_this_person_alone(practice: Any, ports: EmergencyPorts) -> None:
    access = opened(ports)
    assert practice.store.emergencies.open_for("u-7", practice.at) == [access]
    assert practice.store.emergencies.open_for("u-8", practice.at) == []
    practice.forward(hours=2)
    assert practice.store.emergencies.open_for("u-7", practice.at) == []
    assert not access.is_open(practice.at)


def test_asked_twice_it_is_the_same(ports: EmergencyPorts, practice: Any) -> None:
    assert opened(ports) == opened(ports, words="again")
    assert len(practice.entries(Action.BREAK_GLASS_OPENED)) == 1


def test_the_trail_has_the_reasons_code_and_the_words_lie_encrypted(practice: Any, ports: EmergencyPorts) -> None:
    access = opened(ports)
    [entry] = practice.entries(Action.BREAK_GLASS_OPENED)
    assert (entry.actor, entry.client_id, entry.resource) == (ASKING, "c-1", f"emergency/{access.id}")
    assert entry.details == {"reason": "crisis", "minutes": 120}
    assert practice.store.contents.get(access.words_content_id).decode() == WORDS
    assert "bridge" not in str(practice.store.audit.search())


@pytest.mark.parametrize("changes", [{"words": "  "}, {"reason_code": ""}, {"reason_code": "curiosity"}])
def test_without_a_reason_of_the_list_and_words_there_is_none(
    practice: Any, ports: EmergencyPorts, changes: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        opened(ports, **changes)
    assert practice.store.emergencies.unreviewed() == []
    assert practice.entries(Action.BREAK_GLASS_OPENED) == []


def test_every_reason_of_the_list_will_do(ports: EmergencyPorts, practice: Any) -> None:
    for number, code in enumerate(reasons()):
        assert opened(ports, client_id=f"c-{number}", reason_code=code).reason_code == code


async def test_administrators_and_the_responsible_clinician_have_an_urgent_task_and_nobody_else(
    practice: Any, ports: EmergencyPorts, people: None
) -> None:
    access = opened(ports)
    for _ in range(2):
        await steps.tell(ports, practice.ehr, access)
    told = practice.tasks("Emergency access")
    assert {task.assignee_id for task in told} == {"u-5", "u-1"}
    assert {task.priority for task in told} == {"urgent"}
    assert len(practice.entries(Action.TASK_CREATED)) == 2
    assert not any(WORDS in task.text or "crisis" in task.text for task in told)
    assert practice.store.emergencies.get(access.id).notified_at == practice.at


async def test_what_could_not_be_told_at_once_is_told_by_the_watch(
    practice: Any, ports: EmergencyPorts, people: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = opened(ports)

    async def away(ehr: Any, task: Any) -> str:
        raise Transient("ehr_unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.ehr), "create_task", away)
        assert await watched(practice, ports) == []
    assert await watched(practice, ports) == [access.id]
    assert await watched(practice, ports) == []
    assert len(practice.tasks("Emergency access")) == 2


async def test_what_nobody_judged_is_reminded_of_every_three_days(
    practice: Any, ports: EmergencyPorts, people: None
) -> None:
    access = opened(ports)
    await watched(practice, ports)
    for rounds in (1, 2):
        practice.forward(days=3)
        assert await watched(practice, ports) == [access.id]
        assert await watched(practice, ports) == []
        reminders = practice.tasks("not judged yet")
        assert [task.assignee_id for task in reminders] == ["u-5"] * rounds
    steps.judge(ports, access, by=ADMINISTRATOR, verdict="justified", comment="Right.")
    practice.forward(days=30)
    assert await watched(practice, ports) == []


def test_somebody_else_judges_it_once(practice: Any, ports: EmergencyPorts) -> None:
    access = opened(ports)
    practice.forward(hours=5)
    steps.judge(ports, access, by=ADMINISTRATOR, verdict="not_justified", comment="The clinician could be reached.")
    found = practice.store.emergencies.get(access.id)
    assert (found.verdict, found.reviewed_by, found.reviewed_at) == (Verdict.NOT_JUSTIFIED, "u-5", practice.at)
    assert found.expires_at == access.expires_at
    assert practice.store.contents.get(found.comment_content_id).decode() == "The clinician could be reached."
    [entry] = practice.entries(Action.BREAK_GLASS_REVIEWED)
    assert (entry.actor, entry.details) == (ADMINISTRATOR, {"verdict": "not_justified"})
    other = Actor("person", "u-6", "Practice Administrator")
    with pytest.raises(Conflict):
        steps.judge(ports, access, by=other, verdict="justified", comment="No, it was fine.")
    assert practice.store.emergencies.get(access.id) == found


def test_nobody_judges_themselves(practice: Any, ports: EmergencyPorts) -> None:
    access = opened(ports)
    with pytest.raises(Refused, match="own_emergency_access"):
        steps.judge(ports, access, by=ASKING, verdict="justified", comment="I had to.")
    assert practice.store.emergencies.get(access.id).verdict is None


@pytest.mark.parametrize(("verdict", "comment"), [("", "x"), ("maybe", "x"), ("justified", " ")])
def test_a_judgement_needs_a_verdict_and_words(ports: EmergencyPorts, verdict: str, comment: str) -> None:
    with pytest.raises(Invalid):
        steps.judge(ports, opened(ports), by=ADMINISTRATOR, verdict=verdict, comment=comment)


def test_a_judgement_or_the_person_ends_what_is_still_open(practice: Any, ports: EmergencyPorts) -> None:
    steps.judge(ports, opened(ports), by=ADMINISTRATOR, verdict="not_justified", comment="Stop.")
    assert practice.store.emergencies.open_for("u-7", practice.at) == []
    again = opened(ports)
    steps.end_access(ports, again, by=ASKING)
    steps.end_access(ports, practice.store.emergencies.get(again.id), by=ASKING)
    assert practice.store.emergencies.open_for("u-7", practice.at) == []
    assert [entry.actor.id for entry in practice.entries(Action.BREAK_GLASS_ENDED)] == ["u-5", "u-7"]


async def test_killed_anywhere_nobody_has_access_that_the_trail_does_not_know_or_nobody_is_told_of(
    practice: Any, ports: EmergencyPorts, people: None, killed: type[BaseException], mortal: Any
) -> None:
    for dies_at in count():
        client = f"k-{dies_at}"
        practice.client(client)
        calls = count()
        store = practice.store
        dying = EmergencyPorts(
            mortal(store.emergencies, calls, dies_at),
            mortal(store.contents, calls, dies_at),
            mortal(store.audit, calls, dies_at),
            practice.clock,
            lasts=timedelta(hours=1),
        )
        try:
            access = opened(dying, client_id=client)
            await steps.tell(dying, practice.ehr, access)
        except killed:
            pass
        else:
            assert dies_at > 5, "not one step was killed"
            break
        standing = [a for a in store.emergencies.unreviewed() if a.client_id == client]
        await watched(practice, ports)
        assert len(standing) <= len(practice.entries(Action.BREAK_GLASS_OPENED, client)) <= 1
        told = [task for task in practice.tasks("Emergency access") if task.client_id == client]
        assert len(told) == len(standing), "one administrator per access"
