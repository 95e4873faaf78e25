"""Encrypted pieces of content: transcripts, drafts, reasons, prompts, evidence."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ports import ContentKind, StoredItem
from therapyflows.integrations.store import _cipher
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._keys import Keys
from therapyflows.integrations.store._tables import ContentRow, DecisionRow, DraftRow


class SqlContents:
    """The port ``Contents``."""

    def __init__(self, db: Database, keys: Keys, now: Callable[[], datetime]) -> None:
        self._db, self._keys, self._now = db, keys, now

    def put(
        self,
        client_id: str,
        kind: ContentKind,
        value: bytes,
        *,
        content_id: str,
        retain_until: datetime | None = None,
        draft_id: str | None = None,
    ) -> str:
        """Store, or replace what stands under the id.  Raises Conflict when that belongs to another client."""
        with self._db.write() as session:
            owner = session.scalar(select(ContentRow.client_id).where(ContentRow.content_id == content_id))
            if owner not in (None, client_id):
                raise Conflict("content_of_another_client", content_id=content_id)
            key_id, key = self._keys.for_writing(session, client_id)
            ciphertext = _cipher.seal(key, value, _bound_to(content_id, client_id, kind, key_id))
            values = {
                "content_id": content_id,
                "client_id": client_id,
                "kind": kind,
                "key_id": key_id,
                "ciphertext": ciphertext,
                "digest": _cipher.digest_of(ciphertext),
                "stored_at": self._now(),
                "retain_until": retain_until,
                "draft_id": draft_id,
                "deleted_at": None,
                "proof_recorded_at": None,
            }
            session.execute(self._db.upsert(ContentRow, values, key="content_id"))
        return content_id

    def get(self, content_id: str) -> bytes:
        with self._db.read() as session:
            row = _find(session, content_id)
            if row.ciphertext is None:
                raise NotFound("content_deleted", "the content was deleted", content_id=content_id)
            key = self._keys.for_reading(session, row.key_id)
        return _cipher.open_sealed(key, row.ciphertext, _bound_to(content_id, row.client_id, row.kind, row.key_id))

    def hand_over(self, from_client: str, to_client: str) -> int:
        mine = select(ContentRow).where(ContentRow.client_id == from_client, ContentRow.ciphertext.is_not(None))
        with self._db.write() as session:
            rows = session.scalars(mine.with_for_update()).all()
            for row in rows:
                self._reseal(session, row, to_client)
            self._keys.destroy(session, from_client)
        self._db.forget_old_pages()  # the key from before, and what it sealed
        return len(rows)

    def _reseal(self, session: Session, row: ContentRow, client_id: str) -> None:
        assert row.ciphertext is not None
        old = self._keys.for_reading(session, row.key_id)
        value = _cipher.open_sealed(old, row.ciphertext, _bound_to(row.content_id, row.client_id, row.kind, row.key_id))
        key_id, key = self._keys.for_writing(session, client_id)
        row.client_id, row.key_id = client_id, key_id
        row.ciphertext = _cipher.seal(key, value, _bound_to(row.content_id, client_id, row.kind, key_id))
        row.digest = _cipher.digest_of(row.ciphertext)

    def delete(self, content_id: str) -> str | None:
        """Wipe the ciphertext.  Until ``deletion_recorded``, deleting again returns the same digest."""
        with self._db.write() as session:
            row = session.get(ContentRow, content_id, with_for_update=True)
            if row is None or row.proof_recorded_at is not None:
                return None
            if row.ciphertext is not None:
                row.ciphertext, row.deleted_at = None, self._now()
            return row.digest

    def deletion_recorded(self, content_id: str) -> None:
        """The proof stands in the audit trail; the content is not listed as due any more."""
        with self._db.write() as session:
            row = _find(session, content_id, for_update=True)
            if row.ciphertext is None:
                row.proof_recorded_at = self._now()
        self._db.forget_log()

    def of_client(self, client_id: str) -> list[StoredItem]:
        query = (
            select(ContentRow)
            .options(defer(ContentRow.ciphertext, raiseload=True))
            .where(ContentRow.client_id == client_id)
            .order_by(ContentRow.stored_at, ContentRow.content_id)
        )
        with self._db.read() as session:
            return [_item(row) for row in session.scalars(query)]

    def due_for_deletion(self, now: datetime) -> list[tuple[str, str, str]]:
        query = (
            select(ContentRow.content_id, ContentRow.client_id, ContentRow.kind)
            .where(ContentRow.retain_until <= now, ContentRow.proof_recorded_at.is_(None), ~_on_a_desk())
            .order_by(ContentRow.retain_until, ContentRow.content_id)
        )
        with self._db.read() as session:
            return [(content_id, client_id, kind) for content_id, client_id, kind in session.execute(query)]


def _on_a_desk() -> ColumnElement[bool]:
    """What a draft names that has not ended: its text, the machine's, and what was approved of it.

    Waiting for a co-signature may take longer than any period, and nobody may lose what they decide on, or decided.
    """
    open_states = [state.value for state in DraftState if not state.is_final]
    named = (DraftRow.draft_content_id, DraftRow.edited_content_id, DecisionRow.content_id)
    return (
        select(DraftRow.id)
        .outerjoin(DecisionRow, DecisionRow.draft_id == DraftRow.id)
        .where(DraftRow.id == ContentRow.draft_id, DraftRow.state.in_(open_states), ContentRow.content_id.in_(named))
        .exists()
    )


def _find(session: Session, content_id: str, *, for_update: bool = False) -> ContentRow:
    row = session.get(ContentRow, content_id, with_for_update=for_update)
    if row is None:
        raise NotFound("content_unknown", "there is no such content", content_id=content_id)
    return row


def _item(row: ContentRow) -> StoredItem:
    return StoredItem(
        id=row.content_id,
        client_id=row.client_id,
        kind=row.kind,
        draft_id=row.draft_id,
        digest=row.digest,
        stored_at=row.stored_at,
        retain_until=row.retain_until,
        deleted_at=row.deleted_at,
        proof_recorded_at=row.proof_recorded_at,
    )


def _bound_to(content_id: str, client_id: str, kind: str, key_id: str) -> bytes:
    return _cipher.place("content", content_id, client_id, kind, key_id)
