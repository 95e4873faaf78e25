"""One check across everything that will stand side by side in the chart once a note is filed.

Knows values, not ports: appointment, client, clinician, plan, scored measures, and the note that is to be filed.
"""

from therapyflows.core.consistency.model import Artifacts, FiledNote
from therapyflows.core.consistency.rules import RULES, check_consistency

__all__ = ["RULES", "Artifacts", "FiledNote", "check_consistency"]
