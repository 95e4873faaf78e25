"""A style in words: for the clinician who reads it, and for a language model that follows it."""

from therapyflows.core.style.model import Dropped, HabitKind, Learned, Profile, Wording
from therapyflows.core.style.terms import form_titles

KINDS = {
    HabitKind.ABBREVIATION: "Abbreviation",
    HabitKind.PERSON: "Who is named, and how",
    HabitKind.TENSE: "Tense",
    HabitKind.PHRASE: "Phrase",
}
MOST_LINES = 24
"""Wordings that a prompt names: the ones that were seen most."""


def sentence_of(wording: Wording) -> str:
    """``You write “Ct.” for “client”.``"""
    where = " at the beginning of a line" if wording.at_start else ""
    return f"You write “{wording.instead}” for “{wording.drafted}”{where}."


def because_of(wording: Wording) -> str:
    """What it was seen in."""
    if not wording.seen:
        return "set by you"
    return f"seen in {wording.seen} of {wording.of} lines, in the notes of {wording.clients} clients"


def sentence_of_dropped(dropped: Dropped) -> str:
    return f"You mostly take out {form_titles()[dropped.form]}."


def summary_of(learned: Learned) -> str:
    """What it rests on, in one sentence."""
    if not learned.notes:
        return "Nothing was learned yet: it begins with the first notes that you approve and that are filed."
    return f"Learned from {learned.notes} filed notes of {learned.clients} clients."


def style_lines(profile: Profile) -> str:
    """The style as lines of a prompt, each a bullet; empty without one."""
    lines = [_rule(wording) for wording in profile.wordings[:MOST_LINES]]
    if profile.words_a_line is not None:
        lines.append(f"About {profile.words_a_line} words a statement.")
    lines += [f"Leave out {form_titles()[form]}." for form in profile.left_out if form in form_titles()]
    return "\n".join(f"- {line}" for line in lines)


def _rule(wording: Wording) -> str:
    where = ", where a statement begins" if wording.at_start else ""
    return f'Write "{wording.instead}" instead of "{wording.drafted}"{where}; never inside quotation marks.'
