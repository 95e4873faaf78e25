"""The rules, one function each in the modules beside this one, in the order in which their findings are shown.

A rule is a function ``(artifacts) -> findings``; a code of ours begins with ``chart_``.
"""

from collections.abc import Callable, Iterator

from therapyflows.core.consistency import codes, identity, place, plan, scores, times
from therapyflows.core.consistency.model import Artifacts
from therapyflows.governance.evidence.whole.model import NoteFinding

Rule = Callable[[Artifacts], Iterator[NoteFinding]]

RULES: tuple[Rule, ...] = (
    identity.same_session,
    identity.same_date,
    times.same_minutes,
    times.same_times,
    codes.cpt_fits_the_minutes,
    place.same_modality,
    place.place_of_service_fits,
    scores.same_scores,
    plan.goals_exist,
    codes.codes_in_the_text_are_the_notes,
    plan.diagnoses_of_the_plan,
)


def check_consistency(artifacts: Artifacts) -> tuple[NoteFinding, ...]:
    """Every contradiction, in the order of the rules; the same one once."""
    return tuple(dict.fromkeys(finding for rule in RULES for finding in rule(artifacts)))
