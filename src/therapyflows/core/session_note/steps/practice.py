"""What the steps are given: the practice's policy and the ports."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from therapyflows.core.ports import Judge, Recognizer
from therapyflows.core.run_ports import RunPorts
from therapyflows.core.session_note.model import Draft, SessionContext, Template, Transcript
from therapyflows.governance.access.cosign import CosignRules, default_rules
from therapyflows.governance.retention.policy import Periods

Drafter = Callable[[Transcript, SessionContext, Template], Awaitable[Draft]]
"""Turns a transcript into a draft, by a language model or by the evidence drafter; never fails for want of a model."""


@dataclass(frozen=True, slots=True)
class NotePolicy:
    """What the practice decided about its notes."""

    note_format: str = "soap"
    retention: Periods = field(default_factory=Periods)
    review_within: timedelta = timedelta(days=14)
    review_base_url: str = "http://127.0.0.1:4280"
    cosign: CosignRules = field(default_factory=default_rules)
    model_leaves_machine: bool = False
    judge_patience_s: float = 180.0
    """Seconds after which a draft goes to its reviewer without a second opinion."""

    def review_url(self, draft_id: str) -> str:
        """Where the reviewer finds the draft; an id, nothing else."""
        return f"{self.review_base_url}/drafts/{draft_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNotePorts(RunPorts):
    """Everything the steps reach the world through."""

    recognizer: Callable[[], Recognizer]
    """Loads the model at the first call, because most runs of a flow (every wake-up) need none."""
    read_transcript: Callable[[bytes, str], Transcript]
    """Parses an uploaded transcript (content, file name)."""
    drafter: Drafter
    judge_of: Callable[[SessionContext], Awaitable[Judge | None]] | None = None
    """A judge for one session, behind its client's PHI boundary; None where no second opinion is asked for."""
    policy: NotePolicy
