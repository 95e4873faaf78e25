"""Do the cited words carry the statement's content words?"""

from therapyflows.governance.evidence.claim import Claim, Finding, Source
from therapyflows.governance.evidence.words import content_stems, coverage

FULL = 0.75
"""From this share of content words on, a statement counts as carried; a reporting word or two may be the note's own."""
SOME = 0.4


def check(claim: Claim, source: Source) -> Finding:
    """Penalty: the share of the claim's content words that the cited words lack."""
    if not source.cited:
        return Finding("support", 1.0, "nothing in the source is cited")
    share = coverage(claim.stems, content_stems(source.cited_text))
    if share >= FULL:
        return Finding("support", (1 - share) / 2)
    missing = sorted(claim.stems - set(content_stems(source.cited_text)))
    reason = "the cited words do not carry: " + ", ".join(missing[:5])
    return Finding("support", 0.5 if share >= SOME else 0.9, reason)
