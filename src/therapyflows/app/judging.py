"""A second opinion on a checked note file, by a language model on this machine."""

import asyncio
from collections.abc import Mapping

from therapyflows.app.settings import FileSettings
from therapyflows.core.errors import Refused, TherapyFlowsError
from therapyflows.core.note_check.model import NoteCheck
from therapyflows.core.session_note.judging import ModelJudge
from therapyflows.core.session_note.model import Transcript
from therapyflows.governance.evidence.model import Grade, Judgement
from therapyflows.integrations.llm import make_model


def second_opinions(check: NoteCheck, transcript: Transcript) -> Mapping[str, Judgement] | None:
    """By statement id; None when the model fails or takes too long.

    Raises Refused (``judge_leaves_machine``) unless the settings name a model on this machine: calls about a file
    stand in no audit trail.
    """
    settings = FileSettings()
    model = make_model(settings.llm)
    if model is None or not model.info.on_device:
        raise Refused(
            "judge_leaves_machine",
            "a second opinion on a file needs a language model on this machine: set THERAPYFLOWS_LLM__PROVIDER=local",
        )
    asked = {
        line.id: line.text
        for line, found in zip(check.lines, check.graded, strict=True)
        if found.grade is not Grade.NOT_ASSESSED
    }
    try:
        return asyncio.run(
            asyncio.wait_for(ModelJudge(model).judge(asked, transcript.segments), settings.judge.patience_s)
        )
    except (TherapyFlowsError, TimeoutError):
        return None
