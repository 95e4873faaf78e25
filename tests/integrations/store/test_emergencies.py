"""Uses of emergency access as rows, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.governance.access.emergency import EmergencyAccess, Verdict
from therapyflows.integrations.store import Store


@pytest.fixture
def access(clock: Any) -> EmergencyAccess:
    return EmergencyAccess(
        "emg_1", "u-7", "Clinician", "c-1", "crisis", "cnt_1", clock.at, clock.at + timedelta(hours=2)
    )


def test_it_is_kept_as_it_was_and_known_to_other_processes(store: Store, place: Any, access: EmergencyAccess) -> None:
    store.emergencies.open(access)
    assert place.open().emergencies.get("emg_1") == access
    with pytest.raises(NotFound):
        store.emergencies.get("emg_2")


def test_it_is_open_until_its_end(store: Store, clock: Any, access: EmergencyAccess) -> None:
    store.emergencies.open(access)
    assert store.emergencies.open_for("u-7", clock.at) == [access]
    assert store.emergencies.open_for("u-7", access.expires_at) == []
    store.emergencies.update("emg_1", expires_at=clock.at)
    assert store.emergencies.open_for("u-7", clock.at) == []


def test_only_times_and_counts_change(store: Store, access: EmergencyAccess) -> None:
    store.emergencies.open(access)
    for column in ("user_id", "reason_code", "verdict", "opened_at"):
        with pytest.raises(Invalid):
            store.emergencies.update("emg_1", **{column: "x"})
    with pytest.raises(NotFound):
        store.emergencies.update("emg_2", reminders_sent=1)


def test_of_many_who_judge_at_once_one_does(store: Store, clock: Any, access: EmergencyAccess) -> None:
    store.emergencies.open(access)
    store.emergencies.open(replace(access, id="emg_2"))

    def judge(number: int) -> bool:
        verdict = Verdict.JUSTIFIED
        try:
            store.emergencies.review(
                "emg_1", by=f"u-{number}", at=clock.at, verdict=verdict, comment_content_id=f"cnt_{number}"
            )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(judge, range(8))) == 1
    assert [found.id for found in store.emergencies.unreviewed()] == ["emg_2"]
    [judged] = store.emergencies.reviewed()
    assert (judged.id, judged.verdict) == ("emg_1", Verdict.JUSTIFIED)
