from collections.abc import Callable
from typing import Any

from therapyflows.integrations.documents.intake.ink import even_light, find_ink


def seen(drawn: Callable[..., Any], layout: str, page: int) -> Any:
    """The ink of a page as a scan shows it."""
    from intake_forms.rendering import DPI, rasterized

    return find_ink(even_light(rasterized(drawn(layout, 61, fillable=False)[2])[page]), DPI / 72)


def test_cells_for_one_letter_are_combs_and_no_boxes_to_tick(drawn: Callable[..., Any]) -> None:
    ink = seen(drawn, "practice_cells", 0)
    assert sorted(round(comb.at.width / comb.pitch) for comb in ink.combs) == [2, 2, 4, 5, 11, 16, 20]
    assert len(ink.marks) == 19
    assert not any(cell.touches(rule.at, -0.5) for cell in ink.cells for rule in ink.rules)


def test_rings_that_touch_are_told_apart(drawn: Callable[..., Any]) -> None:
    assert len(seen(drawn, "practice_questions", 1).rings) == 16
