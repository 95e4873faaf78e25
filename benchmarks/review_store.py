"""A practice of a few years: rows of 100,000 drafts, and content for those that somebody opens."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from tests.web.review.practice import TURN_S, recording_bytes, session_draft, session_transcript

from therapyflows.app.review import ChartLookup
from therapyflows.app.settings import Settings
from therapyflows.core.chart import Appointment, Client, Role, User
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT, Draft, Statement, Transcript
from therapyflows.governance.evidence.model import Segment, Span, Word
from therapyflows.integrations.ehr.memory import MemoryEhr
from therapyflows.integrations.store import Store, migrate, open_store
from therapyflows.integrations.store._tables import DecisionRow, DraftRow
from therapyflows.web.review.deps import ReviewDeps

PERSON = "u-1"
CLINICIANS = 40
CLIENTS = 4_000
SHORT_MIN, LONG_MIN = 50, 90
OPENED = 5
"""Drafts of each length that are opened in turn."""
STATES = {
    DraftState.POSTED: 88, DraftState.REJECTED: 5, DraftState.EXPIRED: 3, DraftState.CANCELLED: 2,
    DraftState.FAILED: 1, DraftState.IN_REVIEW: 1,
}  # fmt: skip
"""Of a hundred drafts that are not waiting for the one person."""
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made, for the process that serves it."""

    short: tuple[str, ...]
    long: tuple[str, ...]
    waiting: int

    def save(self, folder: Path) -> None:
        (folder / "filled.json").write_text(json.dumps([self.short, self.long, self.waiting]))

    @staticmethod
    def load(folder: Path) -> "Filled":
        short, long, waiting = json.loads((folder / "filled.json").read_text())
        return Filled(tuple(short), tuple(long), waiting)

    def deps(self, made: ReviewDeps, store: Store) -> ReviewDeps:
        """With the chart of this practice behind the lookup that the real application uses."""
        ehr = MemoryEhr([*people(), *clients(), *(appointment(n) for n in range(self.waiting))])
        chart = ChartLookup(Settings.model_construct(**_settings()), store, open_ehr=lambda: ehr)
        made.sign_in.user_id = PERSON  # type: ignore[attr-defined]
        return replace(
            made,
            users=chart.user,
            ehr_client=chart.client,
            appointments=chart.appointment,
            chart=chart.chart,
            sweep_every=timedelta(seconds=5),
        )


def _settings() -> dict[str, object]:
    from therapyflows.app.settings import ReviewSettings

    return {"review": ReviewSettings.model_construct()}


def opened(url: str, folder: Path) -> Store:
    return open_store(
        url,
        practice_key=b"p" * 32,
        signing_key=b"s" * 32,
        recordings_dir=folder / "recordings",
        checkpoint_dir=folder / "checkpoints",
    )


def fill(url: str, folder: Path, *, drafts: int, waiting: int) -> Filled:
    migrate(url)
    store = opened(url, folder)
    try:
        now = datetime.now(UTC)
        rows = [*_waiting(waiting, now), *_others(drafts - waiting, now)]
        filled = Filled(
            short=tuple(r.id for r in rows[:OPENED]),
            long=tuple(r.id for r in rows[OPENED : 2 * OPENED]),
            waiting=waiting,
        )
        _insert(store, rows)
        _decide(store, rows)
        _put_drafts(store, rows[:waiting])
        _put_sessions(store, rows[: 2 * OPENED], now)
        filled.save(folder)
        return filled
    finally:
        store.close()


# --- people and sessions, the same in every process ---------------------------------------------------------------


def people() -> Iterator[User]:
    """Each with a hundred clients of their own."""
    for number in range(CLINICIANS):
        caseload = tuple(f"c-{client}" for client in range(number, CLIENTS, CLINICIANS))
        yield User(id=f"u-{number + 1}", name=f"Wren Tamarack {number}", roles=(Role.CLINICIAN,), caseload=caseload)


def clients() -> Iterator[Client]:
    for number in range(CLIENTS):
        clinician = f"u-{number % CLINICIANS + 1}"
        yield Client(
            id=f"c-{number}", first_name="Marigold", last_name=f"Fernweh-{number}", assigned_clinicians=(clinician,)
        )


def appointment(number: int) -> Appointment:
    start = datetime(2026, 11, 1, 9, tzinfo=UTC) - timedelta(hours=number)
    return Appointment(
        id=f"a-{number}",
        client_id=_client_of_the_person(number),
        clinician_id=PERSON,
        start=start,
        end=start + timedelta(minutes=55),
        actual_minutes=53,
        modality="video",
        status="completed",
    )


def _client_of_the_person(number: int) -> str:
    return f"c-{number % (CLIENTS // CLINICIANS) * CLINICIANS}"


# --- rows ---------------------------------------------------------------------------------------------------------


def _waiting(count: int, now: datetime) -> Iterator[DraftRecord]:
    for number in range(count):
        made = now - timedelta(hours=1 + number % 200)
        yield _record(number, _client_of_the_person(number), PERSON, DraftState.IN_REVIEW, made)


def _others(count: int, now: datetime) -> Iterator[DraftRecord]:
    """Of every clinician, over three years, older ones decided."""
    chance = random.Random(7)
    states = list(STATES)
    for number in range(count):
        client = chance.randrange(CLIENTS)
        state = chance.choices(states, weights=list(STATES.values()))[0]
        age = timedelta(days=chance.uniform(0, 9 if state is DraftState.IN_REVIEW else 1000))
        if state is DraftState.IN_REVIEW and client % CLINICIANS == 0:
            client += 1  # the one person's are counted already
        yield _record(1_000_000 + number, f"c-{client}", f"u-{client % CLINICIANS + 1}", state, now - age)


def _record(number: int, client_id: str, clinician_id: str, state: DraftState, made: datetime) -> DraftRecord:
    return DraftRecord(
        id=f"drf_{number:032x}",
        workflow="session-note",
        client_id=client_id,
        clinician_id=clinician_id,
        appointment_id=f"a-{number}",
        source_ref=f"doc-{number}",
        format="soap",
        state=state,
        version=2,
        created_at=made,
        updated_at=made,
        deadline=made + timedelta(days=9),
        flow_run_id=f"run-{number}",
        transcript_id=f"cnt_t{number}",
        draft_content_id=f"cnt_d{number}",
    )


def _insert(store: Store, records: Sequence[DraftRecord]) -> None:
    names = [field.name for field in fields(DraftRecord)]
    for start in range(0, len(records), BATCH):
        rows = [{name: getattr(record, name) for name in names} for record in records[start : start + BATCH]]
        with store.database.write() as session:
            session.execute(insert(DraftRow), [row | {"state": row["state"].value} for row in rows])


def _decide(store: Store, records: Sequence[DraftRecord]) -> None:
    """A decision for each that was posted or rejected."""
    verdicts = {DraftState.POSTED: "approve", DraftState.REJECTED: "reject"}
    rows = [
        {
            "id": f"dec_{record.id}",
            "draft_id": record.id,
            "verdict": verdicts[record.state],
            "decided_by": record.clinician_id,
            "role": "Clinician",
            "decided_at": record.updated_at,
            "run_over_at": record.updated_at,
        }
        for record in records
        if record.state in verdicts
    ]
    for start in range(0, len(rows), BATCH):
        with store.database.write() as session:
            session.execute(insert(DecisionRow), rows[start : start + BATCH])


# --- content ------------------------------------------------------------------------------------------------------


def _put_drafts(store: Store, records: Sequence[DraftRecord]) -> None:
    """An ordinary draft for each of those that the queue may show."""
    raw = DRAFT.dump_json(session_draft())
    for record in records:
        store.contents.put(record.client_id, "draft", raw, content_id=record.draft_content_id or "", draft_id=record.id)


def _put_sessions(store: Store, records: Sequence[DraftRecord], now: datetime) -> None:
    """Whole sessions for those that are opened; a recording for the first of the long ones."""
    for number, record in enumerate(records):
        transcript = long_transcript(SHORT_MIN if number < OPENED else LONG_MIN)
        for kind, content_id, raw in (
            ("transcript", record.transcript_id, TRANSCRIPT.dump_json(transcript)),
            ("draft", record.draft_content_id, DRAFT.dump_json(long_draft(transcript))),
        ):
            store.contents.put(record.client_id, kind, raw, content_id=content_id or "", draft_id=record.id)
    first, keep = records[OPENED], now + timedelta(days=30)
    with store.recordings.writer(first.client_id, f"rec_{first.id}", "audio/wav", retain_until=keep) as file:
        file.write(recording_bytes(LONG_MIN * 60))
    store.drafts.update(first.id, recording_id=f"rec_{first.id}")


def long_transcript(minutes: int) -> Transcript:
    """Ten turns a minute of fifteen words each, each word with its time as the recognizer gives it.

    The sessions of AnnoMI have 11 turns a minute and 16 words a turn.
    """
    said = session_transcript()
    count = round(minutes * 60 / TURN_S)
    segments = tuple(_turn(n, said.segments) for n in range(1, count + 1))
    return replace(said, duration_s=minutes * 60.0, segments=segments)


def _turn(number: int, said: Sequence[Segment]) -> Segment:
    like = said[(number - 1) % len(said)]
    if number % 3 == 0:
        like = replace(like, text=f"{like.text} {said[number % len(said)].text}")
    start, words = (number - 1) * TURN_S, like.text.split()
    step = (TURN_S - 0.4) / len(words)
    times = tuple(Word(w, start + i * step, start + (i + 1) * step, 0.9) for i, w in enumerate(words))
    return replace(like, id=f"s{number}", start_s=start, end_s=start + TURN_S - 0.4, words=times)


def long_draft(transcript: Transcript) -> Draft:
    """24 statements, 36 for the longer one, with evidence all over the session."""
    short, turns = session_draft(), len(session_transcript().segments)
    rounds = 2 if transcript.duration_s <= SHORT_MIN * 60 else 3
    return replace(short, statements=tuple(_moved(s, k, turns) for k in range(rounds) for s in short.statements))


def _moved(statement: Statement, times: int, turns: int) -> Statement:
    by = times * turns
    moved = tuple(
        Span(f"s{int(s.segment_id[1:]) + by}", s.start_s + by * TURN_S, s.end_s + by * TURN_S, s.quote)
        for s in statement.evidence
    )
    return replace(statement, id=f"{statement.id}x{times}" if times else statement.id, evidence=moved)
