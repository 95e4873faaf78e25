"""Measures over time: totals, bands, what changed, critical answers, and what the chart says otherwise."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.chart import Assessment
from therapyflows.core.session_prep.trends import trends_of

DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def phq(number: int, *answers: int | None, days: int = 0, **more: object) -> Assessment:
    at = DAY + timedelta(days=days)
    given = {"measure": "PHQ-9", "answers": answers, "administered_at": at} | more
    return Assessment(id=f"as-{number}", client_id="c-1", **given)


def test_totals_bands_and_the_change_that_is_more_than_error() -> None:
    [trend] = trends_of([
        phq(2, 1, 1, 1, 1, 1, 1, 1, 1, 0, days=14),
        phq(1, 2, 2, 2, 2, 2, 2, 2, 1, 0),
        phq(3, 1, 1, 1, 1, 1, 1, 0, 0, 0, days=28),
    ])  # fmt: skip
    assert [(point.total, point.band) for point in trend.points] == [
        (15, "moderately severe"),
        (8, "mild"),
        (6, "mild"),
    ]
    assert (trend.since_previous.difference, trend.since_previous.reliable) == (-2, False)
    assert (trend.since_first.difference, trend.since_first.direction, trend.since_first.reliable) == (
        -9,
        "improved",
        True,
    )
    assert [point.total for point in trend.newest(2)] == [6, 8]


def test_an_answer_about_self_harm_stands_with_its_point() -> None:
    [trend] = trends_of([phq(1, 0, 0, 0, 0, 0, 0, 0, 0, 1)])
    assert trend.latest.critical == ("item 9: thoughts of death or self-harm",)
    assert trend.since_previous is None


def test_what_the_chart_adds_up_otherwise_is_told() -> None:
    [trend] = trends_of([phq(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, score=12)])
    assert (trend.latest.total, trend.latest.filed) == (9, 12)


def test_an_unanswered_measure_has_no_total_and_is_never_zero() -> None:
    [trend] = trends_of([phq(1, *[None] * 9)])
    assert trend.latest.total is None


def test_answers_that_cannot_be_scored_leave_what_the_chart_says() -> None:
    [trend] = trends_of([phq(1, 9, 9, score=14, severity="moderate")])
    assert (trend.latest.total, trend.latest.band) == (14, "moderate")


def test_a_filed_total_beyond_the_measure_breaks_nothing() -> None:
    [trend] = trends_of([phq(1, 9, score=400), phq(2, 9, score=-3, days=7)])
    assert trend.since_previous is None


def test_measures_of_other_names_are_kept_apart_and_the_most_recent_comes_first() -> None:
    other = Assessment(id="as-9", client_id="c-1", measure="Practice scale", answers=(), score=7, administered_at=DAY)
    gad = Assessment(
        id="as-8", client_id="c-1", measure="gad7", answers=(1,) * 7, administered_at=DAY + timedelta(days=1)
    )
    trends = trends_of([other, gad, phq(1, *[1] * 9, days=2)])
    assert [trend.title for trend in trends] == ["PHQ-9", "GAD-7", "Practice scale"]
    assert (trends[2].measure, trends[2].latest.total) == (None, 7)


@given(st.permutations(range(5)))
def test_any_order_of_the_same_measures_gives_the_same_trend(order: list[int]) -> None:
    taken = [phq(number, *[number % 4] * 9, days=number) for number in range(5)]
    assert trends_of([taken[at] for at in order]) == trends_of(taken)
