"""Grades of single statements: against the words they cite, and against a whole source without citations."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapyflows.governance.evidence.checker import grade
from therapyflows.governance.evidence.model import Grade, GradedStatement, Segment, Span, Speaker
from therapyflows.governance.evidence.prepared import prepare
from therapyflows.governance.evidence.signals.names import names_in
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
        ("Client takes Prozac 20 mg daily in the morning.", "s4"),
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
        ("Client takes 200 milligrams of fluoxetine every morning.", "s4", "dose"),
        ("Client takes 20 milligrams of sertraline every morning.", "s4", "medication"),
        ("Client sees a psychiatrist about chronic migraines.", "s1", "not found"),
        ('Client said, "I drink a lot of beers at night".', "s1", "quotation"),
        ("Client does not sleep since Leopold moved out.", "s3", "name"),
        ("Client does not sleep since her sister moved out.", "s3", "family member"),
    ],
)
def test_what_the_cited_words_do_not_say_is_named(text: str, cited: str, reason: str) -> None:
    found = graded(text, cited)
    assert found.grade is Grade.UNSUPPORTED
    assert found.score >= 0.9
    assert any(reason in why for why in found.reasons)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Client sleeps at all.", "s3"),
        ("Client does not drink beers at home.", "s1"),
        ("Client denies drinking beers.", "s1"),
    ],
)
def test_the_opposite_of_the_cited_words_is_a_contradiction(text: str, cited: str) -> None:
    assert graded(text, cited).grade is Grade.CONTRADICTED


def test_the_wrong_speaker_is_unsupported() -> None:
    assert graded("Client sleeps well.", "s2").grade is Grade.UNSUPPORTED
    assert graded("Therapist asked about sleep.", "s2", speaker=Speaker.THERAPIST).grade is Grade.SUPPORTED
    assert graded("The weather was terrible.", "s5", speaker=Speaker.CLIENT).grade is Grade.SUPPORTED


def test_without_citation_the_whole_source_is_searched() -> None:
    found = graded("Client drinks four beers a night.")
    assert found.grade is Grade.SUPPORTED
    assert found.best_span == Span("s1", 0, 5, "I drink four beers a night, mostly at home.")


def test_a_better_place_is_pointed_at() -> None:
    found = graded("Client drinks four beers a night.", "s4")
    assert found.grade is Grade.UNSUPPORTED
    assert "the words may stand in s1" in found.reasons
    assert found.best_span is not None
    assert found.best_span.segment_id == "s1"


def test_a_source_prepared_once_serves_many_statements() -> None:
    prepared = prepare(SOURCE)
    for text in ("Client drinks four beers a night.", "Client drinks six beers a night."):
        assert grade("st1", text, prepared, (), Speaker.CLIENT) == grade("st1", text, SOURCE, (), Speaker.CLIENT)


def test_names_are_capitals_inside_a_sentence() -> None:
    assert names_in("Client saw Dr. Example. Then home. Tuesday with Casimir") >= {"casimir"}
    assert "then" not in names_in("Client saw Dr. Example. Then home.")


def test_labels_count_only_around_quotations() -> None:
    assert claim_stems('Therapist gave information: "alcohol harms"') == set(content_stems("alcohol harms"))
    assert stem("information") in claim_stems("Client wants information.")


TEXT = st.one_of(st.text(max_size=120), st.from_regex(r"[a-z ,.?!0-9/%'\"-]{0,80}", fullmatch=True))


@settings(max_examples=150, deadline=None)
@given(TEXT, st.lists(TEXT, max_size=5), st.sampled_from([None, *Speaker]), st.booleans())
def test_any_text_gets_a_grade_and_the_same_one_again(
    text: str, said: list[str], speaker: Speaker | None, is_citing: bool
) -> None:
    segments = [Segment(f"s{n}", list(Speaker)[n % 3], n, n + 1, words) for n, words in enumerate(said)]
    cited = [Span(s.id, s.start_s, s.end_s, s.text) for s in segments[:2]] if is_citing else []
    found = grade("st1", text, segments, cited, speaker)
    assert 0 <= found.score <= 1
    assert (found.grade is Grade.SUPPORTED) == (found.reasons == ())
    if found.best_span is not None:
        texts = {segment.id: segment.text for segment in segments}
        assert found.best_span.quote in texts[found.best_span.segment_id]
    assert grade("st1", text, segments, cited, speaker) == found


SAID = (
    "I slept about five hours a night and woke up at four.",
    "I don't have any chest pain, but my left knee hurts when I climb stairs.",
    "My mother was diagnosed with diabetes in 2015.",
    "I take 40 milligrams of lisinopril and two Tylenol a day.",
    "I never thought about hurting myself.",
    "I was at my sister's wedding in June and I did not drink at all.",
    "If I had known, I might have called my brother.",
    "Is there anything that helps with the nausea?",
)
IRRELEVANT = (
    "The parking lot was full again.",
    "Let me close the window.",
    "Okay.",
    "That bus is always late, you know.",
)


@given(
    st.sampled_from(SAID), st.sampled_from([None, Speaker.CLIENT]), st.lists(st.sampled_from(IRRELEVANT), max_size=4)
)
def test_a_sentence_of_its_speaker_is_never_unsupported_wherever_it_stands(
    said: str, speaker: Speaker | None, around: list[str]
) -> None:
    texts = [*around[:2], said, *around[2:]]
    segments = [
        Segment(f"s{n}", Speaker.CLIENT if text == said else Speaker.THERAPIST, n, n + 1, text)
        for n, text in enumerate(texts)
    ]
    for cited in ((), [Span(s.id, s.start_s, s.end_s, s.text) for s in segments if s.text == said]):
        assert grade("st1", said, segments, cited, speaker).grade in (Grade.SUPPORTED, Grade.PARTLY)


@given(st.sampled_from(SAID), st.lists(st.sampled_from(IRRELEVANT), min_size=1, max_size=4))
def test_what_nobody_said_stays_unsupported_whatever_else_is_said(said: str, others: list[str]) -> None:
    segments = [Segment(f"s{n}", Speaker.CLIENT, n, n + 1, text) for n, text in enumerate([said, *others])]
    invented = "Client reports hearing voices that threaten the neighbor."
    assert grade("st1", invented, segments, (), None).grade is Grade.UNSUPPORTED


def test_a_source_supports_itself_when_quoted() -> None:
    for segment in SOURCE:
        span = Span(segment.id, segment.start_s, segment.end_s, segment.text)
        speaker = Speaker.CLIENT if segment.speaker is Speaker.CLIENT else None
        assert grade("st1", f'"{segment.text}"', SOURCE, [span], speaker).grade is Grade.SUPPORTED


@pytest.mark.parametrize(
    "text", ["hundred thousand " * 700, "9" * 20_000, "9" * 20_000 + "/2021", "no pain or fever, " * 250, '"a" ' * 400]
)
def test_hostile_statements_get_a_grade_too(text: str) -> None:
    assert 0 <= grade("st1", text, SOURCE, (), None).score <= 1


def test_what_is_too_long_for_one_statement_is_said_to_be() -> None:
    found = grade("st1", "Client drinks four beers a night. " * 400, SOURCE, (), None)
    assert found.grade is Grade.UNSUPPORTED
    assert found.reasons == ("too long to be checked as one statement",)


def test_nothing_is_found_in_an_empty_source() -> None:
    assert grade("st1", "Client drinks four beers a night.", (), (), None).grade is Grade.UNSUPPORTED
    assert grade("st1", "", (), (), None).best_span is None
