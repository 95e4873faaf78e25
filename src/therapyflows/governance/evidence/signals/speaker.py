"""Who said it: what the client is said to have said must be in the client's words, not in the therapist's."""

from therapyflows.governance.evidence.claim import Claim, Finding, Source
from therapyflows.governance.evidence.model import Speaker


def check(claim: Claim, source: Source) -> Finding:
    """Penalty 0.9 when no cited segment has the speaker that the statement names; unknown speakers may be anybody."""
    if claim.speaker is None or not source.cited_segments:
        return Finding("speaker", 0.0)
    if any(segment.speaker in (claim.speaker, Speaker.UNKNOWN) for segment in source.cited_segments):
        return Finding("speaker", 0.0)
    return Finding("speaker", 0.9, f"none of the cited words are the {claim.speaker.value}'s")
