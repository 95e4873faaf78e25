from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.session_note import word_diff as module
from therapyflows.core.session_note.word_diff import Piece, word_diff

WORDS = st.lists(st.sampled_from(["she", "sleeps", "badly", "three", "3", "nights"]), max_size=12).map(" ".join)


def test_changed_words_stand_between_those_that_stay() -> None:
    assert word_diff("She sleeps three hours.", "She sleeps five hours.") == (
        Piece("same", "She sleeps"),
        Piece("gone", "three"),
        Piece("new", "five"),
        Piece("same", "hours."),
    )


def test_nothing_changed_is_one_piece() -> None:
    assert word_diff("Denies SI.", "Denies SI.") == (Piece("same", "Denies SI."),)


@given(WORDS, WORDS)
def test_the_pieces_read_as_either_text(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert " ".join(p.text for p in pieces if p.kind != "gone") == after
    assert " ".join(p.text for p in pieces if p.kind != "new") == before


@given(WORDS, WORDS)
def test_no_two_neighbours_are_of_one_kind_and_what_is_new_follows_what_is_gone(before: str, after: str) -> None:
    kinds = [piece.kind for piece in word_diff(before, after)]
    assert all((a, b) != ("new", "gone") and a != b for a, b in pairwise(kinds))


def test_texts_without_words_have_no_pieces() -> None:
    assert word_diff("", " ") == ()


@pytest.mark.parametrize("before", ["a b " * 40_000, " ".join(map(str, range(80_000)))])
def test_of_texts_that_are_too_long_only_the_ends_are_compared(before: str, monkeypatch) -> None:
    """The work is bounded by what is handed to the comparison, not by what somebody wrote."""
    handed: list[int] = []
    compare = module.Indel.opcodes
    monkeypatch.setattr(module.Indel, "opcodes", lambda a, b: (handed.append(len(a) * len(b)), compare(a, b))[1])
    after = "b a " * 40_000
    assert [piece.kind for piece in word_diff(f"She {before} slept.", f"She {after} slept.")] == [
        "same", "gone", "new", "same",
    ]  # fmt: skip
    word_diff("She slept. " + before, "She slept well. " + before)
    assert all(pairs <= module.COMPARED_AT_MOST for pairs in handed)
