"""Recognizers behind the PHI boundary."""

from collections.abc import Sequence

from therapyflows.governance.phi import Detector


def recognizers() -> Sequence[Detector]:
    """The detectors from outside that a boundary gets as ``additional``; models load at the first text."""
    from therapyflows.integrations.phi.named_entities import NamedEntities

    return (NamedEntities(),)
