"""A supervisor sends an approval back instead of co-signing it: the draft waits for another decision, with their words.

The words first; then who said them and the end of the approval at once, so that it is never half sent back; then trail,
approved text and task, which :func:`settle_sent_back` makes up for after a crash.
"""

from asyncio import to_thread
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from therapyflows.core.chart import NewTask
from therapyflows.core.drafts.alerts import cosign_sent_back
from therapyflows.core.drafts.cosignature import SentBack
from therapyflows.core.drafts.cosigning import entry_of
from therapyflows.core.drafts.deciding import GRACE, is_told
from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.drafts.undoing import UndoPorts
from therapyflows.core.errors import Conflict, Invalid, NotFound, TherapyFlowsError
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import Contents, Decisions
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.audit.model import Action, Actor

SENT_BACK = "cosign_sent_back"
"""``failure_code`` of a draft whose approval a supervisor sent back, until it is posted."""
MAX_COMMENT = 4000

CreateTask = Callable[[NewTask], Awaitable[object]]
log = structlog.get_logger()


def send_back(
    ports: UndoPorts, record: DraftRecord, decision: Decision, words: str, *, by: Actor, deadline: datetime
) -> None:
    """Take the approval back; what is left then is :func:`settle`.

    Raises Invalid when nothing is said, Conflict when the approval does not wait any more.
    """
    comment = _put_comment(record, decision, words, by, ports.contents)
    by_whom = SentBack(by.id, by.role, comment)
    try:
        ports.decisions.take_back(decision, code=SENT_BACK, deadline=deadline, sent_back=by_whom)
    except Conflict:
        ports.contents.delete(comment)
        raise
    found = ports.decisions.cosignatures.of(decision.id)
    if found is None or found.comment_content_id != comment:
        ports.contents.delete(comment)
        raise Conflict("cosigned_already", "This approval was undone or sent back meanwhile.", draft=record.id)


async def settle(ports: UndoPorts, decision: Decision, create_task: CreateTask) -> None:
    """Tell the trail, erase what was approved with proof, tell whoever approved.  Repeated it happens once."""
    record = await to_thread(ports.drafts.get, decision.draft_id)
    await to_thread(_tell_and_erase, ports, record, decision)
    await create_task(cosign_sent_back(record, decision.decided_by, decision.id))
    await to_thread(ports.decisions.undone_settled, decision.id)


async def settle_sent_back(ports: UndoPorts, create_task: CreateTask, clock: Callable[[], datetime]) -> int:
    """Finish what a crash, or an EHR that was away, left behind approvals sent back; returns how many."""
    done = 0
    for decision in await to_thread(ports.decisions.undone, before=clock() - GRACE, code=SENT_BACK):
        try:
            await settle(ports, decision, create_task)
            done += 1
        except TherapyFlowsError as error:  # trouble with one does not hold up the others
            log.warning("sent_back_not_settled_yet", code=error.code, draft_id=decision.draft_id)
    return done


def comment_of(record: DraftRecord, *, decisions: Decisions, contents: Contents) -> str | None:
    """What the supervisor said when the draft came back the last time; None when it did not, or the words are gone."""
    found = decisions.cosignatures.sent_back(record.id) if record.failure_code == SENT_BACK else None
    if found is None or found.comment_content_id is None:
        return None
    try:
        return contents.get(found.comment_content_id).decode()
    except NotFound:
        return None


def _put_comment(record: DraftRecord, decision: Decision, words: str, by: Actor, contents: Contents) -> str:
    said = words.strip()[:MAX_COMMENT]
    if not said:
        raise Invalid("comment_missing", "Please say what has to be changed.")
    content_id = derived_id("cnt", record.id, "cosign_comment", decision.id, by.id, said)
    contents.put(record.client_id, "cosign_comment", said.encode(), content_id=content_id, draft_id=record.id)
    return content_id


def _tell_and_erase(ports: UndoPorts, record: DraftRecord, decision: Decision) -> None:
    found = ports.decisions.cosignatures.of(decision.id)
    by = Actor("person", (found and found.signed_by) or "", found.role if found else None)
    if not is_told(decision, record, Action.DRAFT_SENT_BACK, ports.audit):
        ports.audit.append(entry_of(Action.DRAFT_SENT_BACK, record, decision, by, outcome=SENT_BACK))
    if decision.content_id is not None:
        eraser = Eraser(ports.contents, ports.recordings, ports.audit, by, record.flow_run_id)
        eraser.erase("approved_draft", decision.content_id, client_id=record.client_id, reason=SENT_BACK)
