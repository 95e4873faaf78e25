"""Words of risk in what people write, and how they stand there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.intake.risk_text import RiskCategory, Standing, is_urgent, risk_mentions

CURRENT = [
    ("suicide", "I want to die most days."),
    ("suicide", "Lately I have been thinking about killing myself"),
    ("suicide", "i dont want to be here anymore"),
    ("suicide", "Sometimes I think my kids would be better off without me"),
    ("suicide", "I wish I could go to sleep and never wake up"),
    ("suicide", "I've been saving up my pills"),
    ("suicide", "I can't stop thinking about suicide"),
    ("suicide", "I have had suicidal thoughts since I was a teenager"),
    ("suicide", "Suicidal ideation: yes, with a plan"),
    ("suicide", "I took a whole bottle of pills two months ago"),
    ("suicide", "Tried to hang myself years ago and lately I want to do it again, I feel suicidal"),
    ("suicide", "I would never do it but I keep thinking about dying"),
    ("suicide", "I haven't told anyone that I am suicidal"),
    ("self_harm", "I cut my arms last night"),
    ("self_harm", "when it gets bad I burn myself with a lighter"),
    ("violence", "I have thoughts of hurting my boss"),
    ("violence", "I am going to make him pay, I want to kill him"),
    ("abuse", "My husband hits me when he drinks"),
    ("abuse", "He threatened to kill me"),
    ("abuse", "I don't feel safe at home"),
    ("abuse", "My daughter is being abused by her uncle"),
    ("abuse", "I'm scared of my boyfriend"),
]
NOT_CURRENT = [
    (Standing.DENIED, "I don't want to die."),
    (Standing.DENIED, "No thoughts of suicide or self-harm."),
    (Standing.DENIED, "Suicidal ideation: denied"),
    (Standing.DENIED, "Denies SI/HI."),
    (Standing.DENIED, "I'm not suicidal, I just want help with stress"),
    (Standing.DENIED, "I have never had any thoughts about ending my life"),
    (Standing.PAST, "I attempted suicide 10 years ago in college, nothing since."),
    (Standing.PAST, "I used to cut myself in high school"),
    (Standing.PAST, "My stepdad abused me as a child"),
    (Standing.PAST, "I took too many pills eight months ago"),
    (Standing.OTHER_PERSON, "My brother killed himself last year"),
    (Standing.OTHER_PERSON, "We lost my best friend to suicide"),
    (Standing.FIGURATIVE, "I volunteer at a suicide hotline"),
    (Standing.FIGURATIVE, "I hurt myself at the gym"),
    (Standing.HYPOTHETICAL, "If I ever felt suicidal I would call 988"),
]


@pytest.mark.parametrize(("category", "text"), CURRENT)
def test_a_current_risk_is_found(category: str, text: str) -> None:
    standings = {m.category: m.standing for m in risk_mentions(text) if m.standing is Standing.CURRENT}
    assert RiskCategory(category) in standings


@pytest.mark.parametrize(("standing", "text"), NOT_CURRENT)
def test_what_is_not_a_current_risk_is_found_and_told_apart(standing: Standing, text: str) -> None:
    assert {m.standing for m in risk_mentions(text)} == {standing}


@pytest.mark.parametrize("text", ["My job is killing me", "I am dying to see that film", "Work is stressful", "", "?!"])
def test_ordinary_words_are_no_mention(text: str) -> None:
    assert risk_mentions(text) == []


def test_each_clause_is_read_on_its_own() -> None:
    text = "No self-harm. My job is fine; I do want to die."
    assert [m.standing for m in risk_mentions(text)] == [Standing.DENIED, Standing.CURRENT]


@given(st.text(max_size=300))
def test_any_text_is_read_and_places_lie_within_it(text: str) -> None:
    for mention in risk_mentions(text):
        assert 0 <= mention.start < mention.end <= len(text)


@given(st.sampled_from([text for _, text in CURRENT]), st.text(alphabet=" abcdefgh.\n", max_size=60))
def test_harmless_words_in_another_sentence_never_hide_a_risk(risk: str, harmless: str) -> None:
    assert is_urgent(f"{harmless}\n{risk}\n{harmless}")
