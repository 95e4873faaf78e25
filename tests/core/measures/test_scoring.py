from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.measures.answers import parse_answers
from therapyflows.core.measures.catalogue import measure_named, measures
from therapyflows.core.measures.change import change_since
from therapyflows.core.measures.model import ChangeRule, Measure
from therapyflows.core.measures.scoring import score

ALL = list(measures().values())
SUMMED = [measure for measure in ALL if measure.total]


def adding_up_to(measure: Measure, total: int) -> list[int]:
    """Answers whose points are ``total`` before it is multiplied."""
    answers = []
    for at in range(1, measure.items + 1):
        points = min(total, measure.scale.max)
        total -= points
        answers.append(measure.scale.max - points if at in measure.reversed else points)
    assert total == 0
    return answers


def codes(found: object) -> list[str]:
    return [entry.code for entry in found]  # type: ignore[attr-defined]


# --- bands: first and last total of each, as published ---

BANDS = [
    ("phq9", "minimal", 0, 4),
    ("phq9", "mild", 5, 9),
    ("phq9", "moderate", 10, 14),
    ("phq9", "moderately severe", 15, 19),
    ("phq9", "severe", 20, 27),
    ("phqa", "minimal", 0, 4),
    ("phqa", "mild", 5, 9),
    ("phqa", "moderate", 10, 14),
    ("phqa", "moderately severe", 15, 19),
    ("phqa", "severe", 20, 27),
    ("gad7", "minimal", 0, 4),
    ("gad7", "mild", 5, 9),
    ("gad7", "moderate", 10, 14),
    ("gad7", "severe", 15, 21),
    ("pcl5", "below cut-off", 0, 30),
    ("pcl5", "at or above cut-off", 31, 80),
    ("dast10", "none", 0, 0),
    ("dast10", "low", 1, 2),
    ("dast10", "moderate", 3, 5),
    ("dast10", "substantial", 6, 8),
    ("dast10", "severe", 9, 10),
    ("who5", "likely depression", 0, 28),
    ("who5", "poor well-being", 32, 48),
    ("who5", "adequate well-being", 52, 100),
]


@pytest.mark.parametrize(("key", "band", "first", "last"), BANDS)
def test_a_band_reaches_from_its_first_to_its_last_total(key: str, band: str, first: int, last: int) -> None:
    measure = measure_named(key)
    for total in (first, last):
        result = score(measure, adding_up_to(measure, total // measure.multiply))
        assert (result.total, result.band) == (total, band)


@pytest.mark.parametrize(
    ("sex", "total", "band"),
    [
        ("male", 3, "negative"),
        ("male", 4, "positive"),
        ("male", 7, "positive"),
        ("male", 8, "high risk"),
        ("female", 2, "negative"),
        ("female", 3, "positive"),
        ("female", 8, "high risk"),
        (None, 2, "negative"),
        (None, 3, None),
        (None, 4, "positive"),
        (None, 12, "high risk"),
    ],
)
def test_audit_c_bands_differ_by_sex(sex: str | None, total: int, band: str | None) -> None:
    measure = measure_named("AUDIT-C")
    result = score(measure, adding_up_to(measure, total), sex=sex)  # type: ignore[arg-type]
    assert result.band == band
    assert ("sex_needed" in codes(result.warnings)) == (band is None)


@pytest.mark.parametrize("measure", [m for m in SUMMED if m.bands], ids=lambda m: m.key)
def test_bands_leave_no_gap(measure: Measure) -> None:
    assert measure.bands[0].from_ == 0
    assert measure.bands[-1].to == measure.highest
    assert all(above.from_ == below.to + 1 for below, above in pairwise(measure.bands))


# --- missing answers ---


def test_two_missing_answers_of_phq9_are_prorated() -> None:
    result = score(measure_named("phq9"), [1, 1, 1, 2, None, 1, None, 1, 0])
    assert (result.total, result.band, result.answered) == (9, "mild", 7)
    assert codes(result.warnings) == ["prorated"]


def test_proration_rounds_halves_up() -> None:
    assert score(measure_named("phq9"), [3, 3, 3, 3, 0, 0, 0, None, 0]).total == 14  # 12 * 9 / 8 = 13.5


def test_three_missing_answers_give_no_total_and_no_band() -> None:
    result = score(measure_named("gad7"), [3, 3, 3, 3, None, None, None])
    assert (result.total, result.band) == (None, None)
    assert codes(result.warnings) == ["incomplete"]


def test_a_missing_item_9_is_not_answered_and_never_zero() -> None:
    result = score(measure_named("phq9"), [0, 0, 0, 0, 0, 0, 0, 0, None])
    assert "critical_item_unanswered" in codes(result.warnings)
    assert "not answered" in result.warnings[0].message
    assert result.answers[8] is None


@pytest.mark.parametrize("key", ["pcl5", "dast10", "who5"])
def test_one_missing_answer_makes_the_other_measures_incomplete(key: str) -> None:
    measure = measure_named(key)
    assert score(measure, [None, *[0] * (measure.items - 1)]).total is None


def test_who_never_drinks_is_asked_no_further() -> None:
    assert score(measure_named("auditc"), [0, None, None]).band == "negative"
    assert score(measure_named("auditc"), [1, None, None]).band is None


# --- what must be seen ---


@pytest.mark.parametrize("key", ["phq9", "phqa"])
@given(answer=st.integers(1, 3))
def test_any_positive_item_9_is_critical(key: str, answer: int) -> None:
    result = score(measure_named(key), [0] * 8 + [answer])
    assert [(c.position, c.answer) for c in result.critical] == [(9, answer)]


def test_an_adolescents_attempt_is_critical_whatever_item_9_says() -> None:
    result = score(measure_named("PHQ-A"), [0] * 9 + [0, 0, 0, 1])
    assert codes(result.critical) == ["ever_attempted"]


def test_the_depression_algorithm_counts_item_9_from_one() -> None:
    phq9 = measure_named("phq9")
    assert "mdd_algorithm" in codes(score(phq9, [2, 2, 2, 2, 0, 0, 0, 0, 1]).findings)
    assert "mdd_algorithm" not in codes(score(phq9, [1, 1, 2, 2, 2, 2, 2, 0, 1]).findings)


def test_ptsd_clusters_need_two_of_the_last_two() -> None:
    pcl5 = measure_named("pcl5")
    items = [0] * 20
    for at in (1, 6, 8, 9, 15, 17):
        items[at - 1] = 2
    assert "provisional_ptsd" in codes(score(pcl5, items).findings)
    items[16] = 1
    assert "provisional_ptsd" not in codes(score(pcl5, items).findings)


@pytest.mark.parametrize(
    ("answers", "band", "critical"),
    [
        ("n,n,,,,n,", "none reported", 0),
        ("y,n,,,,n,", "low", 0),
        ("n,y,n,n,n,n,", "low", 0),
        ("y,y,y,n,n,n,", "moderate", 0),
        ("n,n,,,,y,n", "moderate", 0),
        ("n,y,n,y,n,n,", "high", 1),
        ("n,y,n,n,y,n,", "high", 1),
        ("n,n,,,,y,y", "high", 1),
        ("y,y,,n,n,n,", None, 0),
        ("n,n,,,,y", None, 0),
        (",,,,,,", None, 0),
        ("y,y,,y,,,", "high", 1),
    ],
)
def test_the_columbia_screener_has_a_risk_band_and_no_total(answers: str, band: str | None, critical: int) -> None:
    measure = measure_named("C-SSRS")
    result = score(measure, parse_answers(measure, answers))
    assert (result.total, result.band, len(result.critical)) == (None, band, critical)


def test_an_unasked_question_of_the_screener_is_not_missing() -> None:
    measure = measure_named("cssrs")
    assert score(measure, parse_answers(measure, "n,n,,,,n,")).warnings == ()


# --- change ---


@pytest.mark.parametrize(
    ("key", "previous", "total", "expected"),
    [
        ("phq9", 15, 9, ("improved", True, True, False, False)),
        ("phq9", 15, 10, ("improved", False, True, False, False)),
        ("phq9", 8, 4, ("improved", False, False, True, True)),
        ("phq9", 0, 6, ("worsened", True, True, None, False)),
        ("gad7", 9, 9, ("same", False, False, False, False)),
        ("pcl5", 50, 45, ("improved", True, False, None, None)),
        ("who5", 40, 52, ("improved", True, True, None, None)),
    ],
)
def test_change_since_the_last_time(key: str, previous: int, total: int, expected: tuple[object, ...]) -> None:
    change = change_since(measure_named(key), previous, total)
    assert change is not None
    assert (change.direction, change.reliable, change.meaningful, change.response, change.remission) == expected


def test_a_practice_may_ask_for_more_points() -> None:
    change = change_since(measure_named("pcl5"), 50, 40, ChangeRule(reliable=15, meaningful=10))
    assert change is not None
    assert (change.reliable, change.meaningful) == (False, True)


def test_measures_without_an_accepted_rule_tell_no_change() -> None:
    assert change_since(measure_named("auditc"), 3, 8) is None


@pytest.mark.parametrize(("key", "previous"), [("phq9", 28), ("phq9", -1), ("cssrs", 0)])
def test_a_total_that_cannot_be_is_refused(key: str, previous: int) -> None:
    with pytest.raises(Invalid):
        change_since(measure_named(key), previous, 0)


# --- any answers ---


@st.composite
def answered(draw: st.DrawFn) -> tuple[Measure, list[int | None]]:
    measure = draw(st.sampled_from(ALL))
    return measure, draw(
        st.lists(st.none() | st.integers(0, measure.scale.max), min_size=measure.items, max_size=measure.items)
    )


@given(answered())
def test_a_total_lies_in_the_range_and_in_a_band(case: tuple[Measure, list[int | None]]) -> None:
    measure, answers = case
    result = score(measure, answers, sex="male")
    if result.total is not None:
        assert 0 <= result.total <= measure.highest
        assert result.band
        assert measure.items - result.answered <= measure.missing.most or measure.skip


@given(st.sampled_from(SUMMED), st.data())
def test_a_total_without_missing_answers_is_their_sum(measure: Measure, data: st.DataObject) -> None:
    answers = data.draw(st.lists(st.integers(0, measure.scale.max), min_size=measure.items, max_size=measure.items))
    points = [measure.scale.max - a if at in measure.reversed else a for at, a in enumerate(answers, 1)]
    assert score(measure, answers).total == sum(points) * measure.multiply


@given(answered(), st.data())
def test_a_worse_answer_never_lowers_the_total_nor_hides_a_critical_one(
    case: tuple[Measure, list[int | None]], data: st.DataObject
) -> None:
    measure, answers = case
    at = data.draw(st.sampled_from([i for i in range(measure.items) if i + 1 not in measure.reversed]))
    assume(answers[at] not in (None, measure.scale.max))
    assume(not measure.skip or None not in answers)
    raised = [*answers]
    raised[at] = answers[at] + 1  # type: ignore[operator]
    before, after = score(measure, answers), score(measure, raised)
    if before.total is not None:
        assert after.total is not None
        assert after.total >= before.total
    assert set(codes(before.critical)) <= set(codes(after.critical))


@given(st.sampled_from(ALL), st.text(alphabet="0123456789, -.y\u0663", max_size=40))
def test_typed_answers_are_scored_or_refused(measure: Measure, text: str) -> None:
    with suppress(Invalid):
        typed = parse_answers(measure, text)
        assert score(measure, typed).answers[: len(typed)] == typed


# --- rights ---


@pytest.mark.parametrize("measure", ALL, ids=lambda m: m.key)
def test_item_texts_are_shipped_only_where_that_is_allowed(measure: Measure) -> None:
    assert len(measure.texts) == (measure.items if measure.rights.reproduce else 0)
    assert measure.rights.reproduce == (measure.key in ("phq9", "gad7", "pcl5", "auditc"))
    assert measure.rights.statement


@pytest.mark.parametrize("name", ["PHQ-9", "phq 9", "Phq9"])
def test_a_measure_is_known_however_its_name_is_written(name: str) -> None:
    assert measure_named(name).key == "phq9"


def test_an_unknown_measure_is_not_found() -> None:
    with pytest.raises(NotFound):
        measure_named("phq-17")
