"""How the checker reads text: words in one spelling, numbers with units, denials with their reach, answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.governance.evidence.claim import Claim, attributed
from therapyflows.governance.evidence.combining import weights
from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.lexicon import close, drugs, load, opposites
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.model import Segment, Speaker
from therapyflows.governance.evidence.polarity import denied
from therapyflows.governance.evidence.prepared import AFFIRMED, ASKED, DENIED, prepare
from therapyflows.governance.evidence.quantities import month_of, quantities
from therapyflows.governance.evidence.signals import SIGNALS
from therapyflows.governance.evidence.terms import keys_in, section_of
from therapyflows.governance.evidence.tokens import tokens_of


def keys(text: str) -> set[str]:
    return {found.key for found in keys_in(tokens_of(text))}


def numbers(text: str) -> set[tuple[str, str]]:
    return {(quantity.value, quantity.unit) for quantity in quantities(tokens_of(text))}


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("I've been throwing up", "emesis"),
        ("my blood pressure is high", "HTN"),
        ("I can't really get to sleep", "insomnia"),
        ("I lost about eight pounds", "weight loss"),
        ("it burns when I pee", "dysuria"),
        ("a blood thinner", "anticoagulant"),
        ("diarrhoea", "loose stools"),
        ("I felt like I wanted to end my life", "suicidal ideation"),
        ("my mum", "maternal"),
        ("Tylenol", "paracetamol"),
        ("Lasix", "furosemide"),
    ],
)
def test_speech_and_note_name_the_same_thing(spoken: str, written: str) -> None:
    assert keys(spoken) & keys(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [("nausea", "vomiting"), ("medical problems", "medication"), ("blood", "bloods"), ("left", "leave")],
)
def test_what_clinicians_tell_apart_stays_apart(one: str, other: str) -> None:
    assert not keys(one) & keys(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("twenty-five milligrams", {("25", "mg")}),
        ("two hundred over ninety", {("200", ""), ("90", "")}),
        ("one thirty over eighty", {("130", ""), ("80", "")}),
        ("three twenty five milligrams", {("325", "mg")}),
        ("one and a half years", {("1.5", "year")}),
        ("a year and a half", {("1.5", "year")}),
        ("ninety eight point four", {("98.4", "")}),
        ("point five", {("0.5", "")}),
        ("3/7 history", {("3", "day")}),
        ("2/52", {("2", "week")}),
        ("a couple of weeks ago", {("2", "week")}),
        ("since yesterday", {("1", "day")}),
        ("in twenty twenty one", {("2021", "")}),
        ("vomited x4", {("4", "time")}),
        ("1,500 mL", {("1500", "ml")}),
        ("40 mg a day", {("40", "mg")}),
        ("goal g2 of COVID-19 and A1c", set()),
        ("one of them", set()),
    ],
)
def test_numbers_in_any_spelling(text: str, expected: set[tuple[str, str]]) -> None:
    assert numbers(text) == expected


def test_months_of_dates_in_digits() -> None:
    assert (month_of("01/2021"), month_of("12/24/2020"), month_of("13/2020"), month_of("120/80")) == (
        "january",
        "december",
        "",
        "",
    )


def denied_words(text: str) -> set[str]:
    tokens = tokens_of(text)
    return {token.word for token, no in zip(tokens, denied(tokens), strict=True) if no and token.word.isalpha()}


@pytest.mark.parametrize(
    ("text", "no", "yes"),
    [
        ("no fever, cough or rash", {"fever", "cough", "rash"}, set()),
        ("denies pain but has nausea", {"pain"}, {"nausea"}),
        ("No, my knee hurts", set(), {"knee"}),
        ("No, I don't smoke", {"smoke"}, set()),
        ("chest pain: none", {"chest", "pain"}, set()),
        ("the test was negative", {"test"}, set()),
        ("negative for flu", {"flu"}, set()),
        ("no problems with sleep", set(), {"sleep"}),
        ("non-smoker with cough", {"smoker"}, {"cough"}),
        ("no tenderness at the joints you have good grips", {"tenderness"}, {"grips"}),
        ("I don't think I have a fever", {"fever"}, set()),
        ("any chest pain or anything like that no", {"chest", "pain"}, set()),
    ],
)
def test_a_denial_reaches_to_the_end_of_its_clause(text: str, no: set[str], yes: set[str]) -> None:
    found = denied_words(text)
    assert no <= found
    assert not yes & found


def state(key: str, *lines: str) -> set[int]:
    segments = [
        Segment(f"s{n}", Speaker.CLIENT if line[0] == "C" else Speaker.THERAPIST, n, n + 1, line[3:])
        for n, line in enumerate(lines)
    ]
    return {mention.state for mention in prepare(segments).mentions.get(key, ())}


@pytest.mark.parametrize(
    ("expected", "lines"),
    [
        ({DENIED}, ("T: Any fever?", "C: No.")),
        ({DENIED}, ("T: Have you had a fever", "C: not that I know of")),
        ({DENIED}, ("T: Fever?", "C: Nope, none.")),
        ({AFFIRMED}, ("T: Any fever?", "C: Yeah, since Monday.")),
        ({AFFIRMED}, ("T: How is the fever?", "C: Gone down a bit.")),
        ({ASKED}, ("T: Any fever?",)),
        ({ASKED}, ("T: If you get a fever, call us.",)),
        ({AFFIRMED}, ("C: I have a fever.",)),
        ({DENIED}, ("C: I have no fever.",)),
    ],
)
def test_a_question_takes_its_state_from_the_answer(expected: set[int], lines: tuple[str, ...]) -> None:
    assert state("c:fever", *lines) == expected


def test_an_amount_is_a_yes() -> None:
    assert state("c:tobacco", "T: Do you smoke?", "C: About ten a day.") == {AFFIRMED}


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Client reports poor sleep.", Speaker.CLIENT),
        ("The patient denies pain.", Speaker.CLIENT),
        ("She states that she is well.", Speaker.CLIENT),
        ("Therapist suggested a walk.", Speaker.THERAPIST),
        ("I recommended rest.", Speaker.THERAPIST),
        ("Knee pain.", None),
    ],
)
def test_who_is_said_to_speak(text: str, speaker: Speaker | None) -> None:
    assert attributed(text) is speaker


def test_groups_hold_what_belongs_together() -> None:
    groups = Claim("Reports knee pain, nausea and no fever.", None).chunks
    assert [[term.key for term in group] for group in groups] == [["c:knee", "c:pain"], ["c:nausea"], ["c:fever"]]
    assert [group[0].is_denied for group in groups] == [False, False, True]


def test_the_word_lists_hang_together() -> None:
    names = section_of()
    for relation in (close(), opposites()):
        for key in relation:
            assert key in names or key.removeprefix("d:") in set(drugs().values()), key
    listed = [phrase for section in set(names.values()) for group in load("concepts")[section] for phrase in group]
    assert len(listed) == len(set(listed))
    for name in ("concepts", "relations", "cues", "grammar", "frame", "people_sides_numbers", "spelling"):
        assert load(name)["source"]
        assert load(name)["effective_from"]


def test_every_weight_belongs_to_a_measure_and_speaks_against_the_statement() -> None:
    match = Match(Claim("Client reports pain.", None), prepare(()))
    measures = {name for signal in SIGNALS for name in signal(match).measures}
    assert set(weights().measures) <= measures
    assert min(weights().measures.values()) >= 0
    assert 0 < weights().partly_from < weights().unsupported_from < 1


@given(st.text(max_size=200))
def test_every_measure_of_any_text_is_between_0_and_1(text: str) -> None:
    match = Match(Claim(text, None), prepare([Segment("s1", Speaker.CLIENT, 0, 1, text[::-1])]))
    for signal in SIGNALS:
        found: Finding = signal(match)
        assert all(-1e-9 <= value <= 1 + 1e-9 for value in found.measures.values())
