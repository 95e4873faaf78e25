"""``therapyflows score``: a measure from its answers."""

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from therapyflows.app.cli.console import err, out, plain_errors, print_json
from therapyflows.core.measures.answers import parse_answers
from therapyflows.core.measures.catalogue import measure_named
from therapyflows.core.measures.change import change_since
from therapyflows.core.measures.model import Change, ChangeRule, Measure, Score
from therapyflows.core.measures.scoring import score as score_answers


def score(
    measure: Annotated[
        str, typer.Argument(help="phq9, gad7, phqa, pcl5, auditc, dast10, cssrs or who5, however it is written.")
    ],
    answers: Annotated[
        str, typer.Argument(help="In item order, separated by commas; an empty one is a missing answer.")
    ],
    previous: Annotated[int | None, typer.Option(help="The total of the last time, to tell what changed.")] = None,
    sex: Annotated[Literal["male", "female"] | None, typer.Option(help="AUDIT-C bands differ by it.")] = None,
    reliable: Annotated[int | None, typer.Option(min=1, help="Points of a reliable change, if not the usual.")] = None,
    meaningful: Annotated[int | None, typer.Option(min=1, help="Points of a meaningful change, likewise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Score a standard measure: total, band, critical answers, what is missing.

    Example: therapyflows score phq9 1,2,1,3,0,1,2,,0 --previous 15 --json
    """
    with plain_errors():
        rules = measure_named(measure)
        result = score_answers(rules, parse_answers(rules, answers), sex=sex)
        change = _change(rules, previous, result.total, _own_rule(rules, reliable, meaningful))
    if as_json:
        print_json(as_document(rules, result, change))
    else:
        show(rules, result, change)


def _own_rule(measure: Measure, reliable: int | None, meaningful: int | None) -> ChangeRule | None:
    if reliable is None and meaningful is None:
        return None
    usual = measure.change or ChangeRule(reliable=1, meaningful=1)
    return usual.model_copy(
        update={"reliable": reliable or usual.reliable, "meaningful": meaningful or usual.meaningful}
    )


def _change(measure: Measure, previous: int | None, total: int | None, rule: ChangeRule | None) -> Change | None:
    if previous is None or (total is None and measure.total):
        return None
    return change_since(measure, previous, total or 0, rule)


def as_document(measure: Measure, result: Score, change: Change | None) -> dict[str, object]:
    """The JSON form that scripts rely on; described in docs/integrators.md."""
    return {
        "measure": measure.key,
        "title": measure.title,
        "total": result.total,
        "highest": measure.highest if measure.total else None,
        "band": result.band,
        "critical": [asdict(entry) for entry in result.critical],
        "warnings": [asdict(entry) for entry in result.warnings],
        "findings": [asdict(entry) for entry in result.findings],
        "answered": result.answered,
        "items": measure.items,
        "prorated": result.prorated,
        "answers": list(result.answers),
        "subscales": dict(result.subscales),
        "change": None if change is None else asdict(change),
    }


def show(measure: Measure, result: Score, change: Change | None) -> None:
    """The result for people."""
    total = "no total" if result.total is None else f"{result.total} of {measure.highest}"
    out.print(f"{measure.title}: {total}, {result.band or 'no band'}", style="bold", markup=False)
    for critical in result.critical:
        out.print(f"  critical: {critical.message} (answer {critical.answer})", markup=False)
    for finding in result.findings:
        out.print(f"  {finding.message}", markup=False)
    for name, value in result.subscales:
        out.print(f"  {name.replace('_', ' ')}: {'incomplete' if value is None else value}", markup=False)
    if change is not None:
        marks = [word for word in ("reliable", "meaningful", "response", "remission") if getattr(change, word)]
        out.print(f"  since {change.previous}: {change.difference:+d}, {change.direction} {', '.join(marks)}".rstrip())
    for warning in result.warnings:
        err.print(f"note: {warning.message}", markup=False)
