"""Deeds for which being signed in is not enough: the password has been entered a moment ago, for this application."""

from typing import Annotated

from fastapi import Depends, Request

from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import CurrentReviewer, Reviewer, deps_of


class ConfirmationNeeded(Exception):
    """The person has to enter the password first; ``back`` is the page to go on from."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


def confirm(request: Request, reviewer: Reviewer, *, back: str) -> None:
    """Raises ConfirmationNeeded, which leads to ``/confirm``, unless the person entered the password lately."""
    if not is_confirmed(deps_of(request), reviewer):
        raise ConfirmationNeeded(back)


def is_confirmed(deps: ReviewDeps, reviewer: Reviewer) -> bool:
    """Whether the person entered the password lately."""
    at = reviewer.session.confirmed_at
    return at is not None and deps.clock() - at <= deps.confirmed_for


async def require_confirmed(request: Request, reviewer: CurrentReviewer) -> Reviewer:
    """The signed-in person, who entered the password lately."""
    confirm(request, reviewer, back=request.url.path)
    return reviewer


ConfirmedPerson = Annotated[Reviewer, Depends(require_confirmed)]
