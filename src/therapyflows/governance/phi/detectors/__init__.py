"""The registry of detectors.  A new one is a new file here and a line in one of the two lists."""

from collections.abc import Sequence
from functools import lru_cache

from therapyflows.governance.phi.detectors.addresses import Addresses
from therapyflows.governance.phi.detectors.birth_dates import BirthDates
from therapyflows.governance.phi.detectors.contact_points import ContactPoints
from therapyflows.governance.phi.detectors.initials import Initials
from therapyflows.governance.phi.detectors.institutions import Institutions
from therapyflows.governance.phi.detectors.names import Names
from therapyflows.governance.phi.detectors.near_names import NearNames
from therapyflows.governance.phi.detectors.numbers import Numbers
from therapyflows.governance.phi.detectors.patterns import Patterns
from therapyflows.governance.phi.detectors.people import People
from therapyflows.governance.phi.detectors.placeholders import Placeholders
from therapyflows.governance.phi.detectors.places import Places
from therapyflows.governance.phi.detectors.spelled_names import SpelledNames
from therapyflows.governance.phi.detectors.spoken_numbers import SpokenNumbers
from therapyflows.governance.phi.detectors.towns import Towns
from therapyflows.governance.phi.model import ChartIdentifiers, Detector


def known_detectors(identifiers: ChartIdentifiers) -> Sequence[Detector]:
    """Detectors of what this chart knows, and of text that looks like a token."""
    return (
        Placeholders(),
        Names(identifiers),
        SpelledNames(identifiers),
        NearNames(identifiers),
        Initials(identifiers),
        Numbers(identifiers),
        BirthDates(identifiers),
        ContactPoints(identifiers),
        Places(identifiers),
    )


@lru_cache(maxsize=1)
def pattern_detectors() -> Sequence[Detector]:
    """Detectors of what looks like an identifier, whoever it belongs to."""
    return (Patterns(), SpokenNumbers(), Addresses(), People(), Institutions(), Towns())
