"""The first-run tour: a few steps at the top of a page, shown once to each person, and again when they ask."""

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml
from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from therapyflows.core.errors import NotFound
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.sessions import local_path

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    at: str
    """What it is about: a CSS selector of the page."""


@dataclass(frozen=True, slots=True)
class Tour:
    name: str
    title: str
    steps: tuple[Step, ...]


def tour_for(deps: ReviewDeps, reviewer: Reviewer, name: str) -> Tour | None:
    """The tour of a page, while this person has not finished or skipped it."""
    return None if name in deps.tours.seen_by(reviewer.user.id) else tours()[name]


@router.post("/tours/again")
async def again(deps: Deps, reviewer: CurrentReviewer, form: PostedForm) -> Response:
    """Show them all once more."""
    await asyncio.to_thread(deps.tours.forget, reviewer.user.id)
    return RedirectResponse("/", 303)


@router.post("/tours/{name}")
async def seen(deps: Deps, reviewer: CurrentReviewer, name: str, form: PostedForm) -> Response:
    """The person is through with it, or wants none.  A preference, not a deed about anybody: no entry in the trail."""
    if name not in tours():
        raise NotFound("tour_unknown", "There is no such tour.")
    await asyncio.to_thread(deps.tours.mark, reviewer.user.id, name, at=deps.clock())
    return RedirectResponse(local_path(field(form, "next")), 303)


@lru_cache(maxsize=1)
def tours() -> dict[str, Tour]:
    """What ``help.yaml`` says."""
    data = yaml.safe_load((files(__package__) / "help.yaml").read_text("utf-8"))
    return {
        found["name"]: Tour(found["name"], found["title"], tuple(Step(**step) for step in found["steps"]))
        for found in data["tours"]
    }
