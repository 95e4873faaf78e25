from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.integrations.store import Store, _cipher

several = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(value=st.binary(max_size=5000))
@several
def test_what_is_put_is_what_is_got(store: Store, value: bytes) -> None:
    store.contents.put("c-1", "transcript", value, content_id="cnt_1")
    assert store.contents.get("cnt_1") == value


def test_putting_again_replaces(store: Store) -> None:
    store.contents.put("c-1", "draft", b"first", content_id="cnt_1")
    assert store.contents.put("c-1", "draft", b"second", content_id="cnt_1") == "cnt_1"
    assert store.contents.get("cnt_1") == b"second"


def test_another_client_cannot_take_over_an_id(store: Store) -> None:
    store.contents.put("c-1", "draft", b"first", content_id="cnt_1")
    with pytest.raises(Conflict):
        store.contents.put("c-2", "draft", b"second", content_id="cnt_1")
    assert store.contents.get("cnt_1") == b"first"


def test_what_is_handed_over_is_read_as_before_and_the_old_key_is_gone(store: Store) -> None:
    for content_id in ("cnt_1", "cnt_2"):
        store.contents.put("prospect:1", "draft", content_id.encode(), content_id=content_id, draft_id="drf_1")
    store.contents.put("prospect:2", "draft", b"another's", content_id="cnt_3")
    before = {item.id: item.digest for item in store.contents.of_client("prospect:1")}
    assert store.contents.hand_over("prospect:1", "c-1") == 2
    assert [store.contents.get(content_id) for content_id in ("cnt_1", "cnt_2")] == [b"cnt_1", b"cnt_2"]
    after = {item.id: item.digest for item in store.contents.of_client("c-1")}
    assert set(after) == set(before)
    assert all(after[content_id] != before[content_id] for content_id in before)
    assert store.keys.shred("prospect:1") == 0
    assert store.contents.hand_over("prospect:1", "c-1") == 0
    assert store.keys.shred("c-1") == 1
    with pytest.raises(NotFound):
        store.contents.get("cnt_1")
    assert store.contents.get("cnt_3") == b"another's"


def test_nothing_of_the_key_before_stays_in_the_sqlite_files(sqlite_place: Any) -> None:
    store = sqlite_place.open()
    store.contents.put("prospect:1", "draft", b"something", content_id="cnt_1")
    with store.database.read() as session:
        wrapped, sealed = session.execute(text("SELECT wrapped, ciphertext FROM data_keys, contents")).one()
    store.contents.hand_over("prospect:1", "c-1")
    for file in sqlite_place.folder.glob("store.sqlite*"):
        raw = file.read_bytes()
        assert bytes(wrapped) not in raw, file.name
        assert bytes(sealed) not in raw, file.name


def test_an_unknown_id_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound) as missing:
        store.contents.get("cnt_none")
    assert missing.value.code == "content_unknown"


def test_a_deleted_content_is_gone_and_leaves_the_digest_of_its_ciphertext(store: Store) -> None:
    store.contents.put("c-1", "draft", b"something", content_id="cnt_1")
    with store.database.read() as session:
        stored = session.scalar(text("SELECT ciphertext FROM contents"))
    assert store.contents.delete("cnt_1") == _cipher.digest_of(bytes(stored))
    with pytest.raises(NotFound) as gone:
        store.contents.get("cnt_1")
    assert gone.value.code == "content_deleted"


def test_deleting_tells_the_digest_until_the_proof_is_recorded(store: Store) -> None:
    store.contents.put("c-1", "draft", b"something", content_id="cnt_1")
    digest = store.contents.delete("cnt_1")
    assert store.contents.delete("cnt_1") == digest
    store.contents.deletion_recorded("cnt_1")
    assert store.contents.delete("cnt_1") is None
    assert store.contents.delete("cnt_none") is None


def test_what_is_due_is_listed_until_its_deletion_is_recorded(store: Store, clock: Any) -> None:
    store.contents.put("c-1", "transcript", b"a", content_id="cnt_short", retain_until=clock() + timedelta(days=1))
    store.contents.put("c-1", "evidence", b"b", content_id="cnt_kept")
    store.contents.put("c-1", "prompt", b"c", content_id="cnt_long", retain_until=clock() + timedelta(days=3))
    assert store.contents.due_for_deletion(clock()) == []
    later = clock() + timedelta(days=2)
    assert store.contents.due_for_deletion(later) == [("cnt_short", "c-1", "transcript")]
    store.contents.delete("cnt_short")
    assert store.contents.due_for_deletion(later) == [("cnt_short", "c-1", "transcript")]
    store.contents.deletion_recorded("cnt_short")
    assert store.contents.due_for_deletion(later) == []


def test_what_an_open_draft_names_stays_until_it_has_ended(
    store: Store, new_draft: Callable[..., DraftRecord], clock: Any
) -> None:
    """An approval that waits for a co-signature may wait longer than the period."""
    soon = clock() + timedelta(days=1)
    row = store.drafts.claim(
        new_draft(state=DraftState.APPROVED, draft_content_id="cnt_made", edited_content_id="cnt_edited")
    )
    store.decisions.record(Decision("dec_1", row.id, Verdict.APPROVE, "u-1", "Clinician", clock(), "cnt_approved"))
    for name in ("made", "edited", "approved", "older"):
        kind = "approved_draft" if name == "approved" else "draft"
        store.contents.put(
            row.client_id, kind, b"a", content_id=f"cnt_{name}", retain_until=soon, draft_id=row.id  # type: ignore[arg-type]
        )  # fmt: skip
    later = clock.forward(days=90)
    assert [found[0] for found in store.contents.due_for_deletion(later)] == ["cnt_older"]
    store.drafts.move(row.id, expected=[DraftState.APPROVED], to=DraftState.POSTED)
    due = {found[0] for found in store.contents.due_for_deletion(later)}
    assert due == {"cnt_made", "cnt_edited", "cnt_approved", "cnt_older"}


def test_content_that_still_stands_cannot_be_recorded_as_deleted(store: Store) -> None:
    store.contents.put("c-1", "draft", b"something", content_id="cnt_1")
    store.contents.deletion_recorded("cnt_1")
    assert store.contents.delete("cnt_1") is not None


@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
@several
def test_any_changed_byte_is_noticed(store: Store, place: float, mask: int) -> None:
    store.contents.put("c-1", "draft", b"Synthetic words of a synthetic person.", content_id="cnt_1")
    with store.database.write() as session:
        sealed = bytearray(session.scalar(text("SELECT ciphertext FROM contents")))
        sealed[int(place * len(sealed))] ^= mask
        session.execute(text("UPDATE contents SET ciphertext = :c"), {"c": bytes(sealed)})
    with pytest.raises(Invalid) as tampered:
        store.contents.get("cnt_1")
    assert tampered.value.code == "content_tampered"


def test_rows_cannot_be_swapped(store: Store) -> None:
    store.contents.put("c-1", "draft", b"one", content_id="cnt_1")
    store.contents.put("c-1", "draft", b"two", content_id="cnt_2")
    with store.database.write() as session:
        other = session.scalar(text("SELECT ciphertext FROM contents WHERE content_id = 'cnt_2'"))
        session.execute(text("UPDATE contents SET ciphertext = :c WHERE content_id = 'cnt_1'"), {"c": other})
    with pytest.raises(Invalid, match="content_tampered"):
        store.contents.get("cnt_1")


@pytest.mark.parametrize(("column", "value"), [("client_id", "c-2"), ("kind", "transcript")])
def test_content_cannot_be_relabelled(store: Store, column: str, value: str) -> None:
    store.contents.put("c-1", "draft", b"one", content_id="cnt_1")
    with store.database.write() as session:
        session.execute(text(f"UPDATE contents SET {column} = :v"), {"v": value})
    with pytest.raises(Invalid, match="content_tampered"):
        store.contents.get("cnt_1")


def test_a_client_has_a_list_of_everything_with_what_it_was_made_for_and_how_it_ended(store: Store) -> None:
    store.contents.put("c-1", "transcript", b"words", content_id="cnt_1", draft_id="drf_1")
    store.contents.put("c-1", "prompt", b"words", content_id="cnt_2")
    store.contents.put("c-2", "draft", b"words", content_id="cnt_3", draft_id="drf_2")
    digest = store.contents.delete("cnt_1")
    [first, second] = store.contents.of_client("c-1")
    assert (first.id, first.kind, first.draft_id, first.digest) == ("cnt_1", "transcript", "drf_1", digest)
    assert first.deleted_at is not None
    assert not first.is_settled
    assert (second.id, second.draft_id, second.deleted_at) == ("cnt_2", None, None)
    store.contents.deletion_recorded("cnt_1")
    assert store.contents.of_client("c-1")[0].is_settled
    assert store.contents.of_client("c-9") == []
