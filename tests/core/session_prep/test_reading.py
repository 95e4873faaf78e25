"""Reading part by part: a slow or failing part costs nothing but itself."""

import asyncio

import pytest
import structlog

from therapyflows.core.errors import Transient
from therapyflows.core.session_prep.reading import Part, part


async def answering(value: int) -> int:
    return value


async def failing() -> int:
    raise Transient("ehr_unavailable")


async def never() -> int:
    await asyncio.Event().wait()
    raise AssertionError


async def test_an_answer_is_the_parts_value() -> None:
    assert await part(answering(7), 5) == Part(7)


async def test_what_does_not_answer_is_given_up() -> None:
    assert await part(never(), 0.01) == Part(None, "slow")


async def test_what_fails_says_so_and_is_logged_by_its_code() -> None:
    with structlog.testing.capture_logs() as logs:
        assert await part(failing(), 5) == Part(None, "failed")
    assert [(line["event"], line["code"]) for line in logs] == [("chart_part_failed", "ehr_unavailable")]


async def test_a_fault_of_our_own_is_not_hidden() -> None:
    async def broken() -> int:
        raise KeyError

    with pytest.raises(KeyError):
        await part(broken(), 5)
