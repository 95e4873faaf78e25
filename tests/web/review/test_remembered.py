"""Names for display: asked for once, never waited for long, whatever the EHR does."""

import asyncio
from datetime import timedelta

from therapyflows.core.errors import NotFound, Transient
from therapyflows.web.review.remembered import FRESH_FOR_S, REST_S, Remembered

SOON, NOT_AT_ALL = timedelta(seconds=20), timedelta()


class Ehr:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, object] = {}
        self.open = asyncio.Event()
        self.open.set()
        self.at = 0.0

    async def ask(self, key: str) -> str:
        self.asked.append(key)
        await self.open.wait()
        answer = self.answers.get(key, f"name of {key}")
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


async def test_each_is_asked_once_while_it_is_fresh() -> None:
    ehr = Ehr()
    names = Remembered(ehr.ask, now=lambda: ehr.at)
    for _ in range(2):
        assert await names.of(["a", "b", "a"], within=SOON) == {"a": "name of a", "b": "name of b"}
    assert ehr.asked == ["a", "b"]
    ehr.at = FRESH_FOR_S + 1
    ehr.answers["a"] = "another name"
    assert await names.of(["a"], within=SOON) == {"a": "name of a"}  # shown at once, asked anew behind the page
    await asyncio.sleep(0)
    while (await names.of(["a"], within=SOON))["a"] != "another name":
        await asyncio.sleep(0)
    assert ehr.asked == ["a", "b", "a"]


async def test_a_slow_answer_is_filled_in_later() -> None:
    ehr = Ehr()
    names = Remembered(ehr.ask, now=lambda: ehr.at)
    ehr.open.clear()
    assert await names.of(["a"], within=NOT_AT_ALL) == {}
    assert await names.of(["a"], within=SOON) == {}  # the page that began to ask has waited
    ehr.open.set()
    while "a" not in (found := await names.of(["a"], within=NOT_AT_ALL)):
        await asyncio.sleep(0)
    assert found == {"a": "name of a"}
    assert ehr.asked == ["a"]


async def test_whom_the_ehr_does_not_know_is_known_to_be_unknown() -> None:
    ehr = Ehr()
    ehr.answers["a"] = NotFound("client_unknown")
    names = Remembered(ehr.ask, now=lambda: ehr.at)
    assert await names.of(["a"], within=SOON) == {"a": None}


async def test_an_ehr_that_is_down_is_left_alone_for_a_while() -> None:
    ehr = Ehr()
    ehr.answers["a"] = Transient("ehr_unavailable")
    names = Remembered(ehr.ask, now=lambda: ehr.at)
    assert await names.of(["a"], within=SOON) == {}
    assert await names.of(["a", "b"], within=SOON) == {}
    assert ehr.asked == ["a"]
    ehr.at, ehr.answers = REST_S + 1, {}
    assert await names.of(["a", "b"], within=SOON) == {"a": "name of a", "b": "name of b"}
