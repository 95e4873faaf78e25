"""What changed since the last time."""

from therapyflows.core.errors import Invalid
from therapyflows.core.measures.model import Change, ChangeRule, Measure


def change_since(measure: Measure, previous: int, total: int, rule: ChangeRule | None = None) -> Change | None:
    """Compare two totals by the measure's rule, or by the practice's own.

    None for a measure that has no accepted rule.  Raises Invalid (``total_out_of_range``).
    """
    for value in (previous, total):
        if not measure.total or not 0 <= value <= measure.highest:
            raise Invalid("total_out_of_range", _range_message(measure))
    used = rule or measure.change
    if used is None:
        return None
    gain = previous - total if used.better == "lower" else total - previous
    return Change(
        previous=previous,
        difference=total - previous,
        direction="improved" if gain > 0 else "worsened" if gain < 0 else "same",
        reliable=abs(gain) >= used.reliable,
        meaningful=abs(gain) >= used.meaningful,
        response=_response(used, previous, total),
        remission=None if used.remission_below is None else total < used.remission_below,
    )


def _range_message(measure: Measure) -> str:
    if not measure.total:
        return f"{measure.title} has no total to compare"
    return f"a total of {measure.title} is a whole number from 0 to {measure.highest}"


def _response(rule: ChangeRule, previous: int, total: int) -> bool | None:
    """Whether the total fell by the asked share; None where nothing could fall."""
    if rule.response_percent is None or previous == 0:
        return None
    return (previous - total) * 100 >= rule.response_percent * previous
