"""The note beside the chart: each rule, what it finds and what it leaves alone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.chart import Appointment, Assessment, PlanGoal, TreatmentPlan
from therapyflows.core.consistency import Artifacts, FiledNote, check_consistency
from therapyflows.core.consistency.model import FiledLine
from therapyflows.core.consistency.scores import stated_scores
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PLAN = TreatmentPlan(
    id="p-1",
    client_id="c-1",
    status="Active",
    diagnosis_codes=("F41.1",),
    goals=(PlanGoal(id="g1", text="Sleep"), PlanGoal(id="g2", text="Work")),
)


def appointment(**changes: Any) -> Appointment:
    values = {
        "id": "a-1",
        "client_id": "c-1",
        "clinician_id": "u-1",
        "start": AT,
        "end": AT.replace(minute=50),
        "actual_minutes": 48,
        "modality": "video",
        "place_of_service": "10",
    }
    return Appointment.model_validate(values | changes)


def assessment(measure: str, score: int | None, month: int) -> Assessment:
    at = AT.replace(month=month)
    return Assessment(id=f"m{month}", client_id="c-1", measure=measure, answers=(), score=score, administered_at=at)


SCORES = (assessment("PHQ-9", 16, 1), assessment("PHQ-9", 14, 2), assessment("GAD-7", 9, 2))


def found(*texts: str, administrative: bool = False, chart: dict[str, Any] | None = None, **note: Any) -> list[Any]:
    lines = tuple(FiledLine(f"st{n}", text, administrative) for n, text in enumerate(texts, 1))
    filed = FiledNote(**{"client_id": "c-1", "clinician_id": "u-1", "appointment_id": "a-1", "lines": lines, **note})
    beside = {"appointment": appointment(), "plan": PLAN, "assessments": SCORES} | (chart or {})
    return list(check_consistency(Artifacts(filed, **beside)))


def codes(findings: list[NoteFinding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity.value) for finding in findings]


CONSISTENT = (
    "Session on 2026-03-02, scheduled 10:00-10:50, 48 minutes face to face, individual, by video.",
    "PHQ-9 of 14, down from 16; GAD-7: 9/21.",
    "Worked on goal 2 and goal g1.",
    "Client sleeps from 23:00 to 6:00 and walks 30 minutes a day.",
    "Client met her doctor in person and phoned her mother.",
    "Generalized anxiety disorder (F41.1).",
    "Client's goal is 10 minutes of meditation.",
    "PHQ-9 item 9 was 0.",
)


def test_a_note_that_agrees_with_the_chart_has_no_findings() -> None:
    assert found(*CONSISTENT, cpt=("90834",), icd10=("F41.1",)) == []


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        ("Session on 2026-03-03.", "chart_date", "stop"),
        ("Date of service: 3/4/26.", "chart_date", "stop"),
        ("53-minute session.", "chart_minutes", "stop"),
        ("The session lasted 60 minutes.", "chart_minutes", "stop"),
        ("Total time: 45 min.", "chart_minutes", "stop"),
        ("Session scheduled 10:00-10:45.", "chart_times", "stop"),
        ("Session started 2:00 pm to 2:50 pm.", "chart_times", "stop"),
        ("Client was seen in person.", "chart_modality", "warning"),
        ("Session conducted by telephone.", "chart_modality", "warning"),
        ("PHQ-9 of 12.", "chart_score", "stop"),
        ("PHQ-9 score today is 16.", "chart_score_earlier", "warning"),
        ("PCL-5 score 31.", "chart_score_unknown", "warning"),
        ("Progress on goal 3.", "chart_goal", "stop"),
        ("Major depressive disorder (F32.1).", "chart_code_in_text", "stop"),
    ],
)
def test_a_contradiction_is_found_with_its_statement(text: str, code: str, severity: str) -> None:
    findings = found("Client slept.", text, cpt=("90834",), icd10=("F41.1",))
    assert codes(findings) == [(code, severity)]
    assert findings[0].statement_ids == ("st2",)


def test_the_administrative_line_of_another_modality_stops() -> None:
    line = "Session on 2026-03-02, scheduled 10:00-10:50, 48 minutes face to face, individual, in person."
    assert codes(found(line, administrative=True)) == [("chart_modality", "stop")]


def test_what_the_client_tells_of_a_session_may_be_another_one() -> None:
    line = FiledLine("st1", "Client reports a 30-minute session with a coach, session on 2026-01-05.", reported=True)
    filed = FiledNote("c-1", "u-1", "a-1", (line,))
    found = check_consistency(Artifacts(filed, appointment()))
    assert codes(list(found)) == [("chart_date", "warning"), ("chart_minutes", "warning")]


@pytest.mark.parametrize(
    ("cpt", "minutes", "session_type", "expected"),
    [
        ("90834", 48, "individual", []),
        ("90837", 48, "individual", [("chart_cpt", "stop")]),
        ("90834", 53, "individual", [("chart_cpt", "stop")]),
        ("90834", None, "individual", [("chart_cpt_without_minutes", "warning")]),
        ("90791", 48, "individual", [("chart_cpt", "stop")]),
        ("90840", 76, "crisis", []),
        ("90840", 70, "crisis", [("chart_cpt", "stop")]),
        ("99213", 48, "individual", []),
    ],
)
def test_a_timed_code_takes_the_recorded_minutes(
    cpt: str, minutes: int | None, session_type: str, expected: list[tuple[str, str]]
) -> None:
    chart = {"appointment": appointment(actual_minutes=minutes, session_type=session_type)}
    assert codes(found(chart=chart, cpt=(cpt,))) == expected


@pytest.mark.parametrize(
    ("modality", "place", "fits"),
    [("video", "10", True), ("video", "02", True), ("video", "11", False), ("in_person", "11", True),
     ("in_person", "10", False), ("audio", "2", True), ("audio", None, True)],
)  # fmt: skip
def test_the_place_of_service_fits_the_modality(modality: str, place: str | None, fits: bool) -> None:
    chart = {"appointment": appointment(modality=modality, place_of_service=place)}
    assert codes(found(chart=chart)) == ([] if fits else [("chart_place_of_service", "warning")])


@pytest.mark.parametrize("what", ["client_id", "clinician_id", "appointment_id"])
def test_a_note_of_another_session_stops(what: str) -> None:
    assert codes(found(**{what: "x-9"})) == [("chart_other_session", "stop")]


def test_what_the_chart_does_not_hold_is_a_warning() -> None:
    bare = {"plan": None, "assessments": (), "appointment": appointment(actual_minutes=None)}
    findings = codes(found("Goal 2: 50-minute session, PHQ-9 14.", chart=bare, icd10=("F32.1",)))
    assert findings == [
        ("chart_minutes_unrecorded", "warning"),
        ("chart_score_unknown", "warning"),
        ("chart_goal_without_plan", "warning"),
    ]


def test_a_diagnosis_outside_of_the_plan_is_a_warning() -> None:
    assert codes(found(icd10=("F32.1",))) == [("chart_diagnosis", "warning")]
    assert codes(found(icd10=("F41.9",))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PHQ-9 of 14.", [("PHQ-9", 14, False)]),
        ("PHQ9 score: 14/27", [("PHQ9", 14, False)]),
        ("GAD-7 (9) today", [("GAD-7", 9, False)]),
        ("PHQ-9 decreased from 16 to 14.", [("PHQ-9", 16, True), ("PHQ-9", 14, False)]),
        ("Baseline PHQ-9 was 16.", [("PHQ-9", 16, True)]),
        ("PHQ-9 administered; completed in 5 minutes.", []),
        ("PHQ-9 item 9 positive at 1.", []),
        ("PHQ-9 in 2 weeks.", []),
        ("PHQ-9 14, GAD-7 9.", [("PHQ-9", 14, False), ("GAD-7", 9, False)]),
    ],
)
def test_scores_are_read_from_the_text(text: str, expected: list[tuple[str, int, bool]]) -> None:
    assert list(stated_scores(text)) == expected


def test_a_measure_without_a_score_says_nothing() -> None:
    chart = {"assessments": (assessment("PHQ-9", None, 2),)}
    assert codes(found("PHQ-9 of 14.", chart=chart)) == [("chart_score_unknown", "warning")]


@given(st.lists(st.text(max_size=80), max_size=5), st.booleans())
def test_hostile_text_ends_no_rule(texts: list[str], administrative: bool) -> None:
    for finding in found(*texts, administrative=administrative, cpt=tuple(texts), icd10=tuple(texts)):
        assert finding.code.startswith("chart_")
        assert finding.severity in Severity


@given(st.integers(0, 200), st.sampled_from(["90832", "90834", "90837"]))
def test_exactly_one_of_the_individual_codes_fits_from_sixteen_minutes_on(minutes: int, code: str) -> None:
    chart = {"appointment": appointment(actual_minutes=minutes)}
    fitting = [c for c in ("90832", "90834", "90837") if codes(found(chart=chart, cpt=(c,))) == []]
    assert len(fitting) == (1 if minutes >= 16 else 0)
