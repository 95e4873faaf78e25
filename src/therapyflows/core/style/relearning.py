"""Learn a person's style anew from the pairs that are kept now: after a note was filed, and after a consent ended."""

from collections.abc import Iterable

from therapyflows.core.chart import User
from therapyflows.core.errors import NotFound
from therapyflows.core.ports import AuditTrail, Contents, Ehr
from therapyflows.core.style import keeping
from therapyflows.core.style.learning import learn
from therapyflows.governance.audit.model import Action, Actor, AuditEntry


async def relearn(
    ehr: Ehr, contents: Contents, audit: AuditTrail, user_id: str, *, actor: Actor, also: Iterable[str] = ()
) -> None:
    """``also``: clients whose pairs count although they are not on the caseload (any more).

    Nothing is told when nothing changed.  Somebody who is no longer in the EHR has no style.
    """
    try:
        clients = {*await _clients_of(ehr, await ehr.get_user(user_id)), *also}
    except NotFound:
        clients = set()
    before = keeping.learned_of(contents, user_id)
    learned = learn(keeping.pairs_by(contents, user_id, clients))
    if learned == before:
        return
    keeping.keep_learned(contents, user_id, learned)
    details = {"notes": learned.notes, "clients": learned.clients, "wordings": len(learned.wordings)}
    audit.append(AuditEntry(Action.STYLE_LEARNED, actor, f"style/{user_id}", details=details))


async def _clients_of(ehr: Ehr, user: User) -> set[str]:
    """Their own clients, and those of the people whom they supervise."""
    found = set(user.caseload)
    for supervised in user.supervises:
        found.update((await ehr.get_user(supervised)).caseload)
    return found
