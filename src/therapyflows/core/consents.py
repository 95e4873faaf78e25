"""What the chart says about a client's consents and everybody's opt-outs, in the form that governance judges."""

from datetime import datetime

from therapyflows.core.chart import Client, User
from therapyflows.governance.consent.policy import ConsentCheck, ConsentRecord, OptOut, Use, use_allowed


def may_use(use: Use, client: Client | None, clinician: User | None, *, now: datetime) -> ConsentCheck:
    """Whether the use is allowed now.  ``client`` None: somebody who stands in no chart yet and has said nothing.

    ``clinician`` None: their opt-out is not asked, because what a clinician approved is filed all the same.
    """
    return use_allowed(
        use,
        consent_records(client) if client is not None else (),
        client=opt_out_of(client) if client is not None else OptOut(),
        clinician=opt_out_of(clinician) if clinician is not None else OptOut(),
        now=now,
    )


def opt_out_of(person: Client | User) -> OptOut:
    """What this client or clinician does not take part in."""
    return OptOut(person.ai_opt_out, frozenset(person.ai_opt_out_workflows))


def consent_records(client: Client) -> tuple[ConsentRecord, ...]:
    """Everything that was said about the client's consents."""
    return tuple(
        ConsentRecord(
            kind=c.kind.value,
            status=c.status,
            granted_at=c.granted_at,
            expires_at=c.expires_at,
            withdrawn_at=c.withdrawn_at,
            offered_at=c.offered_at,
            purposes=frozenset(c.purposes) if c.purposes is not None else None,
            recipients=frozenset(c.recipients) if c.recipients is not None else None,
        )
        for c in client.consents
    )
