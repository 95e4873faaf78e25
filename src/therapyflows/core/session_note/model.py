"""Values of the session note: transcript, draft, statements, proposed codes, decision.

Everything here is frozen and serializes with pydantic's TypeAdapter (``TRANSCRIPT``, ``DRAFT`` below), because that is
how it lies, encrypted, in the store.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter

from therapyflows.core.chart import Appointment, Assessment, Client, Note, TreatmentPlan, User
from therapyflows.core.notices import Notice
from therapyflows.core.style.model import Profile
from therapyflows.governance.consent.walls import Wall
from therapyflows.governance.evidence.model import Grade, Judgement, Segment, Span
from therapyflows.governance.evidence.whole.model import NoteFinding


class SourceKind(StrEnum):
    RECORDING = "recording"
    DICTATION = "dictation"
    TRANSCRIPT = "transcript"
    SESSION_FIELDS = "session_fields"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A turn that reaches nobody but the clinician."""

    segment_id: str
    wall: Wall
    by: Literal["rule", "clinician"] = "rule"


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said (or typed), in time order.  Segment ids are ``s1``, ``s2``, ... and stable."""

    source: SourceKind
    duration_s: float
    segments: tuple[Segment, ...]
    language: str = "en"
    recognizer: str | None = None
    """Model name and settings for a recording; None when nothing was recognized."""
    warnings: tuple[Notice, ...] = ()

    withheld: tuple[Withheld, ...] = ()
    """Off-record words and psychotherapy notes (``off_record.py``)."""

    @property
    def withheld_ids(self) -> frozenset[str]:
        return frozenset(withheld.segment_id for withheld in self.withheld)

    @property
    def on_record(self) -> "Transcript":
        """What may go on to a drafter, a model, a check or an export: without what is withheld, and without a trace."""
        ids = self.withheld_ids
        if not ids:
            return self
        return replace(self, segments=tuple(s for s in self.segments if s.id not in ids), withheld=())

    def segment(self, segment_id: str) -> Segment | None:
        return next((s for s in self.segments if s.id == segment_id), None)


class StatementKind(StrEnum):
    REPORTED = "reported"
    """What the client said."""
    OBSERVED = "observed"
    """What the clinician said or did in the session."""
    PLAN = "plan"
    RISK = "risk"
    MENTAL_STATUS = "mental_status"
    HISTORY = "history"
    CONSENT = "consent"
    """Copied from the consent record, never drafted."""
    ADMINISTRATIVE = "administrative"
    """Date, times, modality: copied from the appointment."""
    NOT_ASSESSED = "not_assessed"
    CLINICIAN = "clinician"
    """Written or rewritten by the clinician during review."""


@dataclass(frozen=True, slots=True)
class Statement:
    id: str
    section: str
    """Key of the template's section, e.g. ``subjective``."""
    text: str
    kind: StatementKind
    evidence: tuple[Span, ...] = ()
    grade: Grade = Grade.UNSUPPORTED
    reasons: tuple[str, ...] = ()
    kept: bool = False
    """The reviewer read that the source does not support it and kept it on purpose."""
    judged: Judgement | None = None
    """A second opinion, where a judge was asked."""
    unstyled: str | None = None
    """The text before the clinician's style was put on it, where that changed it."""


@dataclass(frozen=True, slots=True)
class CodeProposal:
    """A proposed CPT or ICD-10-CM code with the reason and the words that led to it."""

    system: Literal["cpt", "icd10"]
    code: str
    label: str
    reason: str
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why a contradiction may stand.  ``finding`` is its key: when the chart or the text changes, it is another one."""

    finding: str
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    format: str
    """Template key: ``soap``, ``dap``, ``birp``."""
    drafter: str
    """``evidence`` or ``<provider>:<model>``."""
    statements: tuple[Statement, ...]
    codes: tuple[CodeProposal, ...] = ()
    warnings: tuple[Notice, ...] = ()
    fallback_from: str | None = None
    """The drafter that failed, when the evidence drafter took over."""
    prompt_version: str | None = None
    findings: tuple[NoteFinding, ...] = ()
    """What the checks of the whole note found; drafts stored before these checks have none."""
    excused: tuple[Excuse, ...] = ()
    """Contradictions to the chart that the reviewer files all the same, with why."""
    style: str | None = None
    """Reference of the clinician's style that it was worded in."""


@dataclass(frozen=True, slots=True)
class SessionContext:
    """What the chart knows when the note is drafted."""

    appointment: Appointment
    client: Client
    clinician: User
    previous_note: Note | None = None
    plan: TreatmentPlan | None = None
    assessments: tuple[Assessment, ...] = ()
    draft_id: str | None = None
    """What is drafted for, so that what a model was sent and answered can be found again."""
    style: Profile = field(default_factory=Profile)
    """How the clinician likes a note worded."""
    guidance: str = ""
    """What the reviewer asks of another draft, in their words."""


@dataclass(frozen=True, slots=True)
class Template:
    """A note format as a data file: sections in order, and which kinds of statement go where."""

    key: str
    title: str
    sections: tuple["TemplateSection", ...]


@dataclass(frozen=True, slots=True)
class TemplateSection:
    key: str
    title: str
    guidance: str
    """For a model and for people: what belongs here."""
    accepts: tuple[str, ...] = field(default=())
    """Topics filed here by the evidence drafter."""
    required_lines: tuple[str, ...] = field(default=())
    """Lines that read "not assessed" unless question and answer stand in the source: ``risk``, ``mental_status``."""


TRANSCRIPT = TypeAdapter(Transcript)
DRAFT = TypeAdapter(Draft)
