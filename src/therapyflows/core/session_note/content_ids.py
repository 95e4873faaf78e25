"""Under which ids a draft's contents lie in the store.

Derived from the draft's id: a step that is repeated hits the same content, and whoever deletes finds what a crash left
before the draft's row named it.
"""

from therapyflows.core.ids import derived_id


def recording_id(draft_id: str) -> str:
    return derived_id("rec", draft_id)


def transcript_id(draft_id: str) -> str:
    return derived_id("trn", draft_id)


def machine_draft_id(draft_id: str) -> str:
    """The draft as the machine wrote it."""
    return derived_id("dft", draft_id)


def evidence_id(draft_id: str) -> str:
    """What of an approved draft outlives its sources."""
    return derived_id("evd", draft_id)
