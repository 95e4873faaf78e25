"""The practice's reasons for a rejection, or the product's."""

import pytest

from therapyflows.core.drafts.reasons import WORDS_NEEDED, default_reasons, practice_reasons
from therapyflows.core.errors import Invalid


def test_the_products_lists_each_ask_for_words_as_a_last_resort() -> None:
    assert set(default_reasons()) == {"session-note", "intake"}
    assert all(list(reasons)[-1] == WORDS_NEEDED for reasons in default_reasons().values())


def test_a_practice_changes_one_list_and_keeps_the_others() -> None:
    lists = practice_reasons("session-note:\n  too_long: It is too long\n  other: In my words\n")
    assert lists["session-note"] == {"too_long": "It is too long", "other": "In my words"}
    assert lists["intake"] == default_reasons()["intake"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "session-note: [a, b]",
        "session-note:\n  too_long: Long\n",
        "session-note: {other: }",
        "a: {b: [",
    ],
)
def test_a_file_that_is_no_such_list_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(Invalid, match="rejection_reasons_unusable"):
        practice_reasons(text)


def test_codes_are_plain_words() -> None:
    with pytest.raises(Invalid):
        practice_reasons("session-note: {other: x, '<script>': y}")
