"""From the measures of all signals to one score: a logistic sum, its weights for anyone to read (``weights.yaml``)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import exp

import yaml

from therapyflows.governance.evidence.finding import Finding


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each measure adds, and from which score on a statement is partly supported or unsupported."""

    bias: float
    measures: Mapping[str, float]
    partly_from: float
    unsupported_from: float


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The weights of ``weights.yaml``, fitted by ``benchmarks/evidence.py --fit``."""
    data = yaml.safe_load((files("therapyflows.governance.evidence") / "weights.yaml").read_text("utf-8"))
    return Weights(data["bias"], data["measures"], data["partly_from"], data["unsupported_from"])


def score(findings: Iterable[Finding]) -> float:
    """The probability, 0..1, that the statement is wrong, at the share of wrong statements it was fitted with."""
    fitted = weights()
    total = fitted.bias + sum(
        fitted.measures.get(name, 0.0) * value for finding in findings for name, value in finding.measures.items()
    )
    return 1 / (1 + exp(-total))
