"""What each signal finds and what it must let pass: statement, conversation, grade and reason, one row each."""

import pytest

from therapyflows.governance.evidence.checker import grade
from therapyflows.governance.evidence.model import Grade, Segment, Speaker
from therapyflows.governance.evidence.prepared import prepare

SPEAKERS = {"T": Speaker.THERAPIST, "D": Speaker.THERAPIST, "C": Speaker.CLIENT, "P": Speaker.CLIENT}


def conversation(*lines: str) -> list[Segment]:
    return [Segment(f"s{n}", SPEAKERS[line[0]], n, n + 1, line[3:]) for n, line in enumerate(lines, 1)]


SESSION = conversation(
    "T: How have you been sleeping since last week?",
    "C: Badly. I wake up around four and I can't get back to sleep.",
    "T: Any thoughts of hurting yourself?",
    "C: No, nothing like that.",
    "T: And the drinking?",
    "C: Two glasses of wine on Friday. I used to have a bottle every night.",
    "C: My sister says I've been irritable. I get panicky on the train.",
    "T: I'd suggest writing down what you think when the panic starts. Would you try that?",
    "C: Sure, I can keep a thought record. I take 50 milligrams of sertraline in the morning.",
    "T: If the panic gets worse, we might think about seeing a psychiatrist.",
)
VISIT = conversation(
    "D: What brings you in today?",
    "P: My tummy has been hurting for three days and I keep throwing up.",
    "D: Where does it hurt?",
    "P: The pain is down here on the right side, it comes and goes.",
    "D: Any fever or chills?",
    "P: No.",
    "D: Have you noticed any blood in your stool?",
    "P: No, nothing like that.",
    "D: Do you smoke?",
    "P: About ten a day.",
    "D: Does anyone in the family have bowel problems?",
    "P: My mother had colon cancer when she was sixty.",
    "D: Are you on any medicines?",
    "P: Just a water pill, Lasix, forty milligrams, for my blood pressure.",
    "D: Your left knee is a bit swollen. I'd like to get an x-ray of that knee and some blood work.",
    "P: Okay. I was diagnosed with high blood pressure in 2015.",
)

RIGHT = [
    # in other words
    (SESSION, "Client reports insomnia with early waking at 4."),
    (SESSION, "Client denies self-harm."),
    (SESSION, "Client reports panic attacks on the train."),
    (SESSION, "Client takes Zoloft 50 mg in the morning."),
    (SESSION, "Client agreed to keep a thought record."),
    (VISIT, "Patient reports abdominal pain for 3 days."),
    (VISIT, "3/7 history of abdominal pain."),
    (VISIT, "Vomiting."),
    (VISIT, "Emesis for three days."),
    (VISIT, "Intermittent pain on the right side."),
    (VISIT, "Smokes 10/day."),
    (VISIT, "PMH: HTN"),
    (VISIT, "Patient was diagnosed with hypertension in 2015."),
    (VISIT, "Takes furosemide 40 mg."),
    (VISIT, "Mother had colon cancer at age 60."),
    (VISIT, "Left knee swelling."),
    (VISIT, "X-ray of the left knee ordered."),
    # denied where it was asked
    (VISIT, "Denies fever or chills."),
    (VISIT, "No haematochezia."),
    (VISIT, "Nil blood in stools."),
    # what only the note says
    (VISIT, "Gastrointestinal: Reports vomiting."),
]

WRONG = [
    # signal, conversation, statement, reason
    ("support", SESSION, "Client reports hearing voices at night.", "not found"),
    ("support", VISIT, "Patient reports a sore throat.", "not found"),
    ("support", VISIT, "Colonoscopy was scheduled for bleeding polyps.", "not found"),
    ("negation: nobody asked", SESSION, "Client denies homicidal ideation.", "nobody asked"),
    ("negation: nobody asked", SESSION, "Client denies flashbacks.", "nobody asked"),
    ("negation: nobody asked", VISIT, "No shortness of breath.", "nobody asked"),
    ("negation: nobody asked", VISIT, "NKDA", "nobody asked"),
    ("negation: affirmed", VISIT, "No vomiting.", "denies what the source affirms"),
    ("negation: affirmed", VISIT, "Non-smoker.", "denies what the source affirms"),
    ("negation: denied", VISIT, "Reports fever.", "affirms what the source denies"),
    ("number", SESSION, "Client had six glasses of wine on Friday.", "number"),
    ("number", VISIT, "Abdominal pain for 3 weeks.", "number"),
    ("number", VISIT, "Smokes 20/day.", "number"),
    ("date", SESSION, "Client drank two glasses of wine on Tuesday.", "date"),
    ("date", VISIT, "Patient was diagnosed with hypertension in 2005.", "date"),
    ("dose", SESSION, "Client takes 100 mg of sertraline in the morning.", "dose"),
    ("dose", VISIT, "Takes Lasix 80 mg.", "dose"),
    ("medication", SESSION, "Client takes fluoxetine in the morning.", "medication"),
    ("medication", VISIT, "Takes lisinopril.", "medication"),
    ("laterality", VISIT, "Right knee swelling.", "laterality"),
    ("laterality", VISIT, "X-ray of the right knee ordered.", "laterality"),
    ("family member", SESSION, "Client's brother says they have been irritable.", "family member"),
    ("family member", VISIT, "Father had colon cancer at age 60.", "family member"),
    ("who said it", SESSION, "Therapist said that they wake up around four.", "who said it"),
    ("opposite", VISIT, "Constant pain on the right side.", "opposite"),
]


@pytest.mark.parametrize(("source", "statement"), RIGHT, ids=[statement for _, statement in RIGHT])
def test_what_was_said_in_other_words_is_not_flagged(source: list[Segment], statement: str) -> None:
    found = grade("st1", statement, source, (), None)
    assert found.grade in (Grade.SUPPORTED, Grade.PARTLY), found.reasons


@pytest.mark.parametrize(
    ("source", "statement", "reason"), [row[1:] for row in WRONG], ids=[f"{row[0]}-{row[2]}" for row in WRONG]
)
def test_what_was_not_said_is_not_supported_and_the_reason_is_named(
    source: list[Segment], statement: str, reason: str
) -> None:
    found = grade("st1", statement, source, (), None)
    assert found.grade is not Grade.SUPPORTED
    assert any(reason in why for why in found.reasons), found.reasons


def test_every_wrong_statement_scores_above_every_right_one_but_a_few() -> None:
    sources = {id(source): prepare(source) for source in (SESSION, VISIT)}
    right = [grade("s", text, sources[id(source)], (), None).score for source, text in RIGHT]
    wrong = [grade("s", text, sources[id(source)], (), None).score for _, source, text, _ in WRONG]
    above = sum(bad > good for bad in wrong for good in right)
    assert above / (len(right) * len(wrong)) > 0.95


def test_the_opposite_is_graded_as_a_contradiction() -> None:
    assert grade("st1", "No vomiting.", VISIT, (), None).grade is Grade.CONTRADICTED


def test_the_span_is_the_place_that_was_looked_at() -> None:
    found = grade("st1", "Patient smokes ten a day.", VISIT, (), None)
    assert found.best_span is not None
    assert found.best_span.segment_id in ("s9", "s10")
