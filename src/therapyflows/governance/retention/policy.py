"""How long things are kept, and what of an approved note outlives its sources.

Recordings, transcripts, prompts and machine drafts end with their period.  The approved note stands in the chart; here
stay, per approved sentence, a short quote and a digest of the whole one, the time in the recording, who or what drafted
it and who approved it: enough to answer for a sentence, too little to rebuild the session.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from therapyflows.governance.evidence.model import Span
from therapyflows.governance.retention.kinds import rule_of

QUOTE_CHARACTERS = 120
"""Longest quote that is kept, in characters."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Days, counted from when the thing was stored."""

    recording_days: int = 7
    transcript_days: int = 30
    prompt_days: int = 30
    style_days: int = 180
    """Differences between drafts and approved notes, from which a clinician's wording is learned."""


def retain_until(kind: str, stored_at: datetime, periods: Periods) -> datetime | None:
    """When a recording or a content of this kind must be deleted; None: it is kept as evidence of a decision."""
    period = rule_of(kind).period
    if period is None:
        return None
    days = {
        "recording": periods.recording_days,
        "transcript": periods.transcript_days,
        "prompt": periods.prompt_days,
        "style": periods.style_days,
    }[period]
    return stored_at + timedelta(days=days)


def evidence_of_approval(
    statements: Iterable[tuple[str, str, Sequence[Span]]],
    *,
    drafter: str,
    prompt_version: str | None,
    approved_by: str,
    approved_at: datetime,
    quote_characters: int = QUOTE_CHARACTERS,
) -> dict[str, Any]:
    """What is kept, as plain JSON values.  ``statements``: (id, text, evidence) of each approved sentence."""
    return {
        "drafter": drafter,
        "prompt_version": prompt_version,
        "approved_by": approved_by,
        "approved_at": approved_at.isoformat(),
        "statements": [
            {
                "id": statement_id,
                "text_digest": _digest(text),
                "evidence": [_short(span, quote_characters) for span in spans],
            }
            for statement_id, text, spans in statements
        ],
    }


def _short(span: Span, characters: int) -> dict[str, str | float]:
    return {
        "segment": span.segment_id,
        "start_s": span.start_s,
        "end_s": span.end_s,
        "quote": _shortened(span.quote, characters),
        "quote_digest": _digest(span.quote),
    }


def _shortened(quote: str, characters: int) -> str:
    """At most so many characters, cut at a blank where there is one, with an ellipsis that counts."""
    if len(quote) <= characters:
        return quote
    cut = quote[: max(characters - 1, 0)]
    return (cut.rsplit(" ", 1)[0] + "…")[:characters]


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
