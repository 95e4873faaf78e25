"""Ask the judge about a checked draft.  Whatever becomes of the judge, there is a draft."""

import asyncio
from dataclasses import replace

import structlog

from therapyflows.core.errors import ConsentMissing
from therapyflows.core.notices import Notice
from therapyflows.core.ports import Judge
from therapyflows.core.session_note.model import Draft, StatementKind, Transcript

log = structlog.get_logger()
JUDGE_UNAVAILABLE = Notice(
    "judge_unavailable", "The second opinion of a model is not available; the marks are the checker's alone."
)
NOT_JUDGED = frozenset(
    {StatementKind.NOT_ASSESSED, StatementKind.ADMINISTRATIVE, StatementKind.CONSENT, StatementKind.CLINICIAN}
)
"""Copied from the chart, claiming nothing, or the clinician's own."""


async def with_second_opinion(draft: Draft, transcript: Transcript, judge: Judge, *, patience_s: float) -> Draft:
    """The draft with what the judge thinks of each statement.

    A judge that fails, answers nonsense or takes longer than ``patience_s`` seconds leaves a notice instead.  Raises
    ConsentMissing, because then there must be no draft.
    """
    asked = {s.id: s.text for s in draft.statements if s.kind not in NOT_JUDGED}
    if not asked:
        return draft
    try:
        async with asyncio.timeout(patience_s):
            found = await judge.judge(asked, transcript.segments)
    except ConsentMissing:
        raise
    except Exception as error:  # an opinion is a help; whatever is wrong with it, the draft goes to its reviewer
        log.warning("judge_unavailable", error_type=type(error).__name__)
        return replace(draft, warnings=(*draft.warnings, JUDGE_UNAVAILABLE))
    judged = tuple(replace(s, judged=found.get(s.id) if s.id in asked else None) for s in draft.statements)
    return replace(draft, statements=judged)
