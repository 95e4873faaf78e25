"""One intake on the reviewer's desk: load it, save the next working copy.  Synchronous."""

from collections.abc import Callable
from dataclasses import dataclass

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound
from therapyflows.core.intake.draft import INTAKE_DRAFT, IntakeDraft
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps

IntakeChange = Callable[[IntakeDraft], IntakeDraft]


@dataclass(frozen=True, slots=True)
class OpenIntake:
    record: DraftRecord
    machine: IntakeDraft
    working: IntakeDraft


def open_intake(deps: ReviewDeps, record: DraftRecord) -> OpenIntake:
    """Raises NotFound when the content is gone or not there yet."""
    if record.draft_content_id is None:
        raise NotFound("draft_not_ready", "This form is still being read.", draft=record.id)
    machine = INTAKE_DRAFT.validate_json(deps.contents.get(record.draft_content_id))
    edited = record.edited_content_id
    working = INTAKE_DRAFT.validate_json(deps.contents.get(edited)) if edited is not None else machine
    return OpenIntake(record, machine, working)


def change_intake(
    deps: ReviewDeps, record: DraftRecord, version: int, deed: IntakeChange, *, by: Actor, what: str, path: str = ""
) -> OpenIntake:
    """Apply the deed to the working copy and save it.  Raises Conflict for a stale version."""
    desk.editable(deps, record, version)
    opened = open_intake(deps, record)
    working = deed(opened.working)
    if working == opened.working:
        return opened
    saved = desk.save_copy(deps, record, version, INTAKE_DRAFT.dump_json(working))
    details: dict[str, str | int | float] = {"change": what, "version": saved.version}
    if path:
        details["field"] = path
    desk.audit(deps, saved, Action.DRAFT_EDITED, by, **details)
    return OpenIntake(saved, opened.machine, working)
