"""``therapyflows keys rotate`` and ``therapyflows client shred``: typed by an operator, interrupted, repeated."""

import base64
import json
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stores import open_test_store

from therapyflows.app import keeping
from therapyflows.app.settings import load_settings
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import NotFound
from therapyflows.governance.audit.model import Action
from therapyflows.integrations.store import Store
from therapyflows.integrations.store._keys import Keys

NOW = datetime.now(UTC)
RUN = "6f1c0f0e-6d0b-4f43-9f0a-3d6a3f7f2f11"


def opened(folder: Path, key: bytes = b"k" * 32) -> Store:
    return open_test_store(folder / "data", practice_key=key)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "data").mkdir()
    made = opened(tmp_path)
    for client in ("c-1", "c-2"):
        made.contents.put(client, "transcript", b"words", content_id=f"cnt_{client}")
        made.contents.put(client, "evidence", b"a quote", content_id=f"evd_{client}")
        with made.recordings.writer(client, f"rec_{client}", "audio/ogg", retain_until=NOW + timedelta(days=7)) as file:
            file.write(b"sound")
    for number, state in enumerate((DraftState.IN_REVIEW, DraftState.POSTED)):
        made.drafts.claim(
            DraftRecord(
                id=f"drf_{number}", workflow="session-note", client_id="c-1", clinician_id="u-1", format="soap",
                appointment_id=f"a-{number}", source_ref="d-1", state=state, version=1, created_at=NOW, updated_at=NOW,
                flow_run_id=RUN,
            )
        )  # fmt: skip
    yield made
    made.close()


def gone(store: Store, content_id: str) -> bool:
    try:
        store.contents.get(content_id)
    except NotFound:
        return True
    return False


def actions(store: Store, action: Action) -> list[Any]:
    return [found.entry for found in store.audit.search() if found.entry.action is action]


# --- shredding a client ---


def test_everything_of_the_client_is_erased_with_proof_and_nothing_of_others(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str], store: Store
) -> None:
    practice_settings["THERAPYFLOWS_PREFECT_UI_URL"] = "http://127.0.0.1:9"
    arguments = ("client", "shred", "c-1", "--reason", "client_request", "--by", "us-0012", "--yes", "--json")
    answer = therapyflows(*arguments, **practice_settings)
    assert answer.status == 0, answer.err
    done = json.loads(answer.out)
    assert (done["erased"], done["keys"], done["cancelled"]) == (3, 1, ["drf_0"])
    assert done["runs_not_ended"] == [RUN], "there is no Prefect here"
    assert gone(store, "cnt_c-1")
    assert gone(store, "evd_c-1")
    assert not gone(store, "cnt_c-2")
    proofs = {
        entry.details["kind"]: entry.details["ciphertext_digest"] for entry in actions(store, Action.CONTENT_DELETED)
    }
    assert set(proofs) == {"recording", "transcript", "evidence"}
    [shredded] = actions(store, Action.CONTENT_SHREDDED)
    assert (shredded.actor.id, shredded.details["reason"], shredded.details["keys"]) == ("us-0012", "client_request", 1)
    assert [store.drafts.get(f"drf_{n}").state for n in (0, 1)] == [DraftState.CANCELLED, DraftState.POSTED]

    again = json.loads(therapyflows(*arguments, **practice_settings).out)
    assert (again["erased"], again["keys"], again["cancelled"]) == (0, 0, [])
    assert len(actions(store, Action.CONTENT_SHREDDED)) == 1
    assert len(actions(store, Action.CONTENT_DELETED)) == 3
    assert len(actions(store, Action.DRAFT_CANCELLED)) == 1


def test_without_confirmation_nothing_happens(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str], store: Store
) -> None:
    answer = therapyflows("client", "shred", "c-1", "--reason", "client_request", **practice_settings)
    assert answer.status == 2
    assert answer.complaint == "nothing was done: confirm with --yes, or run it at a terminal"
    assert not gone(store, "cnt_c-1")


@pytest.mark.parametrize(
    ("client", "reason", "words"),
    [
        ("c-77", "client_request", "Nothing is stored of this client"),
        ("c-1", "because", "Invalid value for '--reason'"),
    ],
)
def test_a_wrong_client_or_reason_is_one_line(
    therapyflows: Callable[..., Any],
    practice_settings: dict[str, str],
    store: Store,
    client: str,
    reason: str,
    words: str,
) -> None:
    answer = therapyflows("client", "shred", client, "--reason", reason, "--yes", **practice_settings)
    assert answer.status == 2
    assert words in answer.complaint
    assert actions(store, Action.CONTENT_SHREDDED) == []


# --- rotating the practice key ---


def test_content_is_read_with_the_new_key_and_no_longer_with_the_old(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str], store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "new.key"
    answer = therapyflows("keys", "rotate", "--to", file, "--by", "us-0012", "--json", **practice_settings)
    assert json.loads(answer.out) == {"file": str(file), "data_keys": 2, "rotated_before": False}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    name, _, value = file.read_text().strip().partition("=")
    assert name == "THERAPYFLOWS_STORE__PRACTICE_KEY"
    assert value not in answer.out + answer.err
    assert opened(tmp_path, base64.b64decode(value)).contents.get("cnt_c-1") == b"words"
    refused = therapyflows("audit", "show", **practice_settings)
    assert "locked with another practice key" in refused.complaint
    [entry] = actions(opened(tmp_path, base64.b64decode(value)), Action.PRACTICE_KEY_ROTATED)
    assert (entry.actor.id, entry.details["data_keys"]) == ("us-0012", 2)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("when", ["before", "after"])
def test_interrupted_the_same_command_finishes_and_no_key_is_lost(
    practice_settings: dict[str, str], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    for name, value in practice_settings.items():
        monkeypatch.setenv(name, value)
    load_settings.cache_clear()
    real = Keys.rotate

    def dying(keys: Keys, new: bytes) -> int:
        if when == "after":
            real(keys, new)
        raise Killed

    file = tmp_path / "new.key"
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Keys, "rotate", dying)
            with pytest.raises(Killed):
                keeping.rotate_practice_key(file, "us-0012")
        key = file.read_text()
        done = keeping.rotate_practice_key(file, "us-0012")
        again = keeping.rotate_practice_key(file, "us-0012")
    finally:
        load_settings.cache_clear()
    assert file.read_text() == key
    assert (done["rotated_before"], again["rotated_before"]) == (when == "after", True)
    with opened_with(file, tmp_path) as reopened:
        assert reopened.contents.get("cnt_c-1") == b"words"
        assert len(actions(reopened, Action.PRACTICE_KEY_ROTATED)) == 1


def opened_with(file: Path, folder: Path) -> Any:
    return closing(opened(folder, base64.b64decode(file.read_text().strip().partition("=")[2])))


def test_a_file_that_holds_no_key_is_refused_and_left_alone(
    therapyflows: Callable[..., Any], practice_settings: dict[str, str], store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("shopping list\n")
    answer = therapyflows("keys", "rotate", "--to", file, **practice_settings)
    assert answer.status == 2
    assert "must be 32 bytes in base64" in answer.complaint
    assert file.read_text() == "shopping list\n"
    assert not gone(store, "cnt_c-1")
