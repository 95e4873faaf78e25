"""kill -9 of each process while sessions are in flight: nothing is lost, nothing is posted twice.

In CI four sessions in flight while each of the five processes is killed; ``make test-full``: twenty sessions in flight
for each process, killed six times.
"""

import os
import random
import threading
from collections import Counter

import pytest

from system import System, poll
from therapyflows.app.auditing import verify_trail
from therapyflows.core.drafts.model import DraftRecord, DraftState

FULL_SIZE = os.environ.get("THERAPYFLOWS_TEST_SIZE") == "full"
PROCESSES = ("gateway", "dispatcher", "worker", "review", "simulated-ehr")
STORY = ("draft.submitted", "draft.approved", "note.posted", "note.verified")


@pytest.fixture
def own_system(tmp_path):
    """Not shared: its processes die."""
    quick = {"THERAPYFLOWS_RECOVERY__RUN_PATIENCE_S": "25", "THERAPYFLOWS_RECOVERY__EVENT_LEASE_S": "20"}
    with System(tmp_path, quick) as running:
        yield running


class Reviewers(threading.Thread):
    """Approve whatever waits, again and again, whatever the servers answer."""

    def __init__(self, system: System) -> None:
        super().__init__(daemon=True)
        self.system, self.stop = system, threading.Event()
        self.refusals: Counter[str] = Counter()

    def run(self) -> None:
        while not self.stop.wait(0.5):
            for record in self.system.store.drafts.in_state([DraftState.IN_REVIEW]):
                try:
                    self.system.approve(record)
                except Exception as error:  # the review app or the EHR is down at this moment: try again
                    self.refusals[type(error).__name__] += 1
                    self.system._people.pop(record.clinician_id, None)


ROUNDS = [(20, (name,)) for name in PROCESSES] if FULL_SIZE else [(4, PROCESSES)]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("sessions", "victims"), ROUNDS, ids=["+".join(victims) for _, victims in ROUNDS])
def test_every_session_ends_with_exactly_one_note(own_system, transcript_file, sessions, victims):
    seed = random.SystemRandom().randrange(10**6)
    appointments = own_system.scheduled(sessions)
    play_with_kills(own_system, appointments, victims, transcript_file, random.Random(seed))
    for appointment in appointments:
        assert_exactly_one(own_system, appointment, seed)
    assert verify_trail(None, None, None)["intact"]


def play_with_kills(system, appointments, victims, transcript_file, rng) -> None:
    reviewers = Reviewers(system)
    reviewers.start()
    killer = threading.Thread(target=kill_at_random, args=(system, victims, rng), daemon=True)
    killer.start()
    for appointment in appointments:
        end_session_whatever_happens(system, appointment, transcript_file)
    poll(
        lambda: all(posted(system, a["id"]) for a in appointments),
        seconds=120 + 60 * len(appointments),
        what="every session is posted: "
        + str([[r.state.value for r in system.store.drafts.for_appointment(a["id"])] for a in appointments]),
        every_s=1,
    )
    killer.join()
    reviewers.stop.set()
    reviewers.join()


def kill_at_random(system, victims, rng) -> None:
    pause = threading.Event()
    rounds = 1 if len(victims) > 1 else 6
    for name in rng.sample(list(victims) * rounds, len(victims) * rounds):
        pause.wait(rng.uniform(1, 10))
        system.kill(name)


def end_session_whatever_happens(system, appointment, transcript_file) -> None:
    """The EHR may be down at this moment; ending twice would be two recordings, so look first."""

    def ended() -> bool:
        try:
            if system.chart(f"/v1/appointments/{appointment['id']}")["status"] == "scheduled":
                system.end_session(appointment["id"], transcript_file)
            return True
        except Exception:
            return False

    poll(ended, seconds=60, what="the session is ended in the EHR")


def posted(system, appointment_id: str) -> bool:
    return any(r.state == DraftState.POSTED for r in system.store.drafts.for_appointment(appointment_id))


def assert_exactly_one(system, appointment, seed: int) -> None:
    """One Draft in the EHR, one draft here, and each step of the story once."""
    notes = poll(lambda: system.drafts_in_chart(appointment), seconds=30, what="the note in the chart")
    assert len(notes) == 1, f"seed {seed}"
    [record] = system.store.drafts.for_appointment(appointment["id"])
    assert isinstance(record, DraftRecord)
    entries = system.store.audit.search(client_id=appointment["clientId"], limit=5000)
    about = [
        e.entry.action.value
        for e in entries
        if e.entry.resource == f"draft/{record.id}" or e.entry.details.get("draft_id") == record.id
    ]
    counts = Counter(action for action in about if action in STORY)
    assert counts == dict.fromkeys(STORY, 1), f"seed {seed}: {counts}"
