"""Put lines into the sections of a template, number them, and say where a section stayed empty."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from therapyflows.core.session_note.chart_lines import chart_statements
from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.model import SessionContext, Statement, StatementKind, Template
from therapyflows.core.session_note.templates import section_for
from therapyflows.governance.evidence.model import Grade


def assemble(
    template: Template, context: SessionContext | None, asked: Sequence[Statement], lines: Iterable[Candidate]
) -> tuple[Statement, ...]:
    """All statements in the order of the template.

    Within a section: the appointment's data, disclosures of risk, what was said and done in the order of the session,
    then risk and mental status (or "not assessed"), then the consent record.
    """
    drafted = [Statement("", section_for(template, line.topic), line.text, line.kind, line.evidence) for line in lines]
    copied = chart_statements(context, template)
    ordered: list[Statement] = []
    for section in template.sections:
        here = [
            *(line for line in copied if line.kind is StatementKind.ADMINISTRATIVE),
            *(line for line in asked if _is_disclosure(line)),
            *drafted,
            *(line for line in asked if not _is_disclosure(line)),
            *(line for line in copied if line.kind is StatementKind.CONSENT),
        ]
        mine = [line for line in here if line.section == section.key]
        ordered += mine or [_empty(section.key, section.title)]
    return tuple(replace(statement, id=f"st{number}") for number, statement in enumerate(ordered, 1))


def _is_disclosure(statement: Statement) -> bool:
    return statement.kind is StatementKind.RISK and len(statement.evidence) == 1


def _empty(section: str, title: str) -> Statement:
    text = f"{title}: nothing found in the source. Clinician to complete."
    return Statement("", section, text, StatementKind.NOT_ASSESSED, grade=Grade.NOT_ASSESSED)
