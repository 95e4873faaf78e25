"""Plain text as statements: headings, bullets, wrapped lines, abbreviations."""

from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.note_check.plain_note import split_note

NOTE = """SUBJECTIVE:
Pt. reports poor sleep, approx. 4 hrs. per night since Dr. J. Smith left. denies SI/HI.
- Takes sertraline 50 mg. Sleeps at 11 p.m. every day
- Mood euthymic, affect congruent
A&O x4
Risk: low
## Plan
1. Continue **CBT** weekly
2) Return in 2 weeks. "I will try," she said.
A very long line of a paragraph which has been wrapped by the editor at
eighty columns and goes on here.
"""


def split(text: str) -> list[tuple[str | None, str]]:
    return [(line.section, line.text) for line in split_note(text)]


def test_headings_bullets_wraps_and_abbreviations() -> None:
    assert split(NOTE) == [
        ("subjective", "Pt. reports poor sleep, approx. 4 hrs. per night since Dr. J. Smith left."),
        ("subjective", "denies SI/HI."),
        ("subjective", "Takes sertraline 50 mg."),
        ("subjective", "Sleeps at 11 p.m. every day"),
        ("subjective", "Mood euthymic, affect congruent"),
        ("subjective", "A&O x4"),
        ("risk", "low"),
        ("plan", "Continue CBT weekly"),
        ("plan", "Return in 2 weeks."),
        ("plan", '"I will try," she said.'),
        (
            "plan",
            "A very long line of a paragraph which has been wrapped by the editor at eighty columns and goes on here.",
        ),
    ]


def test_a_heading_on_the_line_opens_its_section() -> None:
    assert split("S: Slept badly.\nWoke early.\nP: Walk daily.") == [
        ("subjective", "Slept badly."),
        ("subjective", "Woke early."),
        ("plan", "Walk daily."),
    ]


def test_a_label_that_is_no_heading_stays_with_its_words() -> None:
    assert split("Mood: euthymic") == [(None, "Mood: euthymic")]


def test_lines_are_numbered_in_order() -> None:
    assert [line.id for line in split_note("One. Two.\nThree.")] == ["n1", "n2", "n3"]


@given(st.text(max_size=300))
def test_any_text_can_be_split_and_no_statement_is_empty(text: str) -> None:
    assert all(any(c.isalnum() or c == "_" for c in line.text) for line in split_note(text))


@given(st.lists(st.from_regex(r"[A-Z][a-z]{3,9}( [a-z]{3,9}){1,6}\.", fullmatch=True), min_size=1, max_size=6))
def test_plain_sentences_come_back_as_they_were(sentences: list[str]) -> None:
    assert [line.text for line in split_note(" ".join(sentences))] == sentences
