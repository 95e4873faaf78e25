"""When the practice is warned that drafts may be approved unread, and when not."""

from dataclasses import replace

import pytest

from therapyflows.core.attention.model import Reviewing
from therapyflows.core.attention.rules import thresholds, warnings_of

RULES = thresholds()
CAREFUL = Reviewing(
    "u-1", approvals=40, measured=40, fast=2, unread=1, lines=800, unseen_lines=4, words=9000, active_s=4000,
    edited=20, counted=40, edited_before=60, counted_before=100,
)  # fmt: skip


def codes(seen: Reviewing) -> list[str]:
    return [warning.code for warning in warnings_of(seen, RULES)]


def test_who_reads_is_not_asked() -> None:
    assert codes(CAREFUL) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fast": 12}, "fast"),
        ({"unread": 8}, "unread"),
        ({"edited": 8}, "edits"),
    ],
)
def test_each_threshold_asks_by_itself(change: dict[str, int], code: str) -> None:
    assert codes(replace(CAREFUL, **change)) == [code]


@pytest.mark.parametrize(
    "change",
    [
        {"fast": 11},
        {"unread": 7},
        {"edited": 13},
        {"measured": 9, "fast": 9, "unread": 0},
        {"measured": 0, "fast": 0, "unread": 0},
        {"edited": 0, "counted": 14},
        {"edited": 0, "counted_before": 14, "edited_before": 14},
        {"edited": 0, "edited_before": 15},
    ],
)
def test_just_below_and_with_few_decisions_nobody_is_asked(change: dict[str, int]) -> None:
    assert codes(replace(CAREFUL, **change)) == []


def test_the_message_says_the_numbers_and_no_verdict() -> None:
    [warning] = warnings_of(replace(CAREFUL, edited=4), RULES)
    assert warning.message == "Edits fell from 60% of the approvals to 10%."


def test_the_thresholds_are_dated_and_say_where_they_come_from() -> None:
    assert RULES.in_force >= "2026-11-26"
    assert any("doi:10.1136/amiajnl-2011-000089" in source for source in RULES.sources)
    assert RULES.caveats
