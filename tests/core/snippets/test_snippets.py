import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.errors import Invalid
from therapyflows.core.snippets import shelf
from therapyflows.core.snippets.model import PRACTICE_OWNER, Snippet, filled, new_snippet, person_owner

MINE, HERS = person_owner("u-1"), person_owner("u-2")


def test_client_and_date_are_filled_in_and_what_they_hold_is_text() -> None:
    snippet = new_snippet("/Plan", "On {date}, {client} agreed.", by="u-1")
    assert filled(snippet, {"client": "{date}", "date": "Mon 2 Nov"}) == "On Mon 2 Nov, {date} agreed."
    assert filled(snippet, {}) == "On {date}, {client} agreed."


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("", "x", "snippet_name"),
        ("two words", "x", "snippet_name"),
        ("-x", "x", "snippet_name"),
        ("x" * 41, "x", "snippet_name"),
        ("plan", "  ", "snippet_text"),
        ("plan", "x" * 4001, "snippet_text"),
        ("plan", "{ssn}", "snippet_placeholder"),
    ],
)
def test_what_cannot_be_a_snippet_is_refused(name: str, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        new_snippet(name, text, by="u-1")
    assert refused.value.code == code


@given(st.text(max_size=50))
def test_any_text_without_placeholders_stays_as_it_is(text: str) -> None:
    if "{" not in text:
        assert filled(Snippet("a", text), {"client": "C", "date": "D"}) == text


def test_snippets_are_their_owners_and_ones_own_comes_before_the_practices(practice) -> None:
    contents = practice.store.contents
    shelf.keep(contents, PRACTICE_OWNER, new_snippet("plan", "The practice's.", by="u-9"))
    shelf.keep(contents, PRACTICE_OWNER, new_snippet("end", "Ended on time.", by="u-9"))
    shelf.keep(contents, MINE, new_snippet("plan", "Mine.", by="u-1"))
    shelf.keep(contents, MINE, new_snippet("plan", "Mine, better.", by="u-1"))
    assert [(s.name, s.text) for s in shelf.for_person(contents, "u-1")] == [
        ("end", "Ended on time."),
        ("plan", "Mine, better."),
    ]
    assert [s.text for s in shelf.for_person(contents, "u-2")] == ["Ended on time.", "The practice's."]
    shelf.remove(contents, MINE, "plan")
    shelf.remove(contents, MINE, "plan")
    assert [s.text for s in shelf.for_person(contents, "u-1")] == ["Ended on time.", "The practice's."]
    assert shelf.snippets_of(contents, HERS) == []


def test_there_is_an_end_to_how_many(practice, monkeypatch) -> None:
    monkeypatch.setattr(shelf, "MAX_SNIPPETS", 1)
    shelf.keep(practice.store.contents, MINE, new_snippet("a", "1", by="u-1"))
    shelf.keep(practice.store.contents, MINE, new_snippet("a", "2", by="u-1"))
    with pytest.raises(Invalid):
        shelf.keep(practice.store.contents, MINE, new_snippet("b", "3", by="u-1"))
