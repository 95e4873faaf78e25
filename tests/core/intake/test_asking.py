import json

import pytest

from therapyflows.core.intake.asking import ask_for_missing
from therapyflows.core.intake.model import Extracted, FormSource, IntakeForm, Method, Presenting
from therapyflows.core.intake.page import Page, Rect, Word
from therapyflows.integrations.llm.scripted import ScriptedModel


def page(text: str) -> Page:
    words = (Word(word, Rect(20.0 * at, 100, 20.0 * at + 18, 110)) for at, word in enumerate(text.split()))
    return Page(1, 612, 792, Method.OCR, tuple(words))


PAGE = page("Tell me about sleep and mood : I lie awake since spring")
EMPTY = IntakeForm(FormSource.SCAN)


def answer(**quotes: str) -> str:
    found = [{"field": name.replace("__", "."), "quote": quote} for name, quote in quotes.items()]
    return json.dumps({"answers": found})


async def test_words_that_stand_on_the_page_are_taken_with_their_place() -> None:
    form = await ask_for_missing(EMPTY, [PAGE], ScriptedModel([answer(presenting__problem="I lie awake since spring")]))
    found = form.presenting.problem
    assert (found.value, found.method, found.page) == ("I lie awake since spring", Method.MODEL, 1)
    assert found.box is not None
    assert found.confidence < 0.9


async def test_words_that_do_not_stand_on_the_page_are_dropped() -> None:
    form = await ask_for_missing(EMPTY, [PAGE], ScriptedModel([answer(presenting__problem="I lie awake and drink")]))
    assert form == EMPTY


@pytest.mark.parametrize(
    ("text", "quote", "taken"),
    [
        ("I never drank alcohol at home", "drank alcohol", False),
        ("I don\u2019t take cocaine", "take cocaine", False),
        ("Denies any use of opioids", "use of opioids", False),
        ("Penicillin : none", "Penicillin", False),
        ("Have you used cocaine ?", "used cocaine", False),
        ("Have you used cocaine?", "used cocaine?", False),
        ("No. Cocaine in 2010", "Cocaine in 2010", True),
        ("Allergies: penicillin. None else", "penicillin", True),
        ("I never drank. At home I drank alcohol daily", "drank alcohol daily", True),
        ("never alcohol, later alcohol; never cocaine. Now alcohol", "alcohol", True),
        ("I do not drink", "I do not drink", True),
    ],
)
async def test_a_quote_is_not_torn_out_of_its_denial_or_its_question(text: str, quote: str, taken: bool) -> None:
    form = await ask_for_missing(EMPTY, [page(text)], ScriptedModel([answer(history__substance=quote)]))
    assert (form.history.substance.value is not None) is taken


async def test_a_field_that_was_read_or_is_unreadable_is_not_asked_for() -> None:
    read = IntakeForm(FormSource.SCAN, presenting=Presenting(problem=Extracted(unreadable=True)))
    model = ScriptedModel([answer(presenting__problem="I lie awake since spring")])
    assert await ask_for_missing(read, [PAGE], model) == read
    assert "presenting.problem" not in model.history[0].system
