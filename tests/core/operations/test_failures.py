"""Failures in words, for every code that can stand in the row of a draft."""

import re
from pathlib import Path

import pytest

import therapyflows
from therapyflows.core.operations.failures import words_of

_SOURCE = Path(therapyflows.__file__).parent
_UNUSABLE = re.compile(r'UnusableSource\(\s*"([a-z0-9_]+)"')
UNKNOWN = words_of("a_code_that_nobody_raises")


def codes() -> set[str]:
    """Of files that cannot be worked with: what a practice meets most."""
    return {code for file in _SOURCE.rglob("*.py") for code in _UNUSABLE.findall(file.read_text("utf-8"))}


def test_every_unusable_source_has_words_of_its_own() -> None:
    raised = codes()
    assert "recording_truncated" in raised
    assert {code for code in raised if words_of(code) == UNKNOWN and not code.startswith("note_")} == set()


@pytest.mark.parametrize(
    ("code", "retry"),
    [
        ("ai_processing_consent_missing", True),
        ("recording_consent_expired", True),
        ("ehr_rejected", True),
        ("output_not_json", True),
        ("content_tampered", False),
        ("note_mismatch", False),
        ("form_too_large", False),
    ],
)
def test_a_code_is_found_by_itself_or_by_its_kind(code: str, retry: bool) -> None:
    assert words_of(code) != UNKNOWN
    assert words_of(code).retry is retry


def test_what_has_no_words_yet_says_so_and_what_to_do() -> None:
    assert words_of(None) == UNKNOWN
    assert "Prefect" in UNKNOWN.to_do
