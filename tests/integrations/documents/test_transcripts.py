"""Uploaded transcripts: every form, and any bytes at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.errors import UnusableSource
from therapyflows.core.session_note.model import SourceKind, Transcript
from therapyflows.governance.evidence.model import Segment, Speaker
from therapyflows.integrations.documents.transcripts import MAX_BYTES, parse_transcript

T, C, U = Speaker.THERAPIST, Speaker.CLIENT, Speaker.UNKNOWN


def read(text: str, name: str = "session.txt") -> list[tuple[Speaker, str]]:
    return [(s.speaker, s.text) for s in parse_transcript(text.encode(), name).segments]


def test_labelled_lines_become_turns_with_roles() -> None:
    assert read("Therapist: How was the week?\nClient: Long.\n") == [(T, "How was the week?"), (C, "Long.")]


@pytest.mark.parametrize(
    ("therapist", "client"),
    [
        ("T", "C"),
        ("Doctor", "Patient"),
        ("Dr. Testperson", "Examplia"),
        ("Th.", "Pt."),
        ("THERAPIST", "CLIENT"),
        ("Counsellor", "Cl"),
        ("Therapist 1", "Client A"),
        ("Examplia Muster, LCSW", "Testa"),
    ],
)
def test_labels_of_both_sides_are_understood(therapist: str, client: str) -> None:
    text = f"{therapist}: How are you?\n{client}: Fine.\n{therapist}: Good.\n{client}: Yes.\n"
    assert [speaker for speaker, _ in read(text)] == [T, C, T, C]


@pytest.mark.parametrize("label", ["Guest", "Mother", "Patient's mother", "patient_guest", "Friend of the patient"])
def test_who_came_along_is_neither_side(label: str) -> None:
    text = f"Doctor: How are you?\nPatient: Fine.\n{label}: So so.\nDoctor: Good.\n{label}: Yes.\n"
    assert [speaker for speaker, _ in read(text)] == [T, C, U, T, U]


def test_a_guest_alone_beside_the_host_is_the_client() -> None:
    assert [speaker for speaker, _ in read("Host: How are you?\nGuest: Fine.\nHost: Good.\nGuest: Yes.\n")] == [
        T,
        C,
        T,
        C,
    ]


def test_unnamed_speakers_get_their_roles_from_what_they_say() -> None:
    text = (
        "Speaker 1: I feel tired, I guess. I can't sleep and my job is too much.\n"
        "Speaker 2: It sounds like you are under pressure. What would help you?\n"
        "Speaker 1: I don't know. I just want to sleep.\n"
        "Speaker 2: How long have you been feeling this way?\n"
    )
    assert [speaker for speaker, _ in read(text)] == [C, T, C, T]


def test_roles_by_guess_alone_warn() -> None:
    warnings = parse_transcript(b"Ann: Yes.\nBob: Yes.\nAnn: No.\nBob: No.\n", "a.txt").warnings
    assert [w.code for w in warnings] == ["speaker_roles_uncertain"]


@pytest.mark.parametrize(
    "line",
    [
        "[00:01:02] Client: Hello there.",
        "00:01:02 Client: Hello there.",
        "Client (00:01:02): Hello there.",
        "Client [1:02]: Hello there.",
        "[00:01:02 --> 00:01:05] Client: Hello there.",
        "Client 1:02\nHello there.",
    ],
)
def test_times_beside_the_label_are_read(line: str) -> None:
    segment = parse_transcript(f"{line}\n".encode(), "a.txt").segments[0]
    assert (segment.speaker, segment.start_s, segment.text) == (C, 62.0, "Hello there.")


def test_a_turn_lasts_until_the_next_one_begins() -> None:
    transcript = parse_transcript(b"0:05 T: One.\n0:09 C: Two.\n", "a.txt")
    assert [(s.start_s, s.end_s) for s in transcript.segments] == [(5, 9), (9, 9)]


def test_a_line_without_label_continues_the_turn() -> None:
    assert read("Client: I said\nto my sister: no.\nTherapist: And?") == [(C, "I said to my sister: no."), (T, "And?")]


def test_prose_has_unknown_speakers_and_says_so() -> None:
    transcript = parse_transcript(b"The client came late. Note: she was tired.\n\nShe left early.", "a.txt")
    assert [s.speaker for s in transcript.segments] == [U, U]
    assert [w.code for w in transcript.warnings] == ["speakers_unknown"]


def test_webvtt_voices_and_names() -> None:
    text = (
        "WEBVTT\n\nNOTE nothing\n\n1\n00:00:01.000 --> 00:00:02.500\n<v Therapist>How are <i>you</i>?</v>\n\n"
        "00:03.000 --> 00:04.000 align:start\nClient: Tom &amp; I &lt;3 it\n"
    )
    transcript = parse_transcript(text.encode(), "a.vtt")
    assert [(s.speaker, s.text, s.start_s, s.end_s) for s in transcript.segments] == [
        (T, "How are you?", 1.0, 2.5),
        (C, "Tom & I <3 it", 3.0, 4.0),
    ]


def test_subrip_joins_cues_that_continue_a_sentence() -> None:
    text = (
        "1\r\n00:00:01,000 --> 00:00:02,000\r\nClient: I went\r\n\r\n"
        "2\r\n00:00:02,100 --> 00:00:03,000\r\nClient: home early.\r\n\r\n"
        "3\r\n00:00:04,000 --> 00:00:05,000\r\nTherapist: Why?\r\n"
    )
    assert read(text, "a.srt") == [(C, "I went home early."), (T, "Why?")]


def test_hostile_markup_stays_text() -> None:
    line = 'Client: <script>alert("x")</script> &amp; {{7*7}}'
    assert read(line) == [(C, '<script>alert("x")</script> &amp; {{7*7}}')]
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<script>alert(1)</script>\n"
    assert read(vtt, "a.vtt") == [(U, "<script>alert(1)</script>")]


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")]
)
def test_byte_order_marks_are_no_text(encoding: str, mark: bytes) -> None:
    content = mark + "Client: Café – ja.\r\n".encode(encoding)
    assert [(s.speaker, s.text) for s in parse_transcript(content, "a.txt").segments] == [(C, "Café – ja.")]


def test_latin_1_is_read() -> None:
    assert parse_transcript("Client: Café".encode("latin-1"), "a.txt").segments[0].text == "Café"


@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: {"segments": t}, lambda t: {"transcript": {"segments": t}}])
def test_json_forms(wrap) -> None:  # type: ignore[no-untyped-def]
    turns = [
        {"speaker": "therapist", "text": "Hi.", "start": 0.893, "end": 3.84},
        {"speaker": "client", "text": "Hi.", "start": 3.24, "end": 3.571},
    ]
    transcript = parse_transcript(json.dumps(wrap(turns)).encode(), "a.json")
    assert [(s.id, s.speaker, s.start_s, s.end_s) for s in transcript.segments] == [
        ("s1", T, 0.893, 3.84),
        ("s2", C, 3.24, 3.571),
    ]
    assert transcript.source is SourceKind.TRANSCRIPT
    assert transcript.duration_s == 3.84


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.txt", "transcript_empty"),
        (b" \r\n\t", "a.txt", "transcript_empty"),
        (b"WEBVTT\n\n", "a.vtt", "transcript_empty"),
        (b"[]", "a.json", "transcript_empty"),
        (b"PK\x03\x04\x00\x00\x00binary", "a.txt", "transcript_not_text"),
        (b"x" * (MAX_BYTES + 1), "a.txt", "transcript_too_large"),
        (b"C: a\n" * 30_000, "a.txt", "transcript_too_large"),
        (b"\n" * 300_000 + b"C: a", "a.txt", "transcript_too_large"),
        (b"[" * 200_000, "a.json", "transcript_malformed"),
        (b'[{"text": "a", "start": 1e999}]', "a.json", "transcript_malformed"),
        (b'[{"text": "a", "start": 5, "end": 1}]', "a.json", "transcript_malformed"),
        (b'{"name": "x"}', "a.json", "transcript_malformed"),
    ],
)
def test_unusable_transcripts_say_what_to_do(content: bytes, name: str, code: str) -> None:
    with pytest.raises(UnusableSource) as caught:
        parse_transcript(content, name)
    assert caught.value.code == code
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("content", "name", "place"),
    [
        (b'[\n{"text": "a"},\n{"text": }\n]', "a.json", {"line": 3}),
        (b'[{"text": "a"}, {"speaker": "client"}]', "a.json", {"entry": 2}),
        (b"WEBVTT\n\n00:01.000 --> soon\nHi\n", "a.vtt", {"line": 3}),
    ],
)
def test_a_malformed_file_names_the_place_and_no_words(content: bytes, name: str, place: dict[str, int]) -> None:
    with pytest.raises(UnusableSource) as caught:
        parse_transcript(content, name)
    assert caught.value.ids == place


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1).map(str.strip).filter(bool)


@given(st.lists(st.tuples(st.sampled_from([T, C, U]), st.floats(0, 3600), st.floats(0, 60), TEXTS), min_size=1))
def test_our_own_json_comes_back_unchanged(turns: list[tuple[Speaker, float, float, str]]) -> None:
    turns.sort(key=lambda turn: turn[1])
    segments = tuple(
        Segment(f"s{n}", speaker, start, start + length, text)
        for n, (speaker, start, length, text) in enumerate(turns, start=1)
    )
    written = json.dumps(
        {
            "segments": [
                {"id": s.id, "speaker": s.speaker.value, "start": s.start_s, "end": s.end_s, "text": s.text}
                for s in segments
            ]
        }
    )
    assert parse_transcript(written.encode(), "a.json").segments == segments


def _usable_or_refused(content: bytes, name: str) -> None:
    try:
        transcript = parse_transcript(content, name)
    except UnusableSource:
        return
    assert isinstance(transcript, Transcript)
    assert [s.id for s in transcript.segments] == [f"s{n}" for n in range(1, len(transcript.segments) + 1)]
    assert all(s.text and 0 <= s.start_s <= s.end_s <= transcript.duration_s for s in transcript.segments)


NAMES = st.sampled_from(["a.txt", "a.vtt", "a.srt", "a.json", "a", "a.docx"])


@given(st.binary(max_size=400), NAMES)
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    _usable_or_refused(content, name)


PARTS = st.sampled_from(
    ["Therapist: ", "C: ", "Speaker 1: ", "00:01:02 ", "[1:02] ", "WEBVTT\n\n", "00:00:01.000 --> 00:00:02.000\n"]
) | st.sampled_from(
    ["99999:99:99 ", "<v Ann>", "</v>", "\n", "\r\n", "\u2028", "hello", ". ", ": ", "-->", "{", '[{"text": ', "\ufeff"]
)


@given(st.lists(PARTS, max_size=25).map("".join), NAMES)
def test_any_mixture_of_forms_is_read_or_refused(text: str, name: str) -> None:
    _usable_or_refused(text.encode(), name)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["segments", "text", "start", "end", "speaker", "words", "transcript"]), inner
        )
    ),
    max_leaves=15,
)


@given(JSON_VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:
    _usable_or_refused(json.dumps(value).encode(), "a.json")
