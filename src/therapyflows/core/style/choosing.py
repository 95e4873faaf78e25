"""What a clinician decides about their style: each takes the choices and returns the next ones."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from therapyflows.core.errors import Invalid
from therapyflows.core.style.model import Choices, Wording
from therapyflows.core.style.safety import require_harmless
from therapyflows.core.style.terms import form_titles, kind_of

HabitDeed = Literal["off", "use", "remove"]
Change = Callable[[Choices], Choices]
MOST = 60
"""Wordings of one's own."""
FEWEST_WORDS, MOST_WORDS = 4, 60


def switched(on: bool) -> Change:
    return lambda choices: replace(choices, on=on)


def habit(key: str, deed: HabitDeed) -> Change:
    """``off`` and ``use``: of a learned wording; ``remove``: one of their own."""

    def change(choices: Choices) -> Choices:
        if deed == "remove":
            return replace(choices, own=tuple(w for w in choices.own if w.key != key))
        others = tuple(known for known in choices.off if known != key)
        return replace(choices, off=(*others, key) if deed == "off" else others)

    return change


def with_own(drafted: str, instead: str, *, at_start: bool) -> Change:
    """Raises Invalid for what is no matter of style, or names somebody."""
    before, after = " ".join(drafted.split()).strip(" ,;:"), " ".join(instead.split())
    wording = require_harmless(Wording(before, after, kind_of(before, after), at_start))
    if before.lower() == after.lower():
        raise Invalid("wording_same", "Both sides say the same.")

    def change(choices: Choices) -> Choices:
        others = tuple(w for w in choices.own if w.drafted.lower() != before.lower())
        if len(others) >= MOST:
            raise Invalid("wordings_too_many", "There are 60 wordings already; remove one first.")
        return replace(choices, own=(*others, wording))

    return change


def lines(left_out: Iterable[str], words: str, *, risk_first: bool) -> Change:
    """``words``: at most so many in a line of a language model; empty for what was learned."""
    chosen = tuple(form for form in form_titles() if form in set(left_out))
    said = words.strip()
    if said and not (said.isascii() and said.isdigit() and FEWEST_WORDS <= int(said[:4]) <= MOST_WORDS):
        raise Invalid("words_out_of_range", "Words a line: a number from 4 to 60, or nothing.")
    count = int(said) if said else None
    return lambda choices: replace(choices, taken_out=chosen, words_a_line=count, risk_first=risk_first)
