import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.ports import ContentKind
from therapyflows.governance.evidence.model import Span
from therapyflows.governance.retention.kinds import Fate, kind_rules, rule_of
from therapyflows.governance.retention.policy import QUOTE_CHARACTERS, Periods, evidence_of_approval, retain_until

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ("recording", 7),
        ("transcript", 20),
        ("draft", 20),
        ("edited_draft", 20),
        ("prompt", 3),
        ("completion", 3),
        ("approved_draft", 20),
        ("reason", None),
        ("evidence", None),
    ],
)
def test_how_long_a_thing_is_kept(kind: str, days: int | None) -> None:
    periods = Periods(recording_days=7, transcript_days=20, prompt_days=3)
    assert retain_until(kind, NOW, periods) == (None if days is None else NOW + timedelta(days=days))


def test_every_kind_of_content_has_a_rule_and_every_rule_a_kind() -> None:
    assert set(kind_rules()) == {"recording", *get_args(ContentKind)}


@pytest.mark.parametrize("kind", kind_rules())
def test_every_rule_says_how_it_ends_and_why(kind: str) -> None:
    rule = rule_of(kind)
    retain_until(kind, NOW, Periods())
    assert rule.what
    assert len(rule.because) > 20
    if rule.on_withdrawal is Fate.KEEP:
        assert "CFR" in rule.because


def test_a_kind_that_nobody_wrote_a_rule_for_cannot_be_kept() -> None:
    with pytest.raises(KeyError):
        retain_until("learned_style", NOW, Periods())


@pytest.mark.parametrize("kind", kind_rules())
@pytest.mark.parametrize("approved", [True, False])
def test_only_what_belongs_to_an_approved_note_survives_a_withdrawal(kind: str, approved: bool) -> None:
    kept = approved and kind in ("approved_draft", "evidence", "emergency_words", "disclosure", "quality")
    assert rule_of(kind).is_kept_on_withdrawal(approved=approved) is kept


def kept(quote: str, **other: int) -> dict[str, object]:
    found = evidence_of_approval(
        [("st1", "Client reports sleeping badly.", [Span("s4", 12.5, 14.0, quote)])],
        drafter="evidence",
        prompt_version=None,
        approved_by="u-1",
        approved_at=NOW,
        **other,
    )
    return dict(json.loads(json.dumps(found)))


def test_what_outlives_the_sources_of_an_approved_sentence() -> None:
    found = kept("I sleep badly")
    assert (found["drafter"], found["approved_by"], found["approved_at"]) == ("evidence", "u-1", NOW.isoformat())
    [statement] = found["statements"]
    [evidence] = statement["evidence"]
    assert (evidence["segment"], evidence["start_s"], evidence["end_s"]) == ("s4", 12.5, 14.0)
    assert evidence["quote"] == "I sleep badly"
    assert evidence["quote_digest"].startswith("sha256:")
    assert "sleeping" not in json.dumps(statement)


@given(quote=st.text(max_size=400), characters=st.integers(1, 150))
def test_no_quote_is_longer_than_allowed_and_every_quote_begins_as_it_was_said(quote: str, characters: int) -> None:
    short = kept(quote, quote_characters=characters)["statements"][0]["evidence"][0]["quote"]
    assert len(short) <= characters
    assert quote.startswith(short.removesuffix("…")) or short == quote


def test_a_long_quote_is_cut_between_words() -> None:
    short = kept("word " * 100)["statements"][0]["evidence"][0]["quote"]
    assert short.endswith("word…")
    assert len(short) <= QUOTE_CHARACTERS
