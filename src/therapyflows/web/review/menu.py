"""Where a person can go, by what the policy lets them do.  One line for each page that is not reached from another."""

from dataclasses import dataclass
from typing import Literal, get_args

from therapyflows.governance.access.policy import PRACTICE, Deed, Person, decide

Group = Literal["Your work", "The practice", "You"]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    path: str
    deed: Deed | None
    """What the person must be allowed to do; None: for everybody who is signed in."""
    workflow: str = PRACTICE
    group: Group = "The practice"
    beside: bool = False
    """Stands beside the menu too where the window is wide: what is needed every day."""

    def current(self, path: str) -> str | None:
        """The ``aria-current`` of this entry on that page: ``page``, or ``true`` on a page below it."""
        if path == self.path:
            return "page"
        return "true" if self.path != "/" and path.startswith(f"{self.path}/") else None


ENTRIES = (
    Entry("Waiting for you", "/", "view_queue", "session-note", group="Your work", beside=True),
    Entry("Sessions", "/sessions", "view_appointments", group="Your work", beside=True),
    Entry("New intake form", "/intake-forms", "view_queue", "intake", group="Your work"),
    Entry("Emergency access", "/emergency", "break_glass", group="Your work"),
    Entry("Emergency reviews", "/emergency-reviews", "review_break_glass", beside=True),
    Entry("Training", "/training", "train", group="You"),
    Entry("How drafts are read", "/attention", "view_attention", group="You"),
    Entry("Operations", "/operations", "view_operations", beside=True),
    Entry("Audit trail", "/audit", "view_audit", beside=True),
    Entry("Quality of intake forms", "/quality", "view_quality"),
    Entry("Snippets", "/snippets", "keep_snippets", group="You"),
    Entry("How your notes are worded", "/style", "manage_style", group="You"),
    Entry("Help", "/help", None, group="You"),
)


def menu_of(person: Person) -> tuple[tuple[Group, tuple[Entry, ...]], ...]:
    """The entries for this person by group, without groups that have none."""
    groups = ((group, tuple(e for e in ENTRIES if e.group == group and _is_for(person, e))) for group in GROUPS)
    return tuple((group, entries) for group, entries in groups if entries)


def home_of(person: Person) -> str | None:
    """The page to begin with: the first that the person's role gives them."""
    return next((e.path for _, entries in menu_of(person) for e in entries if e.deed is not None), None)


def _is_for(person: Person, entry: Entry) -> bool:
    if entry.deed is None:
        return person.active
    return decide(person, entry.deed, workflow=entry.workflow, client_id=None, clinician_id=None).allowed
