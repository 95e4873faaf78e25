"""Run a suite over a frame with Great Expectations, and keep values out of what comes back."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from therapyflows.data_checks.model import Check, CheckReport, CheckResult, Severity

if TYPE_CHECKING:
    import pandas as pd


@lru_cache(maxsize=8)
def load_suite(name: str) -> tuple[str, tuple[Check, ...]]:
    """The version and the checks of ``suites/<name>.yaml``."""
    data = yaml.safe_load((files("therapyflows.data_checks") / "suites" / f"{name}.yaml").read_text("utf-8"))
    return str(data["effective_from"]), tuple(_check(key, entry) for key, entry in data["checks"].items())


def _check(key: str, entry: dict[str, Any]) -> Check:
    return Check(
        key=key,
        expectation=entry["expect"],
        column=entry.get("column"),
        severity=Severity(entry["severity"]),
        message=entry["message"],
        fields=tuple(entry.get("fields", ())),
        arguments=entry.get("with", {}),
    )


def run_suite(name: str, version: str, checks: Sequence[Check], frame: "pd.DataFrame") -> CheckReport:
    """Every check over the frame, in the order of the suite."""
    validated = validate(_context(), name, checks, frame)
    by_key = {str(result.expectation_config.meta["key"]): result for result in validated.results}
    results = tuple(
        CheckResult(check, bool(by_key[check.key].success), _rows(by_key[check.key].result)) for check in checks
    )
    return CheckReport(name, version, results)


def validate(context: Any, name: str, checks: Sequence[Check], frame: "pd.DataFrame") -> Any:
    """The validation result of Great Expectations; ``result_format`` holds positions and counts, no values."""
    import great_expectations as gx

    suite = gx.ExpectationSuite(name=name, expectations=[_expectation(gx, check) for check in checks])
    batch = context.data_sources.add_or_update_pandas(name).add_dataframe_asset(name)
    definition = gx.ValidationDefinition(
        name=name, data=batch.add_batch_definition_whole_dataframe(name), suite=context.suites.add_or_update(suite)
    )
    return context.validation_definitions.add_or_update(definition).run(
        batch_parameters={"dataframe": frame},
        result_format={"result_format": "COMPLETE", "partial_unexpected_count": 0, "include_unexpected_rows": False},
    )


def _expectation(gx: Any, check: Check) -> Any:
    column = {"column": check.column} if check.column else {}
    kind = getattr(gx.expectations, check.expectation)
    return kind(
        **column,
        **check.arguments,
        severity=check.severity.value,
        description=check.message,
        meta={"key": check.key},
    )


def _rows(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(sorted(int(position) for position in result.get("unexpected_index_list") or ()))


@lru_cache(maxsize=1)
def _context() -> Any:
    return quiet_context()


def quiet_context() -> Any:
    """A context in memory that draws no progress bars."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
