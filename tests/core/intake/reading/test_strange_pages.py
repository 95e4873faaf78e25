"""Whatever stands on a page, wherever: it is read as far as it can be, or is no intake form; nothing else happens."""

from contextlib import suppress
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.intake.reading.test_layouts import ENOUGH, words

from therapyflows.core.errors import UnusableSource
from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import FormSource, Method
from therapyflows.core.intake.page import Comb, Field, Mark, Page, Rect, Rule, Stroke, Toggle, Word
from therapyflows.core.intake.reading.assembling import read_form

TEXTS = (
    *(
        "I",
        "my",
        "have",
        "am",
        "not",
        "/",
        "have/have",
        "do",
        "is",
        "at",
        "___",
        "[x]",
        "Yes",
        "No",
        "Y",
        "N",
        "M",
        "F",
    ),
    *(
        "Name:",
        "Phone",
        "(H):",
        "Medication",
        "Dose",
        "1",
        "Medication 1",
        "Dose 1",
        "freq",
        "0",
        "2",
        "3",
        "X",
        "Total",
    ),
    *(
        "PHQ-9",
        "GAD-7",
        "Signature",
        "Date",
        "Emergency contact",
        "/ \u00bfDesde cu\u00e1ndo?",
        "Insurance",
        "Status:",
        "F",
    ),
    *("I live at", "I have / have not attempted suicide", "Little interest or pleasure in doing things", "", "\u200b"),
)
place = st.tuples(st.integers(0, 600), st.integers(0, 780), st.integers(0, 300), st.integers(0, 60)).map(
    lambda at: Rect(float(at[0]), float(at[1]), float(at[0] + at[2]), float(at[1] + at[3]))
)
text = st.sampled_from(TEXTS) | st.text(max_size=6)
pages = st.builds(
    lambda extra, **drawn: Page(1, 612, 792, words=(*words(*ENOUGH), *extra), **drawn),
    st.lists(st.builds(Word, text, place, st.floats(0, 1), st.sampled_from(["", "a", "bold"])), max_size=25),
    method=st.sampled_from([Method.OCR, Method.LAYOUT_RULE]),
    rules=st.lists(st.builds(Rule, place), max_size=12).map(tuple),
    marks=st.lists(st.builds(Mark, place, st.sampled_from([True, False, None])), max_size=6).map(tuple),
    fields=st.lists(st.builds(Field, place, text, text, text), max_size=6).map(tuple),
    toggles=st.lists(st.builds(Toggle, text, text, text, st.booleans(), place), max_size=4).map(tuple),
    strokes=st.lists(st.builds(Stroke, place, st.booleans()), max_size=6).map(tuple),
    combs=st.lists(st.builds(Comb, place, st.floats(5, 30)), max_size=3).map(tuple),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(pages, min_size=1, max_size=2))
def test_no_page_is_too_strange(found: list[Page]) -> None:
    with suppress(UnusableSource):
        form = read_form(found, FormSource.SCAN, today=date(2026, 11, 20))
        assert all(value.value is None or not value.unreadable for _, value in walk(form))
