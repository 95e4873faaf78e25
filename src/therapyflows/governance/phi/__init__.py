"""What an identifier is, where text may not go, and how identifiers become tokens and tokens identifiers again.

``PhiBoundary`` is one conversation about one client: ``redact``, ``restore``, ``survivors``.
"""

from therapyflows.governance.phi.boundary import PhiBoundary
from therapyflows.governance.phi.model import (
    ChartIdentifiers,
    Detection,
    Detector,
    Identifier,
    IdentifierType,
    Redaction,
    Replaced,
    Source,
)
from therapyflows.governance.phi.restoring import UnknownToken, restore
from therapyflows.governance.phi.tokens import Given, tokens_of_people

__all__ = [
    "ChartIdentifiers",
    "Detection",
    "Detector",
    "Given",
    "Identifier",
    "IdentifierType",
    "PhiBoundary",
    "Redaction",
    "Replaced",
    "Source",
    "UnknownToken",
    "restore",
    "tokens_of_people",
]
