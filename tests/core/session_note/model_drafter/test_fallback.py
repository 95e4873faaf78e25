"""Whatever goes wrong with the model, there is a draft, and it says who wrote it."""

from collections.abc import Callable

import pytest

from therapyflows.core.errors import ContextOverflow, ModelOutputInvalid, Refused, Transient
from therapyflows.core.session_note.model import Draft, SessionContext, Template, Transcript
from therapyflows.core.session_note.model_drafter import Patience, draft_with_model
from therapyflows.integrations.llm.scripted import ScriptedModel

from .conftest import line, note

AT_ONCE = Patience(attempts=3, first_wait_s=0.0, longest_wait_s=0.0)
Evidence = Callable[[], Draft]


@pytest.fixture
def draft_with(transcript: Transcript, context: SessionContext, template: Template, evidence: Evidence):
    async def draft(model: ScriptedModel) -> Draft:
        return await draft_with_model(model, transcript, context, template, fallback=evidence, patience=AT_ONCE)

    return draft


@pytest.mark.parametrize(
    ("script", "code", "calls"),
    [
        (["not json", '{"statements": [{"section": "su'], "model_output_invalid", 2),
        ([note(line(section="instructions")), note(line(kind="risk"))], "model_output_invalid", 2),
        ([note(line(segments=["s99"])), note()], "model_output_invalid", 2),
        ([ModelOutputInvalid("output_truncated"), ModelOutputInvalid("output_truncated")], "model_output_invalid", 2),
        ([ModelOutputInvalid("unknown_token")] * 2, "model_output_invalid", 2),
        ([Transient("model_busy", retry_after_s=600)] * 3, "model_unavailable", 3),
        ([ContextOverflow("context_overflow")], "model_unavailable", 1),
        ([Refused("unredacted_text")], "model_refused", 1),
    ],
)
async def test_a_model_that_fails_is_replaced(draft_with, evidence: Evidence, script, code: str, calls: int) -> None:
    model = ScriptedModel(script)
    draft = await draft_with(model)
    assert draft.statements == evidence().statements
    assert (draft.drafter, draft.fallback_from) == ("evidence", "scripted:script")
    assert draft.warnings[0].code == code
    assert len(model.history) == calls


async def test_an_unusable_answer_is_repaired_once_with_the_error_named(draft_with) -> None:
    model = ScriptedModel([ModelOutputInvalid("output_truncated"), note(line())])
    draft = await draft_with(model)
    assert draft.fallback_from is None
    assert "cut off" in model.history[1].user
    assert model.history[1].user.startswith(model.history[0].user)


async def test_a_busy_model_is_asked_again(draft_with) -> None:
    model = ScriptedModel([Transient("model_busy"), Transient("model_timeout"), note(line())])
    assert (await draft_with(model)).drafter == "scripted:script"
