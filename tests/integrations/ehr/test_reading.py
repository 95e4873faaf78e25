"""Reading through the TherapyNotes contract when the EHR misbehaves."""

import asyncio
import json

import httpx
import pytest
from tests.integrations.ehr.fakes import (
    AuditFake,
    Clock,
    ScriptedEhr,
    adapter,
    client_json,
    json_answer,
    note_json,
    page,
    problem,
)

from therapyflows.core.errors import Conflict, Invalid, NotFound, Refused, TherapyFlowsError, Transient

CLIENT = "GET /v1/clients/c-1"


async def test_a_client_is_read_with_a_bearer_token_and_a_request_id() -> None:
    ehr = ScriptedEhr().on(CLIENT, json_answer(200, client_json(), etag='"7"'))
    async with adapter(ehr) as chart:
        client = await chart.get_client("c-1")
    assert (client.last_name, client.etag) == ("Quartz", '"7"')
    sent = ehr.asked(CLIENT)[0].headers
    assert sent["authorization"] == "Bearer tok0"
    assert sent["x-request-id"].startswith("req_")


async def test_one_401_renews_the_token_once() -> None:
    ehr = ScriptedEhr().on(CLIENT, problem(401), json_answer(200, client_json()))
    async with adapter(ehr) as chart:
        await chart.get_client("c-1")
    assert len(ehr.asked("POST /oauth/token")) == 2
    assert [r.headers["authorization"] for r in ehr.asked(CLIENT)] == ["Bearer tok0", "Bearer tok1"]


async def test_a_second_401_is_refused_and_not_tried_again() -> None:
    ehr = ScriptedEhr().on(CLIENT, problem(401))
    async with adapter(ehr) as chart:
        with pytest.raises(Refused):
            await chart.get_client("c-1")
    assert (len(ehr.asked("POST /oauth/token")), len(ehr.asked(CLIENT))) == (2, 2)


async def test_many_calls_at_once_ask_for_one_token() -> None:
    ehr = ScriptedEhr().on(CLIENT, json_answer(200, client_json()))
    async with adapter(ehr) as chart:
        await asyncio.gather(*(chart.get_client("c-1") for _ in range(20)))
    assert len(ehr.asked("POST /oauth/token")) == 1


async def test_a_token_is_renewed_before_it_ends() -> None:
    clock = Clock()
    ehr = ScriptedEhr(token_life_s=600).on(CLIENT, json_answer(200, client_json()))
    async with adapter(ehr, clock=clock) as chart:
        await chart.get_client("c-1")
        clock.now += 539
        await chart.get_client("c-1")
        assert len(ehr.asked("POST /oauth/token")) == 1
        clock.now += 2
        await chart.get_client("c-1")
    assert len(ehr.asked("POST /oauth/token")) == 2


async def test_429_without_a_time_backs_off_exponentially() -> None:
    clock = Clock()
    ehr = ScriptedEhr().on(CLIENT, problem(429), problem(429), problem(429), json_answer(200, client_json()))
    async with adapter(ehr, clock=clock) as chart:
        await chart.get_client("c-1")
    assert clock.slept == [0.5, 1.0, 2.0]


async def test_429_with_a_time_waits_at_least_that_long() -> None:
    clock = Clock()
    busy = problem(429, **{"retry-after": "7"})
    ehr = ScriptedEhr().on(CLIENT, busy, json_answer(200, client_json()))
    async with adapter(ehr, clock=clock) as chart:
        await chart.get_client("c-1")
    assert clock.slept == [7.5]


async def test_a_longer_wait_than_the_budget_is_left_to_the_caller() -> None:
    clock = Clock()
    ehr = ScriptedEhr().on(CLIENT, problem(429, **{"retry-after": "900"}))
    async with adapter(ehr, clock=clock) as chart:
        with pytest.raises(Transient) as caught:
            await chart.get_client("c-1")
    assert (caught.value.retry_after_s, clock.slept) == (900.0, [])


@pytest.mark.parametrize(
    "fault",
    [problem(503), problem(500), httpx.ReadTimeout("slow"), httpx.ReadError("cut"), httpx.ConnectError("down"),
     httpx.RemoteProtocolError("odd"), httpx.Response(200, content=b'{"id": "c-1", '),
     httpx.Response(200, text="<html>")],
    ids=["503", "500", "timeout", "cut", "down", "protocol", "truncated", "html"],
)  # fmt: skip
async def test_a_read_survives_a_passing_fault(fault: httpx.Response | Exception) -> None:
    ehr = ScriptedEhr().on(CLIENT, fault, fault, json_answer(200, client_json()))
    async with adapter(ehr) as chart:
        assert (await chart.get_client("c-1")).id == "c-1"


async def test_a_storm_of_5xx_ends_within_the_budget() -> None:
    clock = Clock()
    ehr = ScriptedEhr().on(CLIENT, problem(502))
    async with adapter(ehr, clock=clock, budget_s=10, max_attempts=50) as chart:
        with pytest.raises(Transient):
            await chart.get_client("c-1")
    assert sum(clock.slept) <= 10


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Invalid), (403, Refused), (404, NotFound), (409, Conflict), (410, NotFound), (412, Conflict), (422, Invalid),
     (302, Invalid), (418, Invalid)],
)  # fmt: skip
async def test_final_answers_become_typed_errors_without_their_text(
    status: int, error: type[TherapyFlowsError]
) -> None:
    ehr = ScriptedEhr().on(CLIENT, problem(status, "some_code"))
    async with adapter(ehr) as chart:
        with pytest.raises(error) as caught:
            await chart.get_client("c-1")
    assert type(caught.value) in (error, *error.__subclasses__())
    assert "Zelda" not in str(caught.value)
    assert caught.value.ids["problem"] == "some_code"
    assert len(ehr.asked(CLIENT)) == 1


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"id": "c-1", "firstName": "\\ud800", "lastName": "x"}', b'{"id": 1e999}', b"null", b"",
     b'{"id": "c-1", "firstName": {"$ref": "Zelda"}, "lastName": 3}',
     b'{"id": "c-2", "firstName": "a", "lastName": "b"}',
     b'{"id": "c-1", "firstName": NaN, "lastName": "b"}', b"\xff\xfe\x00"],
    ids=["deep", "surrogate", "infinite", "null", "empty", "types", "another", "nan", "bytes"],
)  # fmt: skip
async def test_hostile_json_is_a_typed_error(body: bytes) -> None:
    ehr = ScriptedEhr().on(CLIENT, httpx.Response(200, content=body))
    async with adapter(ehr, max_attempts=2) as chart:
        with pytest.raises((Invalid, Transient)) as caught:
            await chart.get_client("c-1")
    assert "Zelda" not in str(caught.value)


async def test_a_huge_answer_is_cut_off() -> None:
    ehr = ScriptedEhr().on(CLIENT, httpx.Response(200, content=b'{"id": "' + b"x" * 200_000))
    async with adapter(ehr, max_json_bytes=100_000) as chart:
        with pytest.raises(Invalid, match="too large"):
            await chart.get_client("c-1")


async def test_a_long_error_page_is_still_only_an_error() -> None:
    ehr = ScriptedEhr().on(CLIENT, httpx.Response(503, text="x" * 200_000), json_answer(200, client_json()))
    async with adapter(ehr) as chart:
        assert (await chart.get_client("c-1")).id == "c-1"


@pytest.mark.parametrize("bad", ["../users/u-1", "..", "c-1?x=1", "c 1", "", "c/1", "é", "x" * 200, "c-1\n"])
async def test_what_is_no_identifier_never_reaches_an_address(bad: str) -> None:
    ehr = ScriptedEhr()
    async with adapter(ehr) as chart:
        with pytest.raises(Invalid, match="malformed_id"):
            await chart.get_client(bad)
    assert ehr.history == []


async def test_pages_are_followed_by_their_cursor_even_when_one_is_empty() -> None:
    pages = [page(note_json("n-1"), next="a"), page(next="b"), page(note_json("n-2"))]
    ehr = ScriptedEhr().on("GET /v1/notes", *(json_answer(200, p) for p in pages))
    async with adapter(ehr) as chart:
        assert [note.id async for note in chart.list_notes("c-1")] == ["n-1", "n-2"]
    asked = [dict(r.url.params) for r in ehr.asked("GET /v1/notes")]
    assert [q.get("cursor") for q in asked] == [None, "a", "b"]
    assert all(q["clientId"] == "c-1" and q["limit"] == "100" for q in asked)


async def test_a_looping_cursor_ends_in_an_error() -> None:
    pages = [page(next="a"), page(next="b"), page(next="a")]
    ehr = ScriptedEhr().on("GET /v1/notes", *(json_answer(200, p) for p in pages))
    async with adapter(ehr) as chart:
        with pytest.raises(Invalid, match="ehr_cursor_loop"):
            _ = [note async for note in chart.list_notes("c-1")]
    assert len(ehr.asked("GET /v1/notes")) == 3


async def test_a_list_without_end_ends_in_an_error() -> None:
    def endless(request: httpx.Request) -> httpx.Response:
        return json_answer(200, page(next=f"{len(ehr.history)}"))

    ehr = ScriptedEhr().on("GET /v1/notes", endless)
    async with adapter(ehr, max_pages=20) as chart:
        with pytest.raises(Invalid, match="ehr_list_endless"):
            _ = [note async for note in chart.list_notes("c-1")]


@pytest.mark.parametrize(
    "body", [{"items": "x", "next": None}, {"items": [], "next": 3}, {"next": None}, {"items": [1]}]
)
async def test_a_list_that_is_none_is_invalid(body: dict[str, object]) -> None:
    ehr = ScriptedEhr().on("GET /v1/notes", json_answer(200, body))
    async with adapter(ehr) as chart:
        with pytest.raises(Invalid):
            _ = [note async for note in chart.list_notes("c-1")]


async def test_an_ignored_filter_never_mixes_two_charts() -> None:
    ehr = ScriptedEhr().on("GET /v1/notes", json_answer(200, page(note_json(client_id="c-2"))))
    async with adapter(ehr) as chart:
        with pytest.raises(Invalid, match="ehr_filter_ignored"):
            _ = [note async for note in chart.list_notes("c-1")]


async def test_at_most_so_many_calls_run_at_once() -> None:
    running, most = 0, 0

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        if request.url.path == "/oauth/token":
            return json_answer(200, {"access_token": "t", "expires_in": 60})
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return json_answer(200, client_json())

    async with adapter(slow, max_concurrency=3) as chart:  # type: ignore[arg-type]
        await asyncio.gather(*(chart.get_client("c-1") for _ in range(12)))
    assert most == 3


async def test_every_call_stands_in_the_trail_with_digests_and_no_filter_values() -> None:
    audit = AuditFake()
    ehr = ScriptedEhr().on("GET /v1/notes", problem(503), json_answer(200, page(note_json())))
    async with adapter(ehr, audit) as chart:
        _ = [note async for note in chart.list_notes("c-1")]
    token, failed, done = audit.history
    assert (token.resource, failed.outcome, done.outcome) == ("oauth/token", "ehr_failing", "ok")
    assert (done.resource, done.client_id, done.flow_run_id) == ("notes", "c-1", "run-1")
    assert done.details["filters"] == "clientId,limit"
    assert done.details["status"] == 200
    assert done.received_digest is not None
    assert done.received_digest.startswith("sha256:")
    assert token.received_digest is None
    assert "Zelda" not in json.dumps([str(entry) for entry in audit.history])


async def test_the_client_is_known_from_the_answer() -> None:
    audit = AuditFake()
    ehr = ScriptedEhr().on("GET /v1/notes/n-1", json_answer(200, note_json(client_id="c-9")))
    async with adapter(ehr, audit) as chart:
        await chart.get_note("n-1")
    assert audit.history[-1].client_id == "c-9"


async def test_a_read_that_cannot_be_audited_is_not_handed_out() -> None:
    audit = AuditFake(fail_when=lambda entry: entry.resource.startswith("clients"))
    ehr = ScriptedEhr().on(CLIENT, json_answer(200, client_json()))
    async with adapter(ehr, audit, max_attempts=1) as chart:
        with pytest.raises(Transient, match="audit_unavailable") as caught:
            await chart.get_client("c-1")
    assert "Zelda" not in str(caught.value)


async def test_a_cancelled_call_is_audited_as_such() -> None:
    audit, reached = AuditFake(), asyncio.Event()

    async def hangs(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return json_answer(200, {"access_token": "t", "expires_in": 60})
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async with adapter(hangs, audit) as chart:  # type: ignore[arg-type]
        task = asyncio.ensure_future(chart.get_client("c-1"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert audit.outcomes("clients/c-1") == ["cancelled"]


async def test_an_instance_belongs_to_one_async_with() -> None:
    chart = adapter(ScriptedEhr().on(CLIENT, json_answer(200, client_json())))
    with pytest.raises(RuntimeError, match="async with"):
        await chart.get_client("c-1")
    async with chart:
        with pytest.raises(RuntimeError, match="another event loop"):
            await asyncio.to_thread(asyncio.run, chart.get_client("c-1"))
        await chart.get_client("c-1")
    async with chart:
        await chart.get_client("c-1")
