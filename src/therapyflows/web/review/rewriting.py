"""Other words for a line or a section, asked by the reviewer: shown beside the old text, used only when they say so."""

import asyncio
import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import Conflict, ContextOverflow, Invalid, NotFound, Refused, Transient
from therapyflows.core.ids import derived_id
from therapyflows.core.session_note.model import Statement
from therapyflows.core.session_note.rewriting import (
    LONGEST_INSTRUCTION,
    PROPOSAL,
    How,
    Proposal,
    clients_spans,
    may_be_rewritten,
    quoting,
    require_fitting,
    rewritten,
    used,
)
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.governance.retention.policy import retain_until
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.editing import version_of
from therapyflows.web.review.errors import answer
from therapyflows.web.review.late import require_unchanged_source
from therapyflows.web.review.people import Deps, ReviewingPerson, permitted_record
from therapyflows.web.review.rewrite_limits import Asking, require_room
from therapyflows.web.review.security import PostedForm, field
from therapyflows.web.review.view import BADGES, section_titles

router = APIRouter()

ProposalId = Annotated[str, Path(pattern=r"^prp_[0-9a-f]{32}$")]
What = Annotated[str, Path(max_length=100, pattern=r"^[\w-]+$")]
WAIT_AT_MOST_S = 120.0
WITH_MODEL = {How.SHORTER: "Write this shorter", How.CLIENTS_WORDS: "Say it in the client’s words"}


@router.get("/drafts/{draft_id}/rewrite/{what}")
async def ask(request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, what: What) -> Response:
    """``what``: a statement's id, or a section's key."""
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    opened = await asyncio.to_thread(_open, deps, record)
    old = _lines(opened, what)
    modelled = deps.rewriting is not None and await deps.rewriting.is_permitted(record)
    one = len(old) == 1 and old[0].id == what
    quotes = one and not modelled and opened.transcript is not None and bool(clients_spans(old[0], opened.transcript))
    response: Response = request.app.state.pages.render(
        request,
        "rewrite.html",
        reviewer=reviewer,
        title="Other words",
        record=record,
        what=what,
        old=old,
        section=section_titles(opened.working.format).get(old[0].section, old[0].section),
        buttons=WITH_MODEL if modelled and one else ({How.CLIENTS_WORDS: "Quote the client"} if quotes else {}),
        instructed=modelled,
        longest=LONGEST_INSTRUCTION,
    )
    return response


@router.post("/drafts/{draft_id}/rewrite/{what}")
async def propose(
    request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, what: What, form: PostedForm
) -> Response:
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    try:
        how = How(field(form, "how"))
    except ValueError:
        raise Invalid("how_unknown", "Please choose what should be done.") from None
    by = reviewer.acting_on(record)
    asking: Asking = request.app.state.asking
    with asking.one_at_a_time(reviewer.user.id):
        opened = await asyncio.to_thread(_open, deps, record)
        _lines(opened, what)
        await asyncio.to_thread(require_room, deps, record, what, reviewer.user.id)
        try:
            proposal = await _proposal(deps, by, opened, what, how, field(form, "instruction"))
            key = await asyncio.to_thread(_keep, deps, record, by, what, proposal)
        finally:  # whatever came of it, something may have been sent and is kept
            await asyncio.to_thread(require_unchanged_source, deps, opened, by)
    return RedirectResponse(f"/drafts/{record.id}/proposals/{key}", 303)


@router.get("/drafts/{draft_id}/proposals/{proposal_id}")
async def show(
    request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, proposal_id: ProposalId
) -> Response:
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    proposal = await asyncio.to_thread(_kept, deps, record, proposal_id)
    opened = await asyncio.to_thread(_open, deps, record)
    known = {s.id: s for s in opened.working.statements}
    response: Response = request.app.state.pages.render(
        request,
        "proposal.html",
        reviewer=reviewer,
        title="Other words",
        record=record,
        key=proposal_id,
        proposal=proposal,
        old=[known[i] for i in proposal.replaces if i in known],
        gone=any(i not in known for i in proposal.replaces) or not proposal.fits(record.transcript_id),
        badges=BADGES,
        what=proposal.replaces[0] if len(proposal.replaces) == 1 else proposal.section,
    )
    return response


@router.post("/drafts/{draft_id}/proposals/{proposal_id}/use")
async def use(
    request: Request, deps: Deps, reviewer: ReviewingPerson, draft_id: str, proposal_id: ProposalId, form: PostedForm
) -> Response:
    record = await permitted_record(deps, reviewer, "edit", draft_id)
    proposal = await asyncio.to_thread(_kept, deps, record, proposal_id)
    version, by = version_of(form), reviewer.acting_on(record)
    try:
        require_fitting(proposal, record.transcript_id)  # a change in this moment makes another version: desk refuses
        await asyncio.to_thread(
            lambda: desk.change(
                deps, record, version, lambda working, _: used(working, proposal), by=by, what="proposal_used",
                proposal=proposal_id,
            )
        )  # fmt: skip
    except Conflict as error:
        return answer(request, 409, error.message, code=error.code, back=f"/drafts/{record.id}")
    return RedirectResponse(f"/drafts/{record.id}#st-{proposal.statements[0].id}", 303)


def _open(deps: ReviewDeps, record: DraftRecord) -> desk.OpenDraft:
    desk.editable(deps, record, None)
    return desk.open_draft(deps, record)


def _lines(opened: desk.OpenDraft, what: str) -> tuple[Statement, ...]:
    """The statement with this id, or the lines of this section that a machine may word."""
    lines = [s for s in opened.working.statements if what in (s.id, s.section) and may_be_rewritten(s)]
    if not lines or opened.transcript is None:
        raise NotFound("statement_unknown", "There is nothing here that can be worded anew.")
    return tuple(lines)


async def _proposal(
    deps: ReviewDeps, by: Actor, opened: desk.OpenDraft, what: str, how: How, instruction: str
) -> Proposal:
    record, old, transcript = opened.record, _lines(opened, what), opened.transcript
    assert transcript is not None  # _lines refused it otherwise
    permitted = deps.rewriting is not None and await deps.rewriting.is_permitted(record)
    if deps.rewriting is None or not permitted:
        if how is How.CLIENTS_WORDS and len(old) == 1:
            return await asyncio.to_thread(quoting, record.id, opened.working, old[0], transcript)
        raise Refused("no_model", "No language model may be asked about this draft.")
    model = await deps.rewriting.model(record, by)
    try:
        async with asyncio.timeout(WAIT_AT_MOST_S):
            return await rewritten(model, record.id, opened.working, old, transcript, how, instruction)
    except TimeoutError:
        raise Transient("model_slow", "The language model took too long. Nothing was changed.") from None
    except ContextOverflow:
        raise Invalid("rewrite_too_long", "These lines do not fit the language model. Nothing was changed.") from None


def _keep(deps: ReviewDeps, record: DraftRecord, by: Actor, what: str, proposal: Proposal) -> str:
    raw = PROPOSAL.dump_json(replace(proposal, transcript_id=record.transcript_id))
    key = derived_id("prp", record.id, hashlib.sha256(raw).hexdigest())
    until = retain_until("proposal", deps.clock(), deps.retention)
    deps.contents.put(record.client_id, "proposal", raw, content_id=key, retain_until=until, draft_id=record.id)
    desk.audit(
        deps, record, Action.REWRITE_PROPOSED, by, how=proposal.how.value, by_model=proposal.by,
        prompt=proposal.prompt_version or "", lines=len(proposal.statements), proposal=key,
        what=what,
    )  # fmt: skip
    return key


def _kept(deps: ReviewDeps, record: DraftRecord, key: str) -> Proposal:
    """Raises NotFound for a proposal that is gone, or was made for another draft."""
    try:
        proposal = PROPOSAL.validate_json(deps.contents.get(key))
    except NotFound:
        raise NotFound("proposal_unknown", "There is no such proposal any more.") from None
    if proposal.draft_id != record.id:
        raise NotFound("proposal_unknown", "There is no such proposal any more.")
    return proposal
