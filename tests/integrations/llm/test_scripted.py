"""The scripted model behaves as a model does, from a script."""

from dataclasses import replace

import pytest

from therapyflows.core.errors import ModelOutputInvalid, Refused, Transient
from therapyflows.core.prompt import Prompt
from therapyflows.integrations.llm.scripted import SCRIPTED, ScriptedModel

from .conftest import Mood


async def test_it_answers_line_by_line_and_remembers_what_it_was_asked(prompt: Prompt) -> None:
    script = ['{"mood": "fine", "score": 1}', Mood(mood="low", score=2), lambda asked: Mood(mood=asked.id, score=3)]
    model = ScriptedModel(script)
    answers = [(await model.complete(prompt, Mood)).value.mood for _ in range(3)]
    assert answers == ["fine", "low", "test/mood"]
    assert model.history == [prompt] * 3


async def test_a_line_can_be_an_error_or_nonsense(prompt: Prompt) -> None:
    model = ScriptedModel([Transient("model_busy"), "nonsense"])
    with pytest.raises(Transient):
        await model.complete(prompt, Mood)
    with pytest.raises(ModelOutputInvalid):
        await model.complete(prompt, Mood)


async def test_an_ended_script_is_a_model_that_is_down(prompt: Prompt) -> None:
    with pytest.raises(Transient):
        await ScriptedModel([]).complete(prompt, Mood)


async def test_it_refuses_clear_text_when_it_plays_a_model_elsewhere(prompt: Prompt) -> None:
    model = ScriptedModel(['{"mood": "fine", "score": 1}'], info=replace(SCRIPTED, on_device=False))
    with pytest.raises(Refused):
        await model.complete(prompt, Mood)
    assert model.history == []
