"""Grades of single statements against a small source."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapyflows.governance.evidence.checker import grade
from therapyflows.governance.evidence.model import Grade, GradedStatement, Segment, Span, Speaker
from therapyflows.governance.evidence.prepared import prepare
from therapyflows.governance.evidence.signals.names import names_in
from therapyflows.governance.evidence.signals.negation import polarity
from therapyflows.governance.evidence.signals.numbers import numbers_in
from therapyflows.governance.evidence.words import claim_stems, content_stems, stem

SOURCE = (
    Segment("s1", Speaker.CLIENT, 0, 5, "I drink four beers a night, mostly at home."),
    Segment("s2", Speaker.THERAPIST, 5, 8, "Do you sleep well, Ramona?"),
    Segment("s3", Speaker.CLIENT, 8, 12, "No. I don't sleep at all since my brother Casimir moved out."),
    Segment("s4", Speaker.CLIENT, 12, 16, "I take 20 milligrams of fluoxetine every morning."),
    Segment("s5", Speaker.UNKNOWN, 16, 20, "The weather was terrible."),
)


def graded(text: str, *cited: str, speaker: Speaker | None = Speaker.CLIENT) -> GradedStatement:
    spans = [Span(s.id, s.start_s, s.end_s, s.text) for s in SOURCE if s.id in cited]
    return grade("st1", text, SOURCE, spans, speaker)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Client reports that they drink four beers a night.", "s1"),
        ("Client drinks 4 beers a night.", "s1"),
        ("Client reports that they do not sleep.", "s3"),
        ("Client does not sleep since Casimir moved out.", "s3"),
        ("Client takes 20 milligrams of fluoxetine every morning.", "s4"),
        ('Client said, "I don\'t sleep at all".', "s3"),
    ],
)
def test_what_the_cited_words_say_is_supported(text: str, cited: str) -> None:
    found = graded(text, cited)
    assert found.grade is Grade.SUPPORTED
    assert found.reasons == ()
    assert found.best_span is not None
    assert found.best_span.segment_id == cited


@pytest.mark.parametrize(
    ("text", "cited", "reason"),
    [
        ("Client drinks six beers a night.", "s1", "number"),
        ("Client takes 200 milligrams of fluoxetine every morning.", "s4", "number"),
        ("Client sees a psychiatrist about chronic migraines.", "s1", "do not carry"),
        ('Client said, "I drink a lot of beers at night".', "s1", "quotation"),
    ],
)
def test_what_they_do_not_say_is_named(text: str, cited: str, reason: str) -> None:
    found = graded(text, cited)
    assert found.grade in (Grade.UNSUPPORTED, Grade.PARTLY)
    assert found.grade is Grade.UNSUPPORTED or "quotation" in reason
    assert any(reason in why for why in found.reasons)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Client sleeps at all.", "s3"),
        ("Client does not drink beers at home.", "s1"),
        ("Client denies drinking beers.", "s1"),
    ],
)
def test_the_opposite_is_a_contradiction(text: str, cited: str) -> None:
    assert graded(text, cited).grade is Grade.CONTRADICTED


def test_the_wrong_speaker_is_unsupported() -> None:
    assert graded("Client sleeps well.", "s2").grade is Grade.UNSUPPORTED
    assert graded("Therapist asked about sleep.", "s2", speaker=Speaker.THERAPIST).grade is Grade.SUPPORTED
    assert graded("The weather was terrible.", "s5", speaker=Speaker.CLIENT).grade is Grade.SUPPORTED


def test_a_name_that_was_not_said_is_flagged() -> None:
    found = graded("Client does not sleep since Leopold moved out.", "s3")
    assert any("name" in why for why in found.reasons)
    assert names_in("Client saw Dr. Example. Then home. Tuesday with Casimir") >= {"casimir"}


def test_without_citation_the_whole_source_is_searched() -> None:
    found = graded("Client drinks four beers a night.")
    assert found.grade is Grade.SUPPORTED
    assert found.best_span is not None
    assert found.best_span.segment_id == "s1"


def test_a_better_place_is_pointed_at() -> None:
    found = graded("Client drinks four beers a night.", "s4")
    assert found.grade is Grade.UNSUPPORTED
    assert "the words may stand in s1" in found.reasons


def test_numbers_in_any_spelling() -> None:
    assert numbers_in("twenty-five") == {"20", "25"}
    assert numbers_in("Two hundred beers, 1,500 times, twice") >= {"200", "1500", "2x"}
    assert numbers_in("goal g2 of COVID-19") == frozenset()


def test_polarity_of_words() -> None:
    read = polarity("I don't smoke, but I drink.")
    assert stem("smoke") in read.negated
    assert stem("drink") in read.affirmed
    wandering = polarity("I don't, I mean, these days, with the kids, really drink")
    assert stem("drink") not in wandering.surely_affirmed


def test_labels_count_only_around_quotations() -> None:
    assert claim_stems('Therapist gave information: "alcohol harms"') == set(content_stems("alcohol harms"))
    assert stem("information") in claim_stems("Client wants information.")


def test_a_source_prepared_once_serves_many_statements() -> None:
    prepared = prepare(SOURCE)
    for text in ("Client drinks four beers a night.", "Client drinks six beers a night."):
        assert grade("st1", text, prepared, (), Speaker.CLIENT) == grade("st1", text, SOURCE, (), Speaker.CLIENT)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=5), st.sampled_from([None, *Speaker]))
def test_any_text_gets_a_grade(text: str, said: list[str], speaker: Speaker | None) -> None:
    segments = [Segment(f"s{n}", Speaker.CLIENT, n, n + 1, words) for n, words in enumerate(said)]
    cited = [Span(s.id, s.start_s, s.end_s, s.text) for s in segments[:2]]
    found = grade("st1", text, segments, cited, speaker)
    assert 0 <= found.score <= 1
    assert found.best_span is None or found.best_span.segment_id in {s.id for s in segments}


@given(st.sampled_from(SOURCE), st.sampled_from([None, Speaker.CLIENT]))
def test_a_source_supports_itself_when_quoted(segment: Segment, speaker: Speaker | None) -> None:
    if segment.speaker is Speaker.THERAPIST:
        speaker = None
    span = Span(segment.id, segment.start_s, segment.end_s, segment.text)
    assert grade("st1", f'"{segment.text}"', SOURCE, [span], speaker).grade is Grade.SUPPORTED
