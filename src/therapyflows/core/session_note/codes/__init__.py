"""Proposed codes for a session: CPT from recorded minutes, ICD-10-CM from the chart and from words that were said."""

from therapyflows.core.session_note.codes.cpt import propose_cpt
from therapyflows.core.session_note.codes.icd10 import propose_icd10
from therapyflows.core.session_note.codes.icd10_table import is_billable, label_of

__all__ = ["is_billable", "label_of", "propose_cpt", "propose_icd10"]
