"""Proposed CPT and ICD-10-CM codes."""

from therapyflows.core.chart import Appointment
from therapyflows.core.session_note.model import CodeProposal, Notice, SessionContext, Transcript


def propose_cpt(appointment: Appointment | None) -> tuple[tuple[CodeProposal, ...], tuple[Notice, ...]]:
    """CPT from actual minutes."""
    return (), ()


def propose_icd10(
    transcript: Transcript, context: SessionContext | None
) -> tuple[tuple[CodeProposal, ...], tuple[Notice, ...]]:
    """ICD-10-CM from words of the source."""
    return (), ()
