"""What an answer may hold without harming us, whatever it holds."""

from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.chart import Note
from therapyflows.core.errors import Invalid, TherapyFlowsError
from therapyflows.integrations.ehr.therapynotes._call import (
    Call,
    failure_of,
    get,
    parse_model,
    parse_object,
    problem_code,
    retry_after_s,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0", 0), ("Mon, 02 Mar 2026 15:00:30 GMT", 30), ("Mon, 02 Mar 2026 14:00:00 GMT", 0), ("", None),
     ("-3", None), ("0.5", None), ("soon", None), ("٣", None), ("9" * 40, None), ("Mon, 02 Mar 2026 15:00:30", None)],
)  # fmt: skip
def test_a_wait_is_understood_or_ignored(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}, NOW) == seconds


@given(st.text())
def test_any_wait_is_a_number_or_none(value: str) -> None:
    seconds = retry_after_s({"retry-after": value}, NOW)
    assert seconds is None or seconds >= 0


@given(st.binary() | JSON.map(lambda value: repr(value).encode(errors="replace")))
def test_any_problem_has_a_code_or_none(body: bytes) -> None:
    code = problem_code(body)
    assert code is None or (code.isascii() and len(code) <= 64)


@given(st.integers(min_value=300, max_value=599), st.binary(), st.sampled_from(["GET", "POST", "DELETE"]))
def test_any_failure_is_one_of_ours(status: int, body: bytes, method: str) -> None:
    error = failure_of(Call(method, ("notes",)), httpx.Response(status), body, "req_1")
    assert isinstance(error, TherapyFlowsError)
    assert error.ids["status"] == status


@given(st.binary())
def test_any_bytes_are_an_object_or_an_error_of_ours(body: bytes) -> None:
    try:
        assert isinstance(parse_object(body, get("notes"), "req_1"), dict)
    except TherapyFlowsError as error:
        assert error.code == "ehr_answer_unreadable"  # noqa: PT017 - both ends are fine


@given(st.dictionaries(st.sampled_from(["id", "clientId", "status", "draftContent", "updatedAt", "Zelda"]), JSON))
def test_a_wrong_answer_is_described_by_its_fields_alone(payload: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        parse_model(Note, payload)  # it never has a clinicianId
    assert set(str(caught.value.ids["fields"]).split(",")) <= {
        "id", "clientId", "clinicianId", "status", "draftContent", "updatedAt",
    }  # fmt: skip
