"""Values of the clinician's style: pairs of texts (a client's content), and habits (free of content)."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter

from therapyflows.core.ids import derived_id


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: as the machine drafted it, before any style, and as it was approved.  None: not there."""

    section: str
    kind: str
    """A ``StatementKind``, of the machine's line where there is one."""
    drafted: str | None
    approved: str | None


@dataclass(frozen=True, slots=True)
class PairSet:
    """What one person made of one draft.  Content of the client."""

    draft_id: str
    client_id: str
    author: str
    """User id of who approved it."""
    format: str
    pairs: tuple[Pair, ...]
    style: str | None = None
    """Reference of the style that the draft was worded in."""


class HabitKind(StrEnum):
    ABBREVIATION = "abbreviation"
    """A term of the field, written short or written out."""
    PERSON = "person"
    """How client and clinician are called, or that they are not named at all."""
    TENSE = "tense"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Wording:
    """Write ``instead`` where the draft would say ``drafted``; both without content of any client."""

    drafted: str
    instead: str
    kind: HabitKind
    at_start: bool = False
    """Only where a statement begins."""
    seen: int = 0
    """Lines in which the clinician did it; 0: set by hand."""
    of: int = 0
    """Lines in which they could have."""
    clients: int = 0

    @property
    def key(self) -> str:
        """Names the habit on pages and in the audit trail, without a word of it."""
        return derived_id("hab", self.drafted.lower(), self.instead, str(self.at_start))


@dataclass(frozen=True, slots=True)
class Dropped:
    """A form of line (``forms.yaml``) that the clinician takes out."""

    form: str
    seen: int
    of: int
    clients: int

    @property
    def key(self) -> str:
        return f"drop-{self.form}"


@dataclass(frozen=True, slots=True)
class Added:
    """A line in the same words that the clinician adds to the notes of several clients.  Never added by itself."""

    section: str
    text: str
    notes: int
    clients: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What the pairs of one person say.  A function of the pairs alone."""

    wordings: tuple[Wording, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    added: tuple[Added, ...] = ()
    words_a_line: int | None = None
    """Median length of the lines that the clinician approved or wrote."""
    lines_a_note: int | None = None
    notes: int = 0
    clients: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """What the clinician decided about it on their page.  Wins over what was learned."""

    version: int = 0
    """Rises with every change; 0: nothing was decided yet."""
    on: bool = True
    off: tuple[str, ...] = ()
    """Keys of learned wordings that are not used."""
    taken_out: tuple[str, ...] = ()
    """Forms of line that may be left out of the working copy: asked for one by one, never assumed."""
    own: tuple[Wording, ...] = ()
    words_a_line: int | None = None
    """At most; for a language model."""
    risk_first: bool = False
    """Lines about risk stand first in their section."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The style in force for one drafting."""

    wordings: tuple[Wording, ...] = ()
    left_out: tuple[str, ...] = ()
    words_a_line: int | None = None
    risk_first: bool = False

    @property
    def is_empty(self) -> bool:
        return self == Profile()

    @property
    def reference(self) -> str:
        """``style@9c1d2e3f4a5b``: what a draft remembers; the same style has the same."""
        return "style@" + derived_id("", PROFILE.dump_json(self).decode())[1:13]


PAIRS = TypeAdapter(PairSet)
LEARNED = TypeAdapter(Learned)
CHOICES = TypeAdapter(Choices)
PROFILE = TypeAdapter(Profile)


def in_force(learned: Learned, choices: Choices) -> Profile:
    """What is used: nothing when it is switched off; of two wordings for one phrase the clinician's own."""
    if not choices.on:
        return Profile()
    own = {w.drafted.lower() for w in choices.own}
    used = [w for w in learned.wordings if w.key not in choices.off and w.drafted.lower() not in own]
    return Profile(
        wordings=(*choices.own, *used),
        left_out=choices.taken_out,
        words_a_line=choices.words_a_line or learned.words_a_line,
        risk_first=choices.risk_first,
    )
