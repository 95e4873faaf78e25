"""A second opinion on the statements of a draft: asked by a setting, shown where it disagrees, never in the way."""

from therapyflows.core.session_note.judging.model_judge import ModelJudge
from therapyflows.core.session_note.judging.second_opinion import JUDGE_UNAVAILABLE, with_second_opinion

__all__ = ["JUDGE_UNAVAILABLE", "ModelJudge", "with_second_opinion"]
