"""The verbs of the session note, in the order of the flow.  Each takes ports, is safe to call twice, and returns ids.

open_draft ▸ fetch_recording ▸ transcribe ▸ draft_note ▸ submit_for_review ▸ ⏸ ▸ post_note ▸ verify_note
"""

from therapyflows.core.drafts.submitting import submit_for_review
from therapyflows.core.session_note.steps.drafting import draft_note
from therapyflows.core.session_note.steps.opening import open_draft
from therapyflows.core.session_note.steps.posting import post_note, verify_note
from therapyflows.core.session_note.steps.practice import NotePolicy, SessionNotePorts
from therapyflows.core.session_note.steps.redrafting import redraft_note
from therapyflows.core.session_note.steps.source import fetch_recording, transcribe

__all__ = [
    "NotePolicy",
    "SessionNotePorts",
    "draft_note",
    "fetch_recording",
    "open_draft",
    "post_note",
    "redraft_note",
    "submit_for_review",
    "transcribe",
    "verify_note",
]
