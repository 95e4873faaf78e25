"""A model on this machine as a detector behind the boundary."""

from dataclasses import replace

import pytest

from therapyflows.core.errors import Refused, Transient
from therapyflows.governance.phi import ChartIdentifiers, PhiBoundary
from therapyflows.integrations.llm.scripted import SCRIPTED, ScriptedModel
from therapyflows.integrations.phi.model_names import ModelNames

TEXT = "we met at the quiet place with blossom, and blossom paid"
ANSWER = '{"found": [{"kind": "person", "text": "blossom"}, {"kind": "place", "text": "nowhere said"}]}'


def test_what_the_model_names_is_replaced_wherever_it_stands() -> None:
    model = ScriptedModel([ANSWER])
    redaction = PhiBoundary(ChartIdentifiers(), additional=[ModelNames(model)]).redact(TEXT)
    assert redaction.text == "we met at the quiet place with [PERSON_1], and [PERSON_1] paid"
    assert model.history[0].user == TEXT


@pytest.mark.parametrize(
    "answer", ['{"found": [{"kind": "planet", "text": "blossom"}]}', '{"found": [{"kind": "person", "text": " "}]}']
)
def test_an_answer_of_no_use_changes_nothing(answer: str) -> None:
    assert PhiBoundary(ChartIdentifiers(), additional=[ModelNames(ScriptedModel([answer]))]).redact(TEXT).text == TEXT


def test_a_long_text_is_read_in_pieces() -> None:
    model = ScriptedModel(['{"found": []}', ANSWER])
    text = "well " * 500 + TEXT
    assert PhiBoundary(ChartIdentifiers(), additional=[ModelNames(model)]).redact(text).text.endswith("[PERSON_1] paid")
    assert len(model.history) == 2


def test_a_model_elsewhere_never_sees_the_text() -> None:
    elsewhere = ScriptedModel([ANSWER], info=replace(SCRIPTED, on_device=False, covered_by_baa=True))
    with pytest.raises(Refused) as refused:
        ModelNames(elsewhere)
    assert refused.value.code == "model_not_on_device"
    assert elsewhere.history == []


def test_a_model_that_is_down_leaves_no_text_half_read() -> None:
    with pytest.raises(Transient):
        PhiBoundary(ChartIdentifiers(), additional=[ModelNames(ScriptedModel([]))]).redact(TEXT)
