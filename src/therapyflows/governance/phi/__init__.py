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
from therapyflows.governance.phi.tokens import UnknownToken, restore

__all__ = [
    "ChartIdentifiers",
    "Detection",
    "Detector",
    "Identifier",
    "IdentifierType",
    "PhiBoundary",
    "Redaction",
    "Replaced",
    "Source",
    "UnknownToken",
    "restore",
]
