"""From a model's lines to statements: nothing without evidence, nothing that needs a question and an answer."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import Draft, Statement, StatementKind, Template
from therapyflows.core.session_note.model_drafter.answers import Line
from therapyflows.core.session_note.model_drafter.citations import Source
from therapyflows.core.session_note.model_drafter.source_lines import one_line
from therapyflows.core.session_note.not_assessed import asked_lines, line_of
from therapyflows.governance.evidence.model import Span

_FIXED = frozenset(
    {
        StatementKind.RISK,
        StatementKind.MENTAL_STATUS,
        StatementKind.HISTORY,
        StatementKind.CONSENT,
        StatementKind.ADMINISTRATIVE,
        StatementKind.NOT_ASSESSED,
    }
)
"""Kinds that the evidence drafter writes or copies, whichever model drafts the rest."""
_CONSENT = re.compile(r"\bconsent", re.IGNORECASE)
_DENIES = re.compile(r"\b(?:no|not|never|none|without|negative|den(?:y|ies|ied|ying))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, once checked."""

    statements: tuple[Statement, ...]
    prompt_version: str
    without_evidence: int = 0
    guarded: int = 0
    facts_left_out: int = 0

    def notices(self) -> tuple[Notice, ...]:
        """What the clinician should know about lines that were taken out."""
        found = (
            (
                self.without_evidence,
                "statements_without_evidence_removed",
                "statement(s) of the model cited nothing that exists in the source and were removed",
            ),
            (
                self.guarded,
                "guarded_lines_removed",
                "statement(s) of the model on risk, mental status, history or consent were removed; "
                "those lines come from question and answer, or from the chart",
            ),
            (
                self.facts_left_out,
                "facts_left_out",
                "detail(s) of a long session did not fit the model and were left out",
            ),
        )
        return tuple(Notice(code, f"{count} {text}.") for count, code, text in found if count)


def write(
    lines: Iterable[Line], source: Source, prompt_version: str, *, quoted: Mapping[str, Span] | None = None
) -> Written:
    """The statements of these lines; each line once, each with its evidence."""
    statements: dict[tuple[str, str], Statement] = {}
    without_evidence = guarded = 0
    for line in lines:
        text = one_line(line.text)
        statement = Statement("", line.section, text, line.statement_kind, source.spans(line, quoted))
        if not text or not statement.evidence:
            without_evidence += 1
        elif is_guarded(statement):
            guarded += 1
        else:
            statements.setdefault((line.section, text.casefold()), statement)
    return Written(tuple(statements.values()), prompt_version, without_evidence, guarded)


def is_guarded(statement: Statement) -> bool:
    """Whether a model may not say this.

    Risk and consent never; mental status and history only as the client's own report that denies nothing, because "no
    history of ..." needs somebody who asked.
    """
    if _CONSENT.search(statement.text):
        return True
    about = line_of(statement)
    if about is None:
        return False
    own_report = statement.kind is StatementKind.REPORTED and not _DENIES.search(statement.text)
    return about == "risk" or not own_report


def merge(template: Template, written: Sequence[Statement], evidence_draft: Draft) -> tuple[Statement, ...]:
    """The model's statements between the fixed lines of the evidence draft, section by section, numbered."""
    ordered: list[Statement] = []
    for section in template.sections:
        fixed = [s for s in evidence_draft.statements if s.section == section.key and s.kind in _FIXED]
        mine = [s for s in written if s.section == section.key]
        if mine:
            fixed = [s for s in fixed if not _says_section_is_empty(s)]
        ordered += [s for s in fixed if _comes_first(s)]
        ordered += mine
        ordered += [s for s in fixed if not _comes_first(s)]
    return tuple(replace(statement, id=f"st{number}") for number, statement in enumerate(ordered, 1))


def _comes_first(statement: Statement) -> bool:
    """The appointment's data and disclosures of risk stand above everything else."""
    disclosure = statement.kind is StatementKind.RISK and len(statement.evidence) == 1
    return disclosure or statement.kind is StatementKind.ADMINISTRATIVE


def _says_section_is_empty(statement: Statement) -> bool:
    if statement.kind is not StatementKind.NOT_ASSESSED:
        return False
    return not any(statement.text.startswith(line.title) for line in asked_lines().values())
