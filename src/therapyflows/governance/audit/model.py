"""One entry of the audit trail: who did what to which resource, when, and digests of what went over the wire.

An entry never carries content: ``details`` holds ids, counts, codes and timings (strings, numbers, booleans).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Action(StrEnum):
    """What can stand in the trail.  Named resource.verb."""

    EHR_READ = "ehr.read"
    EHR_WRITE = "ehr.write"
    EVENT_RECEIVED = "event.received"
    EVENT_REFUSED = "event.refused"
    EVENT_DISPATCHED = "event.dispatched"
    EVENT_IGNORED = "event.ignored"
    EVENT_DEAD = "event.dead"
    """Given up on after its last attempt; a person has to look."""
    RUN_STARTED = "run.started"
    RUN_RESUMED = "run.resumed"
    RUN_RESTARTED = "run.restarted"
    RUN_FAILED = "run.failed"
    RECORDING_STORED = "recording.stored"
    TRANSCRIPT_STORED = "transcript.stored"
    MODEL_CALLED = "model.called"
    MODEL_REFUSED = "model.refused"
    DRAFT_STORED = "draft.stored"
    DRAFT_SUBMITTED = "draft.submitted"
    DRAFT_VIEWED = "draft.viewed"
    DRAFT_EDITED = "draft.edited"
    SNIPPETS_CHANGED = "snippets.changed"
    """A piece of text that people put into notes was saved or removed; it is about no client."""
    DRAFT_APPROVED = "draft.approved"
    DRAFT_REJECTED = "draft.rejected"
    DECISION_UNDONE = "draft.decision_undone"
    """By the person who made it, before its run was let go."""
    DRAFT_SNOOZED = "draft.snoozed"
    """Put aside by one person until a time; outcome ``ended``: they took it up again before."""
    DRAFT_HANDED_OVER = "draft.handed_over"
    """A colleague who may decide has it now."""
    COSIGN_ASKED = "cosign.asked"
    """The supervisors responsible have a task: an approval waits for a co-signature."""
    DRAFT_COSIGNED = "draft.cosigned"
    DRAFT_REMINDED = "draft.reminded"
    DRAFT_ESCALATED = "draft.escalated"
    DRAFT_EXPIRED = "draft.expired"
    DRAFT_CANCELLED = "draft.cancelled"
    REDRAFT_ASKED = "draft.redraft_asked"
    """The reviewer sent the draft back, with guidance, to be made anew."""
    REDRAFTED = "draft.redrafted"
    REWRITE_PROPOSED = "rewrite.proposed"
    """Other words for lines of a draft were shown to the reviewer."""
    DRAFT_SENT_BACK = "draft.sent_back"
    """Approved, but the approver had lost the right to before it was filed, or it contradicts the chart: it waits for
    another decision."""
    NOTE_CHECKED = "note.checked"
    """Filed although the chart says something else: warnings, and contradictions that the approver excused."""
    NOTE_POSTED = "note.posted"
    NOTE_VERIFIED = "note.verified"
    NOTE_MISMATCH = "note.mismatch"
    FORM_READ = "form.read"
    RISK_FLAGGED = "risk.flagged"
    """A form or message speaks of a current risk; the people responsible have an urgent task."""
    FORM_HANDED_IN = "form.handed_in"
    """Of somebody who stands in no chart; the entries about it name a prospect until ``prospect.linked``."""
    FORM_ASKED = "form.asked"
    """A language model was asked for what the rules did not find, or why it was not."""
    FORM_FILED = "form.filed"
    CLIENT_REGISTERED = "client.registered"
    PROSPECT_LINKED = "prospect.linked"
    """From here on the draft belongs to this client; ``prospect`` is what it was called before."""
    CLIENT_UPDATED = "client.updated"
    ASSESSMENT_FILED = "assessment.filed"
    MESSAGE_DRAFTED = "message.drafted"
    QUALITY_REPORTED = "quality.reported"
    QUALITY_VIEWED = "quality.viewed"
    RECORD_VERIFIED = "record.verified"
    RECORD_MISMATCH = "record.mismatch"
    CONSENT_CHECKED = "consent.checked"
    ACCESS_DENIED = "access.denied"
    LOGIN = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    LOGIN_CONFIRMED = "login.confirmed"
    """The password was entered again, for a deed that asks for it."""
    LOGOUT = "logout"
    SESSION_ENDED = "session.ended"
    """By the application: the outcome says why."""
    ACCESS_THROTTLED = "access.throttled"
    """Somebody failed again and again: what follows from there is refused for a while, unread."""
    BREAK_GLASS_OPENED = "break_glass.opened"
    """Emergency access to one client; what is looked at by it says ``emergency`` in its details."""
    BREAK_GLASS_USED = "break_glass.used"
    """Who the client is and which drafts there are was looked at by it."""
    BREAK_GLASS_ENDED = "break_glass.ended"
    BREAK_GLASS_REVIEWED = "break_glass.reviewed"
    RECORDING_PLAYED = "recording.played"
    CONTENT_DELETED = "content.deleted"
    CONTENT_SHREDDED = "content.shredded"
    PRACTICE_KEY_ROTATED = "practice_key.rotated"
    CLIENT_VIEWED = "client.viewed"
    """The page that lists what was done for this client."""
    APPOINTMENTS_VIEWED = "appointments.viewed"
    SESSION_PREP_VIEWED = "session_prep.viewed"
    """The page before a session: the last note, goals, measures, tasks."""
    TASK_CREATED = "task.created"
    CLOCK_BEHIND = "clock.behind"
    """A clock that stood before the trail's last entry; what follows bears that entry's time."""
    KEY_HANDED_OVER = "signing_key.handed_over"
    TRAIL_SEARCHED = "trail.searched"
    TRAIL_VERIFIED = "trail.verified"
    TRAIL_EXPORTED = "trail.exported"
    STYLE_LEARNED = "style.learned"
    """A clinician's habits of wording were learned anew; numbers only."""
    STYLE_CHANGED = "style.changed"
    """By the clinician, on their page."""
    DISCLOSURE_MADE = "disclosure.made"
    """Something about a client was given to somebody outside of the practice."""
    DISCLOSURE_FAILED = "disclosure.failed"
    """Told as made, and then it could not be handed over."""
    DISCLOSURE_REFUSED = "disclosure.refused"
    TRAINING_BEGUN = "training.begun"
    """An exercise with errors put in on purpose; of no client."""
    TRAINING_FINISHED = "training.finished"
    DISCLOSURES_VIEWED = "disclosures.viewed"


@dataclass(frozen=True, slots=True)
class Actor:
    kind: Literal["person", "service"]
    id: str
    """User id of the EHR, or the name of our service (``worker``, ``gateway``, ``review``)."""
    role: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What a caller reports; the trail adds sequence, time, previous hash and hash."""

    action: Action
    actor: Actor
    resource: str
    """``kind/id``, e.g. ``draft/drf_12``, ``clients/c-7``."""
    client_id: str | None = None
    flow_run_id: str | None = None
    request_id: str | None = None
    outcome: str = "ok"
    """``ok`` or an error code."""
    sent_digest: str | None = None
    received_digest: str | None = None
    """``sha256:...`` of the bytes sent and received."""
    details: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry as it stands in the trail."""

    seq: int
    at: datetime
    entry: AuditEntry
    prev_hash: str
    hash: str
