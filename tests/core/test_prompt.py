"""A prompt is our words and named fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.prompt import Prompt, PromptField, in_words
from therapyflows.core.session_note.prompts import load_prompt


@given(st.text(), st.text())
def test_fields_and_words_stand_as_they_are_whatever_they_hold(words: str, said: str) -> None:
    prompt = Prompt(
        "t",
        "1",
        in_words(words),
        f"{in_words(words)}|$source",
        "test",
        fields=(PromptField("transcript", said, "source"),),
    )
    assert (prompt.system, prompt.user) == (words, f"{words}|{said}")


def test_fields_of_one_place_stand_one_below_the_other() -> None:
    fields = (PromptField("pronouns", "they", "background"), PromptField("plan_goals", "sleep $5", "background"))
    assert Prompt("t", "1", "", "A:\n$background\nB", "test", fields=fields).user == "A:\nthey\nsleep $5\nB"


def test_a_field_is_not_shown_in_a_repr() -> None:
    prompt = Prompt("t", "1", "", "$transcript", "test", fields=(PromptField("transcript", "Marlowe"),))
    assert "Marlowe" not in repr(prompt)


def test_a_prompt_takes_only_the_fields_that_it_has_a_place_for() -> None:
    fields = (
        PromptField("plan_goals", "sleep", "background"),
        PromptField("transcript", "s1 | client | yes", "source"),
    )
    values = {"sections": "", "limit": "3", "part": "1", "parts": "2", "fence": "f"}
    prompt = load_prompt("session_facts").render(values, max_output_tokens=10, fields=fields)
    assert [field.name for field in prompt.fields] == ["transcript"]
    assert "s1 | client | yes" in prompt.user


def test_a_place_without_fields_says_so_and_a_missing_value_is_an_error() -> None:
    values = {"sections": "", "limit": "3", "fence": "f"}
    assert "(nothing)" in load_prompt("session_note").render(values, max_output_tokens=10).user
    with pytest.raises(KeyError):
        load_prompt("session_note").render({"sections": ""}, max_output_tokens=10)
