"""What a suite expects, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    CRITICAL = "critical"
    """Nothing is posted until a person has settled it."""
    WARNING = "warning"
    """A person should look; posting goes on."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a suite."""

    key: str
    expectation: str
    """Class name in ``great_expectations.expectations``."""
    column: str | None
    severity: Severity
    message: str
    """What is wrong and what to do, in words without values."""
    fields: tuple[str, ...]
    """Fields of the form that a reviewer looks at, e.g. ``demographics.birth_date``."""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckResult:
    check: Check
    passed: bool
    rows: tuple[int, ...] = ()
    """Positions in the frame that fail, from 0; empty where the check is about the whole."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    suite: str
    version: str
    """``effective_from`` of the suite."""
    results: tuple[CheckResult, ...]

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        return tuple(result for result in self.results if not result.passed)

    @property
    def blocks(self) -> bool:
        """Whether a critical expectation failed."""
        return any(result.check.severity is Severity.CRITICAL for result in self.failed)
