"""Creating exactly once, whatever happens to the request or to its answer."""

import asyncio
import json
from collections.abc import Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.integrations.ehr.fakes import (
    AuditFake,
    Clock,
    ScriptedEhr,
    adapter,
    json_answer,
    note_json,
    page,
    problem,
)

from therapyflows.core.chart import NewProgressNote, NewTask, NoteSection
from therapyflows.core.errors import Conflict, Invalid, Refused, Transient, UnknownOutcome

POST = "POST /v1/progressnotes"
LIST = "GET /v1/notes"
NOTE = NewProgressNote(
    client_id="c-1",
    appointment_id="a-1",
    clinician_id="u-1",
    format="soap",
    draft_content=(NoteSection(name="Subjective", text="Client reports sleeping better."),),
    external_id="drf_1",
)


class ForgetfulEhr:
    """The worst EHR that the contract allows: it ignores idempotency keys and keeps no external id unique.

    ``faults`` are used up one per request, whatever the request is; then it behaves.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        self.notes: list[dict[str, object]] = []
        self.posts = 0
        self._late: list[tuple[int, httpx.Request]] = []
        self._requests = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self._requests += 1
        self._commit_what_is_late()
        fault = self.faults.pop(0) if self.faults else "none"
        if fault in ("409 running", "odd after", *LATE) and not request.url.path.endswith("progressnotes"):
            fault = "none"  # nothing that happens to a read
        if fault in LATE:
            self._late.append((self._requests + int(fault.split()[1]), request))
            raise httpx.ReadTimeout("slow")
        early = _early(fault)
        if early is not None:
            return early
        answer = self._answer(request)
        return _late(fault, answer)

    def _commit_what_is_late(self) -> None:
        """A request whose sender gave up is carried out all the same, some requests later."""
        for due, request in self._late:
            if due == self._requests:
                self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return json_answer(200, {"access_token": "t", "expires_in": 3600})
        if request.method == "GET":
            wanted = request.url.params["externalId"]
            return json_answer(200, page(*(note for note in self.notes if note["externalId"] == wanted)))
        self.posts += 1
        self.notes.append({**note_json(f"n-{self.posts}"), **json.loads(request.content)})
        return json_answer(201, self.notes[-1])


def _early(fault: str) -> httpx.Response | None:
    """What happens before the EHR has looked at the request."""
    match fault:
        case "refused connection":
            raise httpx.ConnectError("down")
        case "lost before":
            raise httpx.ReadTimeout("slow")
        case "429":
            return problem(429)
        case "429 and wait":
            return problem(429, **{"retry-after": "2"})
        case "503":
            return problem(503)
        case "409 running":
            return problem(409, "idempotency_key_running")
    return None


def _late(fault: str, answer: httpx.Response) -> httpx.Response:
    """What happens to the answer."""
    match fault:
        case "timeout after":
            raise httpx.ReadTimeout("slow")
        case "cut after":
            raise httpx.RemoteProtocolError("cut")
        case "500 after":
            return problem(500)
        case "garbled after":
            return httpx.Response(answer.status_code, content=answer.content[:7])
        case "odd after":
            return json_answer(answer.status_code, {"id": 7})
    return answer


FAULTS = ("none", "refused connection", "lost before", "429", "429 and wait", "503", "409 running",
          "timeout after", "cut after", "500 after", "garbled after", "odd after")  # fmt: skip
LATE = ("after 2 requests", "after 6 requests")


@given(st.lists(st.sampled_from([*FAULTS, *LATE]), max_size=14))
@hypothesis_settings(max_examples=300, deadline=None)
def test_whatever_happens_at_most_one_note_exists_and_the_call_knows_it(faults: list[str]) -> None:
    ehr = ForgetfulEhr(faults)
    try:
        note = asyncio.run(_post_once(ehr))
    except Transient:
        note = None
    assert len(ehr.notes) <= 1
    assert note is None or note == ehr.notes[0]["id"]


@given(st.lists(st.sampled_from(FAULTS), max_size=25))
@hypothesis_settings(max_examples=150, deadline=None)
def test_a_flow_that_asks_again_ends_with_exactly_one_note(faults: list[str]) -> None:
    ehr = ForgetfulEhr(faults)
    note = None
    while note is None:
        try:
            note = asyncio.run(_post_once(ehr))
        except Transient:
            continue
    assert [found["id"] for found in ehr.notes] == [note]


async def _post_once(ehr: ForgetfulEhr) -> str:
    async with adapter(ehr, settle_s=4, budget_s=20) as chart:
        return (await chart.create_progress_note(NOTE)).id


async def test_a_note_is_posted_once_with_key_and_external_id() -> None:
    ehr = ScriptedEhr().on(LIST, json_answer(200, page())).on(POST, json_answer(201, note_json(), etag='"1"'))
    async with adapter(ehr) as chart:
        note = await chart.create_progress_note(NOTE)
    (sent,) = ehr.asked(POST)
    assert json.loads(sent.content) == {
        "clientId": "c-1", "appointmentId": "a-1", "clinicianId": "u-1", "format": "soap", "externalId": "drf_1",
        "draftContent": [{"name": "Subjective", "text": "Client reports sleeping better."}], "diagnosisCodes": [],
    }  # fmt: skip
    assert sent.headers["idempotency-key"].startswith("idk_")
    assert note.etag == '"1"'


async def test_the_key_is_the_same_in_every_process() -> None:
    keys = set()
    for _ in range(2):
        ehr = ScriptedEhr().on(LIST, json_answer(200, page())).on(POST, json_answer(201, note_json()))
        async with adapter(ehr) as chart:
            await chart.create_progress_note(NOTE)
        keys.add((ehr.asked(POST)[0].headers["idempotency-key"], ehr.asked(POST)[0].content))
    assert len(keys) == 1


async def test_what_stands_already_is_not_posted() -> None:
    standing = note_json("n-7", externalId="drf_1")
    ehr = ScriptedEhr().on(LIST, json_answer(200, page(note_json("n-6"), standing)))
    async with adapter(ehr) as chart:
        assert (await chart.create_progress_note(NOTE)).id == "n-7"
    assert ehr.asked(POST) == []


@pytest.mark.parametrize("fault", ["timeout after", "cut after", "500 after", "garbled after", "odd after"])
async def test_a_lost_answer_is_found_by_looking_up(fault: str) -> None:
    ehr = ForgetfulEhr(["none", "none", fault])
    async with adapter(ehr) as chart:
        assert (await chart.create_progress_note(NOTE)).id == "n-1"
    assert ehr.posts == 1


async def test_a_lost_write_is_not_repeated_by_the_call_that_lost_it() -> None:
    ehr, clock = ForgetfulEhr(["none", "none", "lost before"]), Clock()
    async with adapter(ehr, clock=clock, settle_s=8) as chart:
        with pytest.raises(UnknownOutcome):
            await chart.create_progress_note(NOTE)
        assert (ehr.posts, len(ehr.notes)) == (0, 0)
        assert 4 < sum(clock.slept) <= 8
        assert (await chart.create_progress_note(NOTE)).id == "n-1"


async def test_a_busy_ehr_is_asked_again_after_another_look() -> None:
    ehr = ScriptedEhr().on(LIST, json_answer(200, page())).on(POST, problem(429), json_answer(201, note_json()))
    async with adapter(ehr) as chart:
        await chart.create_progress_note(NOTE)
    assert [r.method for r in ehr.history[1:]] == ["GET", "POST", "GET", "POST"]


async def test_a_first_request_that_still_runs_is_waited_for() -> None:
    standing = json_answer(200, page(note_json("n-7", externalId="drf_1")))
    empty = json_answer(200, page())
    ehr = ScriptedEhr().on(LIST, empty, empty, empty, standing).on(POST, problem(409, "idempotency_key_running"))
    async with adapter(ehr) as chart:
        assert (await chart.create_progress_note(NOTE)).id == "n-7"
    assert len(ehr.asked(POST)) == 1


async def test_an_expired_token_during_a_write_is_renewed_and_the_note_posted_once() -> None:
    ehr = ScriptedEhr().on(LIST, json_answer(200, page())).on(POST, problem(401), json_answer(201, note_json()))
    async with adapter(ehr) as chart:
        await chart.create_progress_note(NOTE)
    first, second = ehr.asked(POST)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [(problem(403), Refused), (problem(422), Invalid), (problem(409, "note_not_draft"), Conflict),
     (problem(422, "idempotency_key_reused"), Conflict)],
)  # fmt: skip
async def test_a_final_no_is_final(answer: httpx.Response, error: type[Exception]) -> None:
    ehr = ScriptedEhr().on(LIST, json_answer(200, page())).on(POST, answer)
    async with adapter(ehr) as chart:
        with pytest.raises(error):
            await chart.create_progress_note(NOTE)
    assert len(ehr.asked(POST)) == 1


async def test_two_at_once_create_one_note() -> None:
    ehr = ForgetfulEhr([])
    async with adapter(ehr) as chart:
        first, second = await asyncio.gather(chart.create_progress_note(NOTE), chart.create_progress_note(NOTE))
    assert (first.id, len(ehr.notes)) == (second.id, 1)


async def test_a_write_is_announced_before_it_leaves_and_reported_after() -> None:
    audit = AuditFake()
    async with adapter(ForgetfulEhr([]), audit) as chart:
        await chart.create_progress_note(NOTE)
    started, done = [entry for entry in audit.history if entry.resource == "progressnotes"]
    assert (started.outcome, done.outcome) == ("started", "ok")
    assert started.request_id == done.request_id
    assert started.sent_digest == done.sent_digest
    assert (started.client_id, started.action.value) == ("c-1", "ehr.write")
    assert "duration_ms" in done.details


async def test_a_write_that_cannot_be_announced_does_not_leave() -> None:
    ehr = ForgetfulEhr([])
    audit = AuditFake(fail_when=lambda entry: entry.outcome == "started")
    async with adapter(ehr, audit, max_attempts=2) as chart:
        with pytest.raises(Transient, match="audit_unavailable") as caught:
            await chart.create_progress_note(NOTE)
    assert not isinstance(caught.value, UnknownOutcome)
    assert ehr.posts == 0


async def test_a_write_that_cannot_be_reported_is_unknown_and_looked_up() -> None:
    ehr = ForgetfulEhr([])
    audit = AuditFake(fail_when=lambda entry: entry.action.value == "ehr.write" and entry.outcome == "ok")
    async with adapter(ehr, audit) as chart:
        assert (await chart.create_progress_note(NOTE)).id == "n-1"
    assert ehr.posts == 1


async def test_a_task_is_created_once() -> None:
    task = NewTask(assignee_id="u-1", client_id="c-1", title="Call back", text="See draft drf_1", external_id="tsk_1")
    standing = {"id": "t-1", "clientId": "c-1", "externalId": "tsk_1"}
    ehr = ScriptedEhr().on("GET /v1/tasks", json_answer(200, page()), json_answer(200, page(standing)))
    ehr.on("POST /v1/tasks", httpx.ReadTimeout("slow"))
    async with adapter(ehr) as chart:
        assert await chart.create_task(task) == "t-1"
    assert ehr.asked("GET /v1/tasks")[0].url.params["externalId"] == "tsk_1"
    assert len(ehr.asked("POST /v1/tasks")) == 1


async def test_subscribing_again_only_rotates_the_secret() -> None:
    standing = {"id": "w-1", "url": "https://a.test/hook", "eventTypes": ["note.created"], "status": "active"}
    other = {**standing, "id": "w-0", "eventTypes": ["note.signed"]}
    ehr = ScriptedEhr().on("GET /v1/webhooks", json_answer(200, page(standing, other)))
    ehr.on("POST /v1/webhooks/w-1/secret", json_answer(201, standing))
    ehr.on("DELETE /v1/webhooks/w-0", httpx.Response(204))
    async with adapter(ehr) as chart:
        assert (await chart.subscribe("https://a.test/hook", ["note.created"], "whsec_x")).id == "w-1"
    assert len(ehr.asked("DELETE /v1/webhooks/w-0")) == 1
    assert ehr.asked("POST /v1/webhooks") == []
