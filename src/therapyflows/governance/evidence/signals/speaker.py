"""Who said it: what the client is said to report must be in the client's words, not only in the therapist's."""

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match

WELL, BARELY = 0.6, 0.3


def check(match: Match) -> Finding:
    """How much better others carry the statement than the person it names."""
    speaker, best = match.claim.said_by, match.best
    if speaker is None or best is None or best.support == 0:
        return Finding({"other_speaker": 0.0, "other_speaker_strong": 0.0})
    if speaker not in match.source.speakers:
        return Finding({"other_speaker": 0.0, "other_speaker_strong": 0.0})
    terms = match.claim.own_terms
    if not terms:
        return Finding({"other_speaker": 0.0, "other_speaker_strong": 0.0})
    anyone = match.place(terms)
    own = match.place(terms, voice=speaker)
    gap = (anyone.support if anyone else 0.0) - (own.support if own else 0.0)
    strong = float(anyone is not None and anyone.support >= WELL and gap >= 0.25)
    reason = f"who said it: these are not the {speaker.value}'s words" if strong else None
    return Finding(
        {"other_speaker": max(gap, 0.0), "other_speaker_strong": strong},
        reason,
        refutes=bool(strong) and (own is None or own.support <= BARELY),
    )
