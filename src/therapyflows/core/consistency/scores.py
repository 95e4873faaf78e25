"""A score in the text equals the scored measure in the chart."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from therapyflows.core.chart import Assessment
from therapyflows.core.consistency.model import Artifacts
from therapyflows.core.consistency.words import pattern
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity

_EVER = datetime(1, 1, 1, tzinfo=UTC)


def same_scores(artifacts: Artifacts) -> Iterator[NoteFinding]:
    """A stated score that no measure in the chart has is a contradiction; one without any measure is a warning."""
    for line in artifacts.note.lines:
        for measure, score, is_earlier in stated_scores(line.text):
            known = _of(artifacts.assessments, measure)
            if not known:
                message = f"The note says {measure} {score}; the chart holds no scored {measure}."
                yield NoteFinding("chart_score_unknown", message, Severity.WARNING, (line.id,))
            elif score not in [assessment.score for assessment in known]:
                message = f"The note says {measure} {score}; the chart's last is {known[-1].score}."
                yield NoteFinding("chart_score", message, Severity.STOP, (line.id,))
            elif score != known[-1].score and not is_earlier:
                message = f"{measure} {score} is an earlier score; the chart's last is {known[-1].score}."
                yield NoteFinding("chart_score_earlier", message, Severity.WARNING, (line.id,))


def stated_scores(text: str) -> Iterator[tuple[str, int, bool]]:
    """(measure as printed, score, whether the text says that it is an earlier one)."""
    for name in pattern("measure").finditer(text):
        found = pattern("score").match(text, name.end())
        if found is None:
            continue
        later = pattern("from_to").match(text, found.end())
        before = text[max(name.start() - 25, 0) : found.start(1)]
        yield name[1], int(found[1]), later is not None or bool(pattern("earlier").search(before))
        if later is not None:
            yield name[1], int(later[1]), False


def _of(assessments: tuple[Assessment, ...], measure: str) -> list[Assessment]:
    """Scored ones of this measure, oldest first."""
    same = [a for a in assessments if _plain(a.measure) == _plain(measure) and a.score is not None]
    return sorted(same, key=lambda a: a.administered_at or a.created_at or _EVER)


def _plain(measure: str) -> str:
    return re.sub(r"\W|_", "", measure).lower()
