"""Deeds for which being signed in is not enough: the password has been entered a moment ago, for this application."""

from typing import Annotated

from fastapi import Depends, Request

from therapyflows.web.review.people import CurrentReviewer, Reviewer, deps_of


class ConfirmationNeeded(Exception):
    """The person has to enter the password first."""


async def require_confirmed(request: Request, reviewer: CurrentReviewer) -> Reviewer:
    """The signed-in person, who confirmed it lately.  Raises ConfirmationNeeded, which leads to ``/confirm``."""
    deps, at = deps_of(request), reviewer.session.confirmed_at
    if at is None or deps.clock() - at > deps.confirmed_for:
        raise ConfirmationNeeded
    return reviewer


ConfirmedPerson = Annotated[Reviewer, Depends(require_confirmed)]
