"""A language model as judge: a few statements at a time, beside the lines of the source that they may rest on."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from itertools import islice

from therapyflows.core.errors import ModelOutputInvalid
from therapyflows.core.ports import LanguageModel
from therapyflows.core.prompt import PromptField
from therapyflows.core.session_note.judging.answer import MAX_STATEMENTS, JudgeAnswer, Opinion
from therapyflows.core.session_note.model_drafter.asking import Asker, Patience
from therapyflows.core.session_note.model_drafter.budget import Budget
from therapyflows.core.session_note.model_drafter.source_lines import as_line, fence_of, one_line
from therapyflows.core.session_note.prompts import load_prompt
from therapyflows.governance.evidence.model import Grade, Judgement, Segment, Span
from therapyflows.governance.evidence.words import claim_stems, content_stems

_NUMBER = re.compile(r"\d+")


class ModelJudge:
    """The port ``Judge`` over a language model."""

    def __init__(self, model: LanguageModel, patience: Patience | None = None) -> None:
        self._model = model
        self._asker = Asker(model, patience or Patience(attempts=2))
        self._by = f"{model.info.provider}:{model.info.model}"

    async def judge(self, statements: Mapping[str, str], source: Sequence[Segment]) -> Mapping[str, Judgement]:
        """As the port says: Transient, ModelOutputInvalid, ContextOverflow, Refused."""
        found: dict[str, Judgement] = {}
        remaining = iter(statements.items())
        while batch := list(islice(remaining, MAX_STATEMENTS)):
            found |= await self._batch(batch, source)
        return found

    async def _batch(self, batch: Sequence[tuple[str, str]], source: Sequence[Segment]) -> Mapping[str, Judgement]:
        budget = Budget(self._model, load_prompt("judge_statements"), JudgeAnswer, MAX_STATEMENTS)
        listed = "\n".join(f"{number} | {one_line(text)}" for number, (_, text) in enumerate(batch, 1))
        claims = PromptField("statements", listed)
        shown = await asyncio.to_thread(self._shown, budget, claims, [text for _, text in batch], source)
        lines = PromptField("transcript", "\n".join(as_line(segment) for segment in shown), "source")
        fence = fence_of(listed + lines.text)
        answer = await self._asker.ask(budget.render({"fence": fence}, (claims, lines)), JudgeAnswer, _is_of_use)
        by_id = {segment.id: segment for segment in shown}
        return {
            batch[opinion.statement - 1][0]: self._judgement(opinion, by_id)
            for opinion in answer.opinions
            if opinion.statement <= len(batch)
        }

    def _shown(
        self, budget: Budget, claims: PromptField, texts: Sequence[str], source: Sequence[Segment]
    ) -> list[Segment]:
        """The whole source where it fits; else the turns that share most words with the statements, in order."""
        room = budget.source_tokens({}, (claims,))
        wanted = frozenset().union(*(claim_stems(text) for text in texts))
        spoken = [segment for segment in source if segment.text.strip()]
        ranked = sorted(range(len(spoken)), key=lambda at: (-len(wanted & set(content_stems(spoken[at].text))), at))
        kept: set[int] = set()
        for at in ranked:
            cost = self._model.count_tokens(as_line(spoken[at])) + 1
            if cost <= room:
                kept.add(at)
                room -= cost
        return [spoken[at] for at in sorted(kept)]

    def _judgement(self, opinion: Opinion, shown: Mapping[str, Segment]) -> Judgement:
        ids = dict.fromkeys(f"s{int(n)}" for given in opinion.segments for n in _NUMBER.findall(given))
        cited = [shown[segment_id] for segment_id in ids if segment_id in shown]
        spans = tuple(Span(s.id, s.start_s, s.end_s, s.text) for s in cited)
        return Judgement(Grade(opinion.grade), one_line(opinion.reason), spans, self._by)


def _is_of_use(answer: JudgeAnswer) -> None:
    if not answer.opinions:
        raise ModelOutputInvalid("no_opinion", "the judge has no opinion on any statement")
