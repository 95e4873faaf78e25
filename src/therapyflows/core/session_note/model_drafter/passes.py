"""How a session reaches the model: in one call when it fits, else facts per stretch, then the note from the facts."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from therapyflows.core.errors import ContextOverflow, ModelOutputInvalid
from therapyflows.core.ports import LanguageModel
from therapyflows.core.prompt import PromptField
from therapyflows.core.session_note.model import SessionContext, Template, Transcript
from therapyflows.core.session_note.model_drafter.answers import (
    MAX_FACTS,
    MAX_STATEMENTS,
    Fact,
    FactsAnswer,
    Line,
    NoteAnswer,
    facts_answer,
    note_answer,
    section_keys,
)
from therapyflows.core.session_note.model_drafter.asking import Asker
from therapyflows.core.session_note.model_drafter.background import background, section_guide
from therapyflows.core.session_note.model_drafter.budget import Budget
from therapyflows.core.session_note.model_drafter.citations import Source
from therapyflows.core.session_note.model_drafter.source_lines import (
    fence_of,
    one_line,
    stretches,
    transcript_lines,
)
from therapyflows.core.session_note.model_drafter.statements import Written, write
from therapyflows.core.session_note.prompts import load_prompt
from therapyflows.core.style.in_words import style_lines
from therapyflows.core.style.model import Profile
from therapyflows.governance.evidence.model import Span

_SMALLEST_STRETCH = 150
"""Tokens of source below which a model's context is too small to work with."""

Progress = Callable[[float], None]


class Passes:
    """One drafting of one session with one model."""

    def __init__(
        self,
        model: LanguageModel,
        asker: Asker,
        transcript: Transcript,
        context: SessionContext | None,
        template: Template,
        on_progress: Progress,
    ) -> None:
        self._model = model
        self._asker = asker
        self._transcript = transcript
        self._source = Source(transcript.segments)
        self._sections = section_keys(template)
        self._on_progress = on_progress
        self._style = context.style if context else Profile()
        self._values = {"sections": section_guide(template), "habits": style_lines(self._style)}
        self._background = background(context, model.info.context_tokens, model.count_tokens)

    async def write(self) -> Written:
        """The note's statements.  Raises ModelOutputInvalid, ContextOverflow, Transient, Refused."""
        budget = self._note_budget("session_note")
        source = "\n".join(transcript_lines(self._transcript))
        fits = await asyncio.to_thread(self._fits, budget, source)
        return await (self._one_pass(budget, source) if fits else self._two_passes())

    def _fits(self, budget: Budget, source: str) -> bool:
        return self._model.count_tokens(source) <= budget.source_tokens(self._values_for(budget), self._background)

    async def _one_pass(self, budget: Budget, source: str) -> Written:
        lines = await self._note(budget, PromptField("transcript", source, "source"), self._source)
        return write(lines, self._source, self._reference(budget.file.reference))

    async def _two_passes(self) -> Written:
        facts, quoted, without_evidence = await self._facts()
        budget = self._note_budget("session_note_from_facts")
        groups, left_out = await asyncio.to_thread(self._groups, budget, facts)
        lines: list[Line] = []
        for group in groups:
            cited = self._source.only({segment.id for fact in group for segment in self._source.cited(fact)})
            lines += await self._note(budget, PromptField("facts", "\n".join(map(_fact_line, group)), "source"), cited)
        reference = self._reference(f"{load_prompt('session_facts').reference}+{budget.file.reference}")
        written = write(lines, self._source, reference, quoted=quoted)
        return replace(written, facts_left_out=left_out, without_evidence=written.without_evidence + without_evidence)

    async def _note(self, budget: Budget, source: PromptField, citable: Source) -> Sequence[Line]:
        def cites_something(answer: NoteAnswer) -> None:
            if not any(citable.cited(line) for line in answer.statements):
                raise ModelOutputInvalid("no_evidence", "no statement cites anything that exists")

        values = {**self._values_for(budget), "fence": fence_of(source.text)}
        prompt = budget.render(values, (*self._background, source))
        answer = await self._asker.ask(prompt, note_answer(self._sections, budget.limit), cites_something)
        return answer.statements

    async def _facts(self) -> tuple[list[Fact], dict[str, Span], int]:
        """Facts of all stretches with evidence, the spans of their quotes, and how many had no evidence."""
        schema = facts_answer(self._sections)
        budget = Budget(self._model, load_prompt("session_facts"), schema, MAX_FACTS)
        cut = await asyncio.to_thread(self._stretches, budget)
        facts: list[Fact] = []
        quoted: dict[str, Span] = {}
        removed = 0
        for number, lines in enumerate(cut, 1):
            shown = self._source.only({line.split(" | ", 1)[0] for line in lines})
            found = await self._facts_of(budget, lines, shown, number, len(cut))
            for fact in found:
                spans = shown.spans(fact)
                if not spans:
                    removed += 1
                    continue
                facts.append(fact.model_copy(update={"segments": [span.segment_id for span in spans]}))
                quoted.update({s.segment_id: s for s in spans if fact.quote and s.segment_id not in quoted})
            self._on_progress(0.8 * number / len(cut))
        if not facts:
            raise ModelOutputInvalid("no_evidence", "the model found nothing in the session")
        return facts, quoted, removed

    async def _facts_of(
        self, budget: Budget, lines: Sequence[str], shown: Source, part: int, parts: int
    ) -> Sequence[Fact]:
        def cites_something(answer: FactsAnswer) -> None:
            if answer.facts and not any(shown.cited(fact) for fact in answer.facts):
                raise ModelOutputInvalid("no_evidence", "no fact cites anything that exists")

        source = PromptField("transcript", "\n".join(lines), "source")
        numbers = {"part": str(part), "parts": str(parts), "fence": fence_of(source.text)}
        prompt = budget.render({**self._values_for(budget), **numbers}, (*self._background, source))
        answer = await self._asker.ask(prompt, facts_answer(self._sections, budget.limit), cites_something)
        return answer.facts

    def _reference(self, prompts: str) -> str:
        """Files and style that the model wrote by."""
        return prompts if self._style.is_empty else f"{prompts}+{self._style.reference}"

    def _stretches(self, budget: Budget) -> list[list[str]]:
        return stretches(self._transcript, self._room(budget), self._model.count_tokens)

    def _groups(self, budget: Budget, facts: Sequence[Fact]) -> tuple[list[list[Fact]], int]:
        """Facts for each call of the second pass, and how many found no room.

        One call when all fit; else one per section, the weightiest facts of each.
        """
        room = self._room(budget)
        if self._cost(facts) <= room:
            return [list(facts)], 0
        groups = [[fact for fact in facts if fact.section == key] for key in self._sections]
        kept = [self._weightiest(group, room) for group in groups if group]
        return kept, len(facts) - sum(len(group) for group in kept)

    def _weightiest(self, facts: Sequence[Fact], room: int) -> list[Fact]:
        kept: set[int] = set()
        for index in sorted(range(len(facts)), key=lambda i: (-facts[i].weight, _spread(i))):
            cost = self._cost([facts[index]])
            if cost <= room:
                kept.add(index)
                room -= cost
        return [facts[index] for index in sorted(kept)]

    def _cost(self, facts: Sequence[Fact]) -> int:
        return sum(self._model.count_tokens(_fact_line(fact)) + 1 for fact in facts)

    def _room(self, budget: Budget) -> int:
        room = budget.source_tokens(self._values_for(budget), self._background)
        if room < _SMALLEST_STRETCH:
            raise ContextOverflow("context_too_small", "the model's context is too small for a session")
        return room

    def _note_budget(self, prompt: str) -> Budget:
        return Budget(self._model, load_prompt(prompt), note_answer(self._sections), MAX_STATEMENTS)

    def _values_for(self, budget: Budget) -> Mapping[str, str]:
        # The numbers of a stretch are filled in when it is known; here they hold its place.
        return {**self._values, "limit": str(budget.limit), "part": "99", "parts": "99"}


def _spread(index: int) -> int:
    """Sorting by this takes things from all over a sequence before it takes their neighbours (van der Corput)."""
    return int(f"{index:016b}"[::-1], 2)


def _fact_line(fact: Fact) -> str:
    ids = ",".join(fact.segments)
    return f"{ids} | {fact.section} | {fact.kind} | {one_line(fact.text)} | {one_line(fact.quote or '')}"
