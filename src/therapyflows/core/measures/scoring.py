"""From answers to a total, a band and what must be seen.  An unanswered item is never taken as zero."""

from collections.abc import Iterator, Sequence

from therapyflows.core.errors import Invalid
from therapyflows.core.measures.model import Answers, BandRule, Condition, Critical, Measure, Score, Sex
from therapyflows.core.notices import Notice


def score(measure: Measure, answers: Sequence[int | None], *, sex: Sex | None = None) -> Score:
    """Score the answers: the items in order, then as many unscored positions as were asked.

    ``sex`` is used only where the bands differ by it (AUDIT-C).  Raises Invalid (``answers_wrong_number``,
    ``answer_out_of_range``).
    """
    _require_valid(measure, answers)
    given = (*answers, *[None] * (measure.items - len(answers)))
    items = _with_skipped(measure, given[: measure.items])
    total, prorated = _total(measure, items)
    band, band_warnings = _risk_band(measure, items) if measure.risk else _band(measure, total, sex)
    return Score(
        measure=measure.key,
        answers=given,
        answered=sum(answer is not None for answer in given[: measure.items]),
        total=total,
        prorated=prorated,
        band=band,
        critical=tuple(_critical(measure, given)),
        findings=tuple(_findings(measure, items, total)),
        warnings=(*_missing(measure, items, given, total, prorated), *band_warnings),
        subscales=tuple((name, _sum(items, wanted)) for name, wanted in measure.subscales.items()),
    )


def _require_valid(measure: Measure, answers: Sequence[int | None]) -> None:
    least, most = measure.least or measure.items, measure.items + len(measure.unscored)
    if not least <= len(answers) <= most:
        numbers = f"{least}" + (f" to {most}" if most > least else "")
        raise Invalid(
            "answers_wrong_number",
            f"{measure.title} takes {numbers} answers, and {len(answers)} were given; leave a missing answer empty",
        )
    for position, answer in enumerate(answers, 1):
        low, high = range_at(measure, position)
        if answer is not None and not low <= answer <= high:
            raise Invalid(
                "answer_out_of_range",
                f"answer {position} of {measure.title} must be a whole number from {low} to {high}",
            )


def range_at(measure: Measure, position: int) -> tuple[int, int]:
    """Lowest and highest answer at a position, counted from 1."""
    if position <= measure.items:
        return measure.scale.min, measure.scale.max
    extra = measure.unscored[position - measure.items - 1]
    return extra.min, extra.max


def _with_skipped(measure: Measure, items: Answers) -> Answers:
    skip = measure.skip
    if skip is None or items[skip.item - 1] != skip.equals:
        return items
    return tuple(0 if at in skip.items and answer is None else answer for at, answer in enumerate(items, 1))


def _total(measure: Measure, items: Answers) -> tuple[int | None, bool]:
    """The total and whether it is prorated: the mean of the answered items times their number, halves up."""
    points = [_points(measure, at, answer) for at, answer in enumerate(items, 1) if answer is not None]
    missing = measure.items - len(points)
    if not measure.total or not points or missing > measure.missing.most:
        return None, False
    raised = (2 * sum(points) * measure.items + len(points)) // (2 * len(points))
    return raised * measure.multiply, missing > 0


def _points(measure: Measure, at: int, answer: int) -> int:
    return measure.scale.min + measure.scale.max - answer if at in measure.reversed else answer


def _band(measure: Measure, total: int | None, sex: Sex | None) -> tuple[str | None, tuple[Notice, ...]]:
    if total is None:
        return None, ()
    if not measure.bands_by_sex:
        return _band_of(measure.bands, total), ()
    if sex is not None:
        return _band_of(measure.bands_by_sex[sex], total), ()
    possible = {_band_of(bands, total) for bands in measure.bands_by_sex.values()}
    if len(possible) == 1:
        return possible.pop(), ()
    return None, (Notice("sex_needed", f"the band of this {measure.title} total differs by sex, which is not given"),)


def _band_of(bands: Sequence[BandRule], total: int) -> str:
    return next(band.name for band in bands if band.from_ <= total <= band.to)


def _risk_band(measure: Measure, items: Answers) -> tuple[str | None, tuple[Notice, ...]]:
    """The band of the answers given; none while an unanswered item could raise it."""
    open_positions = set(_open(measure, items))
    for rule in measure.risk:
        if not rule.any_of or any(items[at - 1] for at in rule.any_of):
            above = measure.risk[: measure.risk.index(rule)]
            if any(at in open_positions for higher in above for at in higher.any_of):
                return None, (Notice("band_open", f"answers are missing: the risk is at least '{rule.name}'"),)
            return rule.name, ()
    raise AssertionError("the last risk rule holds always")


def _open(measure: Measure, items: Answers) -> Iterator[int]:
    """Unanswered positions that the instrument asks for, given the other answers."""
    for at, answer in enumerate(items, 1):
        asked_by = measure.asked_if.get(at)
        if answer is None and (asked_by is None or items[asked_by - 1] != 0):
            yield at


def _critical(measure: Measure, given: Answers) -> Iterator[Critical]:
    for rule in measure.critical:
        answer = given[rule.position - 1] if rule.position <= len(given) else None
        if answer is not None and answer >= rule.at_least:
            yield Critical(rule.position, answer, rule.code, rule.message)


def _findings(measure: Measure, items: Answers, total: int | None) -> Iterator[Notice]:
    for flag in measure.flags:
        if total is not None and total >= flag.at_least:
            yield Notice(flag.code, flag.message)
    for rule in measure.item_flags:
        if (items[rule.position - 1] or 0) >= rule.at_least:
            yield Notice(rule.code, rule.message)
    for pattern in measure.patterns:
        if all(_holds(condition, items) for condition in pattern.conditions):
            yield Notice(pattern.code, pattern.message)


def _holds(condition: Condition, items: Answers) -> bool:
    reached = 0
    for at in condition.items:
        answer = items[at - 1]
        reached += answer is not None and answer >= condition.lower.get(at, condition.at_least)
    return reached >= condition.need


def _missing(measure: Measure, items: Answers, given: Answers, total: int | None, prorated: bool) -> Iterator[Notice]:
    open_items = list(_open(measure, items))
    for rule in measure.critical:
        unasked = rule.position > len(given)
        if rule.position in open_items or (
            not unasked and rule.position > measure.items and not _has(given, rule.position)
        ):
            yield Notice("critical_item_unanswered", f"item {rule.position} was not answered; ask the client")
    if prorated:
        yield Notice("prorated", f"{len(open_items)} missing: the total is prorated from the answered items")
    elif total is None and open_items:
        listed = ", ".join(str(at) for at in open_items)
        yield Notice(
            "incomplete", f"no {'total and no ' if measure.total else ''}band is sure: not answered are {listed}"
        )


def _has(given: Answers, position: int) -> bool:
    return given[position - 1] is not None


def _sum(items: Answers, wanted: Sequence[int]) -> int | None:
    values = [items[at - 1] for at in wanted]
    return None if None in values else sum(value or 0 for value in values)
