"""The chart behind this project's EHR contract (``ehr_contract/openapi.yaml``), over HTTPS.

One public face::

    async with TherapyNotes(settings, audit, actor, flow_run_id=run_id) as ehr:
        note = await ehr.create_progress_note(new_note)

One instance belongs to one ``async with`` and so to one event loop: connections, locks and limits are made on entry
and closed on exit.  Open as many instances as there are loops or threads; they share nothing but the cache of access
tokens, which is safe across threads.

What it raises (``core/errors.py``), translated here once; a message carries the status, the problem's code and the
request id, never text of the answer::

    TherapyFlowsError
    ├── Refused            401 twice, 403, client or scope refused at the token endpoint, untrusted certificate
    ├── NotFound           404, 410
    ├── Transient          429, 408, 425; for reads also 5xx, time-out, connection lost, unreadable answer;
    │   │                  EHR unreachable; audit trail unavailable before anything left; broken download
    │   └── UnknownOutcome     a write that left and has no readable answer, and that the look-up did not find
    └── Invalid            400, 415, 422, redirects, answers that break the contract, looping cursor
        └── Conflict           409, 412

Reads are repeated with exponential backoff, full jitter and a total budget.  A create is looked up by its external id
before it leaves and after every unknown outcome, and is never sent again by a call that does not know what became of
it: such a call raises UnknownOutcome, and the next one starts with the look-up.

Every HTTP call stands in the audit trail.  A write is announced there before it leaves (outcome ``started``) and does
not leave when the trail cannot take it; what a read brought is handed out only after its entry is stored.
"""

from therapyflows.integrations.ehr.therapynotes._adapter import TherapyNotes
from therapyflows.integrations.ehr.therapynotes._settings import TherapyNotesSettings

__all__ = ["TherapyNotes", "TherapyNotesSettings"]
