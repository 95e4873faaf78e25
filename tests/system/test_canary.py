"""Planted names, numbers and sentences are found nowhere but in the chart and, encrypted, in the store.

The canaries go through a whole session: uploaded transcript, draft, correction, approval, note.  Then every file below
the data directory is searched: Prefect's database and results, all logs, the store, recordings, checkpoints.
"""

import sqlite3
from pathlib import Path

import pytest

from system import System
from therapyflows.core.drafts.model import DraftState

NAME = "Quillhamster"
PHONE = "555-0177-8812"
SENTENCE = "the violet lighthouse hums backwards at noon"
CORRECTION = "Zebrafinch approves of the marmalade ladder."
OFF_RECORD = "the copper pigeon owes me seven buttons"
PROCESS_NOTE = "the velvet anchor reminds me of my aunt"
WALLED_OFF = ("copper pigeon", "velvet anchor")
CANARIES = (NAME, PHONE, SENTENCE, CORRECTION, "violet lighthouse", "marmalade ladder", *WALLED_OFF)

DIALOGUE = f"""\
Therapist: How have you been, and is it still {NAME} who drives you?
Client: Yes, {NAME} drives me. I feel that {SENTENCE}, and I had three panic attacks this week.
Therapist: Have you had any thoughts of hurting yourself?
Client: No. If it gets bad I call {PHONE}.
Client: Off the record, {OFF_RECORD}.
Therapist: Okay, back on the record.
Therapist: Process note: {PROCESS_NOTE}. End process note.
Therapist: For next week, please keep the log.
Client: I will keep the log.
"""


@pytest.fixture(scope="module")
def after_a_session(system: System, tmp_path_factory: pytest.TempPathFactory) -> System:
    file = tmp_path_factory.mktemp("canary") / f"{NAME}.txt"
    file.write_text(DIALOGUE)
    appointment = system.scheduled(1)[0]
    system.end_session(appointment["id"], file)
    record = system.draft_in(appointment["id"], DraftState.IN_REVIEW)
    clinician = system.person(record.clinician_id)
    page = clinician.browser.open(f"{system.settings.review.base_url}/drafts/{record.id}")
    assert SENTENCE in page.text, "the canary reached the reviewer, so the search below means something"
    assert OFF_RECORD in page.text, "the clinician sees what was held back"
    clinician.browser.send(page, page.form("/edit"), text=CORRECTION)
    system.approve(record)
    record = system.draft_in(appointment["id"], DraftState.POSTED)
    note = system.chart(f"/v1/notes/{record.ehr_note_id}")
    assert CORRECTION in str(note["draftContent"]), "the canary reached the chart"
    assert not [canary for canary in WALLED_OFF if canary in str(note)], "what was held back did not"
    # A run that fails on this very content must not quote it either.
    broken = file.with_name(f"{NAME}.json")
    broken.write_text('{"segments": [{"speaker": "client", "text": ' + repr(SENTENCE))
    second = system.scheduled(1)[0]
    system.end_session(second["id"], broken)
    system.draft_in(second["id"], DraftState.FAILED)
    return system


def test_what_was_held_back_is_in_no_draft_and_in_no_evidence(after_a_session):
    store = after_a_session.store
    record = next(r for r in store.drafts.in_state([DraftState.POSTED]) if r.draft_content_id)
    items = [item for item in store.contents.of_client(record.client_id) if item.kind != "transcript"]
    texts = [store.contents.get(item.id).decode() for item in items if item.deleted_at is None]
    assert any(SENTENCE in text for text in texts), "drafts are among them"
    assert not [canary for canary in WALLED_OFF for text in texts if canary in text]


def ours(folder: Path) -> list[Path]:
    """Every file of ours; the simulated EHR is the chart, where content belongs."""
    chart = folder / "simulated-ehr"
    return [path for path in folder.rglob("*") if path.is_file() and chart not in path.parents]


def test_no_file_holds_a_canary(after_a_session):
    files = ours(after_a_session.stage.folder)
    assert any(path.name.startswith("prefect.db") for path in files), "Prefect's database is among them"
    assert any(path.suffix == ".log" for path in files)
    leaks = [
        (path.name, canary)
        for path in files
        for canary in CANARIES
        if canary.encode() in path.read_bytes() or canary.lower().encode() in path.read_bytes().lower()
    ]
    assert leaks == []


def test_no_row_of_prefect_holds_a_canary(after_a_session):
    """The database file could compress or encode a value; its rows are read too."""
    path = after_a_session.stage.folder / "prefect" / "prefect.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        assert {"flow_run", "task_run", "artifact", "log", "events", "flow_run_input"} <= set(tables)
        for table in tables:
            for row in db.execute(f'select * from "{table}"'):
                text = " ".join(str(value) for value in row)
                assert not [canary for canary in CANARIES if canary in text], f"a canary in Prefect's table {table}"


def test_no_unencrypted_column_of_the_store_holds_a_canary(after_a_session):
    path = after_a_session.stage.folder / "store.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        tables = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for row in db.execute(f'select * from "{table}"'):
                text = " ".join(value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row)
                assert not [canary for canary in CANARIES if canary in text], f"a canary in table {table}"
