"""Under which ids the contents of an intake lie in the store; derived, so that a repeated step hits the same."""

from therapyflows.core.ids import derived_id


def form_id(draft_id: str) -> str:
    """The form as it was read."""
    return derived_id("frm", draft_id)


def completed_form_id(draft_id: str) -> str:
    """The form with what a language model found besides."""
    return derived_id("frm", draft_id, "model")


def words_id(draft_id: str) -> str:
    """The words of all pages."""
    return derived_id("pgw", draft_id)


def page_id(draft_id: str, number: int) -> str:
    """The image of a page, counted from 1."""
    return derived_id("pag", draft_id, str(number))
