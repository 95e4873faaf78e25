"""Roles and caseload are asked of the EHR and believed for a short, configured time; without an EHR nobody gets in."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from therapyflows.app import review
from therapyflows.app.review import ChartLookup
from therapyflows.app.settings import Settings
from therapyflows.core.chart import Client, Role, User
from therapyflows.core.errors import NotFound, Transient
from therapyflows.integrations.ehr.memory import MemoryEhr

CLINICIAN = User(id="u-1", name="Clin Example", roles=(Role.CLINICIAN,), caseload=("c-1",))


@dataclass
class Practice:
    ehr: MemoryEhr = field(default_factory=MemoryEhr)
    at_s: float = 1000.0
    asked: int = 0
    down: bool = False

    def open_ehr(self) -> MemoryEhr:
        self.asked += 1
        if self.down:
            raise Transient("ehr_unavailable")
        return self.ehr

    def lookup(self, roles_cache_s: float = 30) -> ChartLookup:
        review: Any = SimpleNamespace(
            **{"roles_cache_s": roles_cache_s, "emergency_hours": 2.0, "emergency_review_days": 3.0}
        )
        settings = Settings.model_construct(review=review)
        parts: Any = SimpleNamespace(emergencies=None, contents=None, audit=None)
        return ChartLookup(settings, parts, self.open_ehr, lambda: self.at_s)


@pytest.fixture
def practice() -> Practice:
    made = Practice()
    made.ehr.add(CLINICIAN)
    made.ehr.add(Client(id="c-1", first_name="Testa", last_name="Example"))
    return made


async def test_a_caseload_that_was_taken_away_is_gone_within_the_time(practice: Practice) -> None:
    lookup = practice.lookup(30)
    assert (await lookup.user("u-1")).caseload == ("c-1",)
    practice.ehr.add(CLINICIAN.model_copy(update={"caseload": ()}))
    practice.at_s += 29.9
    assert (await lookup.user("u-1")).caseload == ("c-1",)
    practice.at_s += 0.1
    assert (await lookup.user("u-1")).caseload == ()
    assert practice.asked == 2


async def test_with_no_time_at_all_every_request_asks(practice: Practice) -> None:
    lookup = practice.lookup(0)
    for _ in range(3):
        await lookup.user("u-1")
    assert practice.asked == 3


async def test_old_rights_are_not_believed_while_the_ehr_is_away(practice: Practice) -> None:
    lookup = practice.lookup(30)
    await lookup.user("u-1")
    practice.down = True
    practice.at_s += 30
    with pytest.raises(Transient):
        await lookup.user("u-1")


async def test_who_is_gone_from_the_ehr_is_gone_and_names_are_kept_longer(practice: Practice) -> None:
    lookup = practice.lookup(30)
    await lookup.user("u-1")
    await lookup.client("c-1")
    practice.ehr._objects[User].pop("u-1")
    practice.at_s += 60
    with pytest.raises(NotFound):
        await lookup.user("u-1")
    await lookup.client("c-1")
    assert practice.asked == 3


async def test_what_is_remembered_is_let_go_when_it_is_old_and_never_is_much(practice: Practice, monkeypatch) -> None:
    monkeypatch.setattr(review, "KEPT_AT_MOST", 3)
    for number in range(10):
        practice.ehr.add(Client(id=f"c-{number}", first_name="Testa", last_name="Example"))
    lookup = practice.lookup(30)
    for number in range(10):
        await lookup.client(f"c-{number}")
    assert [key for _, key in lookup._kept] == ["c-7", "c-8", "c-9"]
    practice.at_s += review.CHART_FOR_S
    await lookup.user("u-1")
    assert [key for _, key in lookup._kept] == ["u-1"]
