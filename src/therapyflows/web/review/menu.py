"""Where a person can go, by what the policy lets them do.  One line for each page that is not reached from another."""

from dataclasses import dataclass

from therapyflows.governance.access.policy import PRACTICE, Deed, Person, decide


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    path: str
    deed: Deed
    workflow: str = PRACTICE


ENTRIES = (
    Entry("Waiting for you", "/", "view_queue", "session-note"),
    Entry("Emergency access", "/emergency", "break_glass"),
    Entry("Emergency reviews", "/emergency-reviews", "review_break_glass"),
    Entry("Audit trail", "/audit", "view_audit"),
)


def menu_of(person: Person) -> tuple[Entry, ...]:
    return tuple(
        entry
        for entry in ENTRIES
        if decide(person, entry.deed, workflow=entry.workflow, client_id=None, clinician_id=None).allowed
    )
