"""The measures that are known, read from ``core/rules/measures``."""

import re
from functools import lru_cache
from importlib.resources import files

import yaml

from therapyflows.core.errors import NotFound
from therapyflows.core.measures.model import Measure


@lru_cache(maxsize=1)
def measures() -> dict[str, Measure]:
    """All measures by key, in alphabetical order."""
    found = [
        Measure.model_validate(yaml.safe_load(entry.read_text("utf-8")))
        for entry in files("therapyflows.core.rules.measures").iterdir()
        if entry.name.endswith(".yaml")
    ]
    return {measure.key: measure for measure in sorted(found, key=lambda measure: measure.key)}


def measure_named(name: str) -> Measure:
    """The measure of that name, however it is written (``PHQ-9``, ``phq9``).  Raises NotFound."""
    asked = re.sub(r"[^a-z0-9]", "", name.lower())
    for measure in measures().values():
        if asked == measure.key or asked in measure.aliases:
            return measure
    raise NotFound("measure_unknown", f"there is no such measure; known are {', '.join(measures())}")
