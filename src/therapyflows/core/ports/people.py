"""Who is signed in, and who has emergency access."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from therapyflows.governance.access.emergency import EmergencyAccess
from therapyflows.governance.access.emergency import Verdict as EmergencyVerdict


@dataclass(frozen=True, slots=True)
class SignInStart:
    """What the review app keeps in the person's session between ``begin`` and ``finish``; used once.

    ``dataclasses.asdict`` turns it into something a session can hold.
    """

    url: str
    """Where to send the browser."""
    state: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    fresh_since: float | None = None
    """Seconds since 1970: the person must have entered the password after that; None: at any time."""

    def matches(self, returned_state: str | None) -> bool:
        """Whether the state that came back is ours (constant time).  Check it before ``finish``."""
        return returned_state is not None and hmac.compare_digest(self.state.encode(), returned_state.encode())


class SignIn(Protocol):
    """Signing a person in at the EHR.  Implemented by ``integrations/oidc.py``."""

    async def begin(self, redirect_uri: str, *, fresh: bool = False) -> SignInStart:
        """Start one sign-in; ``fresh`` asks for the password again.  Raises Transient when the EHR does not answer."""

    async def finish(self, *, code: str, start: SignInStart, redirect_uri: str) -> str:
        """The verified user id.  Raises Refused (the answer is not valid for this sign-in), Transient."""

    def logout_url(self, post_logout_redirect_uri: str | None = None) -> str | None:
        """Where to send the browser to end the session at the EHR; None when it names no such place (yet)."""


class ReviewSessions(Protocol):
    """Which sign-ins to the review application still count.  Raises Transient."""

    def begin(self, session_id: str, user_id: str, *, at: datetime, ends_at: datetime) -> None: ...
    def is_open(self, session_id: str) -> bool:
        """Whether it was begun here and not ended; its times are the caller's to judge."""

    def end(self, session_id: str, *, at: datetime, code: str) -> bool:
        """End it for good; False when it had ended before."""

    def end_all(self, user_id: str, *, at: datetime, code: str) -> int:
        """End every session of this person; how many."""


class Tours(Protocol):
    """Which tours of the review application a person has seen; a preference, no content."""

    def seen_by(self, user_id: str) -> frozenset[str]: ...
    def mark(self, user_id: str, tour: str, *, at: datetime) -> None: ...
    def forget(self, user_id: str) -> None:
        """Show them all again."""


class EmergencyAccesses(Protocol):
    """Uses of emergency access, each kept for good."""

    def open(self, access: EmergencyAccess) -> EmergencyAccess: ...
    def get(self, access_id: str) -> EmergencyAccess:
        """Raises NotFound."""

    def open_for(self, user_id: str, now: datetime) -> list[EmergencyAccess]:
        """What this person has open at this moment."""

    def unreviewed(self) -> list[EmergencyAccess]:
        """What nobody judged yet, oldest first."""

    def reviewed(self, limit: int = 50) -> list[EmergencyAccess]:
        """What was judged, the latest first."""

    def update(self, access_id: str, **changes: object) -> EmergencyAccess: ...
    def review(
        self, access_id: str, *, by: str, at: datetime, verdict: EmergencyVerdict, comment_content_id: str
    ) -> EmergencyAccess:
        """Record the verdict; raises Conflict when one stands."""
