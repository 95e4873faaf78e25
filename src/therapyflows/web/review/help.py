"""Help: what this does and never does, how to opt out and where one stands with that, and the keys."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml
from fastapi import APIRouter, Request
from starlette.responses import Response

from therapyflows.core.chart import Role, User
from therapyflows.web.review.keys import SHORTCUTS
from therapyflows.web.review.people import CurrentReviewer

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    lines: tuple[str, ...]


@router.get("/help")
async def show(request: Request, reviewer: CurrentReviewer) -> Response:
    """For everybody who is signed in: it tells of nobody but themselves."""
    response: Response = request.app.state.pages.render(
        request,
        "help.html",
        reviewer=reviewer,
        title="Help",
        sections=sections(),
        taking_part=taking_part(reviewer.user),
        shortcuts=SHORTCUTS,
    )
    return response


@lru_cache(maxsize=1)
def sections() -> tuple[Section, ...]:
    """What ``help.yaml`` says."""
    data = yaml.safe_load((files(__package__) / "help.yaml").read_text("utf-8"))
    return tuple(Section(found["id"], found["title"], tuple(found["lines"])) for found in data["sections"])


def taking_part(user: User) -> str | None:
    """Whether AI works on this person's sessions; None for who has none."""
    if not {Role.CLINICIAN, Role.SUPERVISOR} & set(user.roles):
        return None
    if user.ai_opt_out:
        return "You have opted out: no draft is started for your sessions."
    if user.ai_opt_out_workflows:
        workflows = ", ".join(workflow.replace("-", " ") for workflow in user.ai_opt_out_workflows)
        return f"You have opted out of: {workflows}. Otherwise you take part."
    return "You take part: drafts are made for your sessions when the client’s consents allow it."
