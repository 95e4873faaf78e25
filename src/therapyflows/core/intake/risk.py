"""What on an intake form must be seen at once: structured answers, unanswered ones, and words of risk in free text.

Written for recall: an answer that cannot be read, or an item 9 that only the stated total gives away, is shown and
never taken for "no".  C-SSRS, PHQ-9 item 9, the duty to protect and the duty to report are the reasons for what is
listed.
"""

from collections.abc import Iterator
from datetime import date

from therapyflows.core.intake.draft import RiskFlag, RiskLevel
from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import IntakeForm
from therapyflows.core.intake.risk_text import RiskCategory, Standing, risk_mentions
from therapyflows.core.people import age_on

ITEM_9 = "phq9.items.8"
_ADULT = 18
_URGENT_YES = ("suicidal_thoughts", "suicide_plan", "suicide_attempt", "self_harm", "harm_to_others", "abuse")
_FREE_TEXT = ("presenting.", "history.", "risk.details")
_SHOWN = frozenset({Standing.CURRENT, Standing.PAST})
"""Standings that a reviewer sees; what is denied, hypothetical or a figure of speech stands on the form anyway."""


def risk_flags(form: IntakeForm, today: date) -> tuple[RiskFlag, ...]:
    """Every flag, urgent ones first, each once."""
    found = dict.fromkeys((*_item_9(form), *_answers(form), *_texts(form)))
    flags = [*found, *_minor(form, today, found)]
    return tuple(sorted(flags, key=lambda flag: flag.level is not RiskLevel.URGENT))


def is_urgent(flags: tuple[RiskFlag, ...]) -> bool:
    return any(flag.level is RiskLevel.URGENT for flag in flags)


def _item_9(form: IntakeForm) -> Iterator[RiskFlag]:
    measure = form.phq9
    item = measure.items[8]
    if item.value is not None and item.value > 0:
        yield RiskFlag("phq9_item9", RiskLevel.URGENT, ITEM_9)
    elif item.unreadable:
        yield RiskFlag("phq9_item9_unreadable", RiskLevel.URGENT, ITEM_9)
    elif item.value is None and measure.present:
        others = [other.value for other in measure.items[:8]]
        stated = measure.stated_total.value
        known = [value for value in others if value is not None]
        if stated is not None and len(known) == len(others) and stated > sum(known):
            yield RiskFlag("phq9_item9_implied_by_total", RiskLevel.URGENT, ITEM_9)
        else:
            yield RiskFlag("phq9_item9_unanswered", RiskLevel.ATTENTION, ITEM_9)


def _answers(form: IntakeForm) -> Iterator[RiskFlag]:
    answers = form.risk
    for name in _URGENT_YES:
        answer = getattr(answers, name)
        if answer.value is True:
            yield RiskFlag(f"answer_{name}", RiskLevel.URGENT, f"risk.{name}")
        elif answer.unreadable:
            yield RiskFlag(f"answer_{name}_unreadable", RiskLevel.URGENT, f"risk.{name}")
    if answers.safe_at_home.value is False:
        yield RiskFlag("answer_not_safe_at_home", RiskLevel.URGENT, "risk.safe_at_home")
    if answers.weapons_access.value is True:
        yield RiskFlag("answer_weapons_access", RiskLevel.ATTENTION, "risk.weapons_access")


def _texts(form: IntakeForm) -> Iterator[RiskFlag]:
    for path, found in walk(form):
        if not path.startswith(_FREE_TEXT) or not isinstance(found.value, str):
            continue
        for mention in risk_mentions(found.value):
            if mention.standing in _SHOWN:
                # What runs in the family is somebody else's, however it is worded.
                current = mention.standing is Standing.CURRENT and path != "history.family"
                level = RiskLevel.URGENT if current else RiskLevel.ATTENTION
                yield RiskFlag(f"text_{mention.category}", level, path)


def _minor(form: IntakeForm, today: date, found: dict[RiskFlag, None]) -> Iterator[RiskFlag]:
    """Abuse of a minor has to be reported (state law): said in a flag of its own."""
    born = form.demographics.birth_date.value
    if born is None:
        return
    abuse = ("answer_abuse", f"text_{RiskCategory.ABUSE}", "answer_not_safe_at_home")
    if age_on(born, today) < _ADULT and any(flag.code in abuse for flag in found):
        yield RiskFlag("abuse_of_a_minor", RiskLevel.URGENT, "demographics.birth_date")
