"""Who speaks: exchanging the roles of a transcript."""

from dataclasses import replace

from therapyflows.core.session_note.model import Transcript
from therapyflows.governance.evidence.model import Speaker

_OTHER = {Speaker.THERAPIST: Speaker.CLIENT, Speaker.CLIENT: Speaker.THERAPIST, Speaker.UNKNOWN: Speaker.UNKNOWN}


def swap_speakers(transcript: Transcript) -> Transcript:
    """Therapist becomes client and the other way round; swapping twice gives the same transcript."""
    return replace(
        transcript, segments=tuple(replace(s, speaker=_OTHER[s.speaker]) for s in transcript.segments)
    )
