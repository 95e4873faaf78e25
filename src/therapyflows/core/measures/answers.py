"""Answers as people type them: ``1,2,,3``."""

from therapyflows.core.errors import Invalid
from therapyflows.core.measures.model import Answers, Measure
from therapyflows.core.measures.scoring import range_at

_YES_NO = {"y": 1, "yes": 1, "true": 1, "n": 0, "no": 0, "false": 0}


def parse_answers(measure: Measure, text: str) -> Answers:
    """The answers of a list separated by commas; an empty position is a missing answer.

    Raises Invalid (``answer_malformed``) for what is no whole number (nor yes or no, where the measure asks so).
    """
    return tuple(_answer(measure, at, part.strip()) for at, part in enumerate(text.split(","), 1))


def _answer(measure: Measure, position: int, text: str) -> int | None:
    if not text:
        return None
    if measure.yes_no and text.lower() in _YES_NO:
        return _YES_NO[text.lower()]
    if text.isascii() and text.isdecimal() and len(text) < 4:
        return int(text)
    in_range = position <= measure.items + len(measure.unscored)
    low, high = range_at(measure, position if in_range else 1)
    raise Invalid(
        "answer_malformed", f"answer {position} of {measure.title} must be a whole number from {low} to {high}"
    )
