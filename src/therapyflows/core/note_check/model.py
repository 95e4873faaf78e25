"""Values of a check: the lines of a note as they came, and what was found about each."""

from collections import Counter
from dataclasses import dataclass

from therapyflows.governance.evidence.model import Grade, GradedStatement, Span
from therapyflows.governance.evidence.whole.model import NoteFinding


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One statement of a note.  ``cited`` is what the note itself names as evidence, if it does."""

    id: str
    text: str
    section: str | None = None
    cited: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteCheck:
    """A grade for every line, in the order of the note, and what was found about the whole."""

    lines: tuple[NoteLine, ...]
    graded: tuple[GradedStatement, ...]
    findings: tuple[NoteFinding, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Statements per grade, the usual order of grades."""
        found = Counter(line.grade for line in self.graded)
        return {grade.value: found[grade] for grade in Grade if found[grade]}

    @property
    def doubtful(self) -> bool:
        """Whether any statement is unsupported or contradicted."""
        return any(line.grade in (Grade.UNSUPPORTED, Grade.CONTRADICTED) for line in self.graded)
