"""The generator of the benchmark draws the forms that these tests read."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[4] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.insert(0, str(BENCHMARKS))

Drawn = tuple[Any, Any, bytes]


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Drawn]:
    """The sheet (with what it asks), the person and the PDF of a form in that layout."""
    from intake_forms.canvas import Sheet
    from intake_forms.people import make_person

    def draw(layout: str, seed: int, *, fillable: bool) -> Drawn:
        person = make_person(seed)
        sheet = Sheet(fillable=fillable, clear_names=seed % 2 == 0)
        importlib.import_module(f"intake_forms.layouts.{layout}").draw(sheet, person)
        return sheet, person, sheet.content()

    return draw
