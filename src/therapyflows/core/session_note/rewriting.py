"""Other words for a line or a section of a draft: shown beside the old ones and graded, never put in by themselves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import TypeAdapter

from therapyflows.core.errors import Conflict, Invalid, ModelOutputInvalid, NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import LanguageModel
from therapyflows.core.prompt import PromptField
from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.evidence_drafter.risk_lines import quoted
from therapyflows.core.session_note.model import Draft, Statement, StatementKind, Template, Transcript
from therapyflows.core.session_note.model_drafter.answers import Line, NoteAnswer, note_answer
from therapyflows.core.session_note.model_drafter.asking import Asker, Patience
from therapyflows.core.session_note.model_drafter.budget import Budget
from therapyflows.core.session_note.model_drafter.citations import Source
from therapyflows.core.session_note.model_drafter.source_lines import as_line, fence_of, one_line
from therapyflows.core.session_note.model_drafter.statements import write
from therapyflows.core.session_note.prompts import load_prompt
from therapyflows.core.session_note.styling import STYLED
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.evidence.model import Grade, Segment, Span, Speaker

LONGEST_INSTRUCTION = 300
"""Characters."""
_NEIGHBOURS = 2
"""Turns shown before and after each that the old lines cite."""


class How(StrEnum):
    SHORTER = "shorter"
    CLIENTS_WORDS = "clients_words"
    INSTRUCTED = "instructed"


_TASKS = {
    How.SHORTER: "Say the same in fewer words. Every number, name, negation and plan stays.",
    How.CLIENTS_WORDS: "Say it in the client's own words, in quotation marks, copied from the client's lines.",
    How.INSTRUCTED: "Write the lines as the clinician asks.",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Other words for the lines ``replaces``, graded."""

    draft_id: str
    section: str
    how: How
    replaces: tuple[str, ...]
    statements: tuple[Statement, ...]
    by: str
    """``evidence`` or ``<provider>:<model>``."""
    prompt_version: str | None = None
    transcript_id: str | None = None
    """The transcript that it was written from and graded against; None for one that an older version stored."""

    def fits(self, transcript_id: str | None) -> bool:
        """Whether it still rests on the draft's transcript."""
        return self.transcript_id is not None and self.transcript_id == transcript_id


PROPOSAL = TypeAdapter(Proposal)


def may_be_rewritten(statement: Statement) -> bool:
    """Not by a machine: lines about risk and mental status, questions to the clinician, what was copied."""
    return statement.kind in (*STYLED, StatementKind.CLINICIAN)


def quoting(draft_id: str, working: Draft, statement: Statement, transcript: Transcript) -> Proposal:
    """The line in the client's words, without a model: what they said where it cites them.  Raises Invalid."""
    spans = clients_spans(statement, transcript)
    if not spans:
        raise Invalid("no_clients_words", "This line does not rest on anything that the client said.")
    words = " and ".join(quoted(span.quote) for span in spans)
    line = replace(
        statement,
        id=_new_id(statement.id, words),
        text=f"Client said, {words}.",
        kind=StatementKind.REPORTED,
        evidence=spans,
        kept=False,
        judged=None,
        unstyled=None,
    )
    graded = _graded(working, [line], transcript)
    return Proposal(draft_id, statement.section, How.CLIENTS_WORDS, (statement.id,), graded, "evidence")


def clients_spans(statement: Statement, transcript: Transcript) -> tuple[Span, ...]:
    """What the line cites of the client's own words."""
    heard = transcript.on_record
    return tuple(
        span
        for span in statement.evidence
        if (said := heard.segment(span.segment_id)) is not None and said.speaker is Speaker.CLIENT and span.quote
    )


async def rewritten(
    model: LanguageModel,
    draft_id: str,
    working: Draft,
    old: Sequence[Statement],
    transcript: Transcript,
    how: How,
    instruction: str = "",
) -> Proposal:
    """What the model proposes for these lines of one section.

    Raises Invalid (nothing usable came back), Transient, ContextOverflow, Refused, ConsentMissing.
    """
    said = " ".join(instruction.split())
    if how is How.INSTRUCTED and not said:
        raise Invalid("instruction_missing", "Please say how the lines should be written.")
    if len(said) > LONGEST_INSTRUCTION:
        raise Invalid("instruction_too_long", "An instruction may have 300 characters at most.")
    section = _section(working, old)
    try:
        lines, source, reference = await _asked(model, section, old, transcript, how, said)
    except ModelOutputInvalid:
        words = "The language model's answer could not be used. Nothing was changed."
        raise Invalid("rewrite_unusable", words) from None
    found = [replace(s, id=_new_id(old[0].id, s.text)) for s in write(lines, source, reference).statements]
    graded = _graded(working, found, transcript)
    if not graded:
        raise Invalid("rewrite_without_evidence", "What the language model wrote does not rest on the session.")
    by = f"{model.info.provider}:{model.info.model}"
    return Proposal(draft_id, section.sections[0].key, how, tuple(s.id for s in old), graded, by, reference)


async def _asked(
    model: LanguageModel, section: Template, old: Sequence[Statement], transcript: Transcript, how: How, said: str
) -> tuple[Sequence[Line], Source, str]:
    """The model's lines, what they may cite, and the prompt that they were written by."""
    file, key = load_prompt("rewrite_lines"), section.sections[0].key
    limit = 1 if len(old) == 1 else len(old) + 2
    schema = note_answer((key,), limit)
    budget = Budget(model, file, schema, limit)
    segments = await asyncio.to_thread(_shown, old, transcript.on_record)
    source = Source(segments)
    listed = "\n".join(f"- {one_line(s.text)}" for s in old)
    lines = "\n".join(as_line(segment) for segment in segments)
    fields = [PromptField("statements", listed), PromptField("transcript", lines, "source")]
    fields += [PromptField("guidance", one_line(said))] if said else []
    guide = section.sections[0]
    values = {"sections": f"- {guide.key}: {guide.guidance}", "task": _TASKS[how], "limit": str(limit)}
    prompt = budget.render({**values, "fence": fence_of(listed + lines)}, fields)

    def cites_something(answer: NoteAnswer) -> None:
        if not any(source.cited(line) for line in answer.statements):
            raise ModelOutputInvalid("no_evidence", "no statement cites anything that exists")

    answer = await Asker(model, Patience(attempts=2)).ask(prompt, schema, cites_something)
    return answer.statements[:limit], source, file.reference


def _shown(old: Sequence[Statement], heard: Transcript) -> list[Segment]:
    """The turns that the old lines cite, with their neighbours; the first of a session that none of them cites."""
    at = {segment.id: place for place, segment in enumerate(heard.segments)}
    cited = sorted({at[span.segment_id] for s in old for span in s.evidence if span.segment_id in at})
    wanted = {place + step for place in cited for step in range(-_NEIGHBOURS, _NEIGHBOURS + 1)}
    if not cited:
        raise Invalid("nothing_cited", "These lines cite nothing of the session, so there is nothing to write from.")
    return [segment for place, segment in enumerate(heard.segments) if place in wanted and segment.text.strip()]


def _section(working: Draft, old: Sequence[Statement]) -> Template:
    """The template with the one section that the lines are of."""
    template = load_template(working.format)
    mine = [section for section in template.sections if old and section.key == old[0].section]
    if not mine or any(s.section != mine[0].key for s in old):
        raise NotFound("section_unknown", "The note has no such section.")
    return replace(template, sections=(mine[0],))


def _graded(working: Draft, found: Sequence[Statement], transcript: Transcript) -> tuple[Statement, ...]:
    """As the checks grade them; what they put in by themselves is no part of a proposal."""
    checked = check_draft(replace(working, statements=tuple(found)), transcript.on_record, None)
    ids = {s.id for s in found}
    return tuple(s for s in checked.statements if s.id in ids and s.grade is not Grade.NOT_ASSESSED)


def require_fitting(proposal: Proposal, transcript_id: str | None) -> None:
    """Raises Conflict for a proposal that was written from another transcript than the draft's present one."""
    if not proposal.fits(transcript_id):
        raise Conflict("transcript_changed", "The transcript was changed meanwhile; ask again.")


def used(working: Draft, proposal: Proposal) -> Draft:
    """The working copy with the proposal in the place of the old lines.  Raises NotFound when one of them is gone."""
    old = set(proposal.replaces)
    if not old <= {s.id for s in working.statements}:
        raise NotFound("statement_unknown", "These lines were changed meanwhile; ask again.")
    first = next(i for i, s in enumerate(working.statements) if s.id in old)
    before = tuple(s for s in working.statements[:first] if s.id not in old)
    after = tuple(s for s in working.statements[first:] if s.id not in old)
    return replace(working, statements=(*before, *proposal.statements, *after))


def _new_id(old_id: str, text: str) -> str:
    return derived_id("rew", old_id, text)
