"""Who is asking, and whether they may: every view, edit, decision and playback goes through :func:`require`."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import Depends, Path, Request

from therapyflows.core.chart import Client, User
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound, Refused, Transient
from therapyflows.core.people import person_of
from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.access.policy import PRACTICE, AccessDecision, Deed, Person, decide, decide_for_client
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.sessions import Session
from therapyflows.web.review.watch import Watch, too_many

log = structlog.get_logger()


class SignInNeeded(Exception):
    """Nobody is signed in (any more)."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The signed-in person of one request."""

    session: Session
    user: User
    person: Person
    watch: Watch
    emergencies: tuple[EmergencyAccess, ...] = ()
    """Emergency access that is open now."""

    @property
    def actor(self) -> Actor:
        return Actor("person", self.user.id, self.user.roles[0].value if self.user.roles else None)

    def acting_on(self, record: DraftRecord) -> Actor:
        """The person in the role that gives them this client."""
        if record.client_id not in self.person.caseload and record.clinician_id in self.person.supervises:
            return Actor("person", self.user.id, "Supervisor")
        return self.actor

    def viewing(self, action: Action, client_id: str, access: AccessDecision) -> AuditEntry:
        """The entry that this person looked at something about a client, and by which emergency access if by one."""
        emergency = self.emergency_about(client_id, access)
        details = {"emergency": emergency.id} if emergency else {}
        return AuditEntry(action, self.actor, f"clients/{client_id}", client_id, details=details)

    def looking_by(self, access: EmergencyAccess) -> AuditEntry:
        """The entry that this person saw, by an emergency access, what there is about its client."""
        details = {"emergency": access.id}
        return AuditEntry(
            Action.BREAK_GLASS_USED, self.actor, f"emergency/{access.id}", access.client_id, details=details
        )

    def emergency_about(self, client_id: str, access: AccessDecision) -> EmergencyAccess | None:
        """The emergency access by which alone the person was let in."""
        if access.reason != "allowed_emergency":
            return None
        return next((found for found in self.emergencies if found.client_id == client_id), None)

    def emergency_on(self, record: DraftRecord, deed: Deed = "view") -> EmergencyAccess | None:
        """The emergency access by which alone the person does this; None when they may anyway."""
        if access_to(self, deed, record).reason != "allowed_emergency":
            return None
        return next(access for access in self.emergencies if access.client_id == record.client_id)


def deps_of(request: Request) -> ReviewDeps:
    deps: ReviewDeps = request.app.state.deps
    return deps


async def signed_in(request: Request) -> Reviewer:
    trouble: Transient | None = getattr(request.state, "session_trouble", None)
    if trouble is not None:
        raise trouble
    session: Session | None = request.state.session
    if session is None:
        raise SignInNeeded
    deps = deps_of(request)
    try:
        user = await deps.users(session.user_id)
    except NotFound:
        await _end_all(request, session, "user_unknown")
        raise SignInNeeded from None
    if not user.active:
        await _end_all(request, session, "user_inactive")
        raise SignInNeeded
    emergencies = tuple(await asyncio.to_thread(deps.emergencies.open_for, user.id, deps.clock()))
    person = person_of(user, emergency=(access.client_id for access in emergencies))
    return Reviewer(session, user, person, request.app.state.watch, emergencies)


async def _end_all(request: Request, session: Session, code: str) -> None:
    """Every session of somebody whom the EHR no longer knows as active ends, in every browser."""
    deps, sessions = deps_of(request), request.app.state.sessions
    request.state.session = None
    ended = await asyncio.to_thread(sessions.end_all, session.user_id, deps.clock(), code=code)
    entry = AuditEntry(
        action=Action.SESSION_ENDED,
        actor=Actor("person", session.user_id),
        resource="review/session",
        outcome=code,
        details={"sessions": ended},
    )
    if ended:
        await asyncio.to_thread(deps.audit.append, entry)


CLIENT_ID = r"^[\w.-]{1,100}$"
ClientId = Annotated[str, Path(pattern=CLIENT_ID)]
"""A client's id as part of an address."""
CurrentReviewer = Annotated[Reviewer, Depends(signed_in)]
Deps = Annotated[ReviewDeps, Depends(deps_of)]


async def require_reviewer(request: Request, reviewer: CurrentReviewer) -> Reviewer:
    """A person whose role reviews notes at all.  Raises Refused, before anything is looked up."""
    access = decide(reviewer.person, "view_queue", workflow="session-note", client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps_of(request), reviewer, resource="drafts", reason=access.reason)
        raise Refused(access.reason, "Your role in the EHR does not review session notes.")
    return reviewer


async def require_practice_deed(deps: ReviewDeps, reviewer: Reviewer, deed: Deed, *, resource: str) -> None:
    """For a page that belongs to no workflow and no one client.  Raises Refused, before anything is looked up."""
    access = decide(reviewer.person, deed, workflow=PRACTICE, client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps, reviewer, resource=resource, reason=access.reason, deed=deed)
        raise Refused(access.reason, "Your role in the EHR does not allow this.")


ReviewingPerson = Annotated[Reviewer, Depends(require_reviewer)]


def access_to(reviewer: Reviewer, deed: Deed, record: DraftRecord) -> AccessDecision:
    return decide(
        reviewer.person,
        deed,
        workflow=record.workflow,
        client_id=record.client_id,
        clinician_id=record.clinician_id,
    )


def may(reviewer: Reviewer, deed: Deed, record: DraftRecord) -> bool:
    return access_to(reviewer, deed, record).allowed


async def permitted_record(deps: ReviewDeps, reviewer: Reviewer, deed: Deed, draft_id: str) -> DraftRecord:
    """The row of the draft, when this person may do this to it.

    Somebody else's draft and a draft that does not exist look the same: NotFound.
    """
    try:
        record = await asyncio.to_thread(deps.drafts.get, draft_id)
    except NotFound:
        await not_theirs(deps, reviewer, resource="draft/unknown", reason="draft_unknown")
        raise NotFound("draft_unknown", "There is no such draft for you.") from None
    access = access_to(reviewer, deed, record)
    if not access.allowed:
        resource = f"draft/{record.id}"
        await not_theirs(deps, reviewer, resource=resource, reason=access.reason, client_id=record.client_id, deed=deed)
        raise NotFound("draft_unknown", "There is no such draft for you.")
    return record


async def permitted_client(
    deps: ReviewDeps, reviewer: Reviewer, deed: Deed, client_id: str
) -> tuple[Client, AccessDecision]:
    """The client, when this person may do this about them.

    Somebody else's client and one that does not exist look the same: NotFound.
    """
    try:
        client = await deps.ehr_client(client_id)
    except NotFound:
        await not_theirs(deps, reviewer, resource="clients/unknown", reason="client_unknown", deed=deed)
        raise unknown_client() from None
    access = decide_for_client(reviewer.person, deed, client_id=client.id, clinician_ids=client.assigned_clinicians)
    if not access.allowed:
        about = {"resource": f"clients/{client.id}", "client_id": client.id, "deed": deed}
        await not_theirs(deps, reviewer, reason=access.reason, **about)
        raise unknown_client()
    return client, access


def unknown_client() -> NotFound:
    return NotFound("client_unknown", "There is no such client for you.")


async def not_theirs(deps: ReviewDeps, reviewer: Reviewer, *, resource: str, reason: str, **more: str) -> None:
    """As :func:`deny`, for something that is not this person's or does not exist; trying many is slowed down."""
    wait = await reviewer.watch.failed("probing", reviewer.user.id, person=reviewer.user.id)
    if wait is not None:
        raise too_many(wait)
    await deny(deps, reviewer, resource=resource, reason=reason, **more)


async def deny(
    deps: ReviewDeps,
    reviewer: Reviewer,
    *,
    resource: str,
    reason: str,
    client_id: str | None = None,
    deed: str = "view_queue",
) -> None:
    """One ACCESS_DENIED entry."""
    entry = AuditEntry(
        action=Action.ACCESS_DENIED,
        actor=reviewer.actor,
        resource=resource,
        client_id=client_id,
        outcome=reason,
        details={"deed": deed},
    )
    await asyncio.to_thread(deps.audit.append, entry)
    log.warning("access_denied", user_id=reviewer.user.id, resource=resource, reason=reason)
