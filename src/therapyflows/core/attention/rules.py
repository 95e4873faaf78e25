"""From counts to warnings, by the thresholds of ``core/rules/attention.yaml``."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files

import yaml

from therapyflows.core.attention.model import Reviewing


@dataclass(frozen=True, slots=True)
class Thresholds:
    in_force: str
    sources: tuple[str, ...]
    caveats: tuple[str, ...]
    period: timedelta
    compared_with: timedelta
    fast_words_per_minute: int
    unread_share: float
    fast_at_least: int
    fast_share: float
    unread_at_least: int
    unread_approvals: float
    edits_at_least: int
    edits_fall_below: float
    edits_by_at_least: float


@dataclass(frozen=True, slots=True)
class Warning:
    """A question to the person and to the practice."""

    code: str
    """``fast``, ``unread``, ``edits``."""
    message: str


@lru_cache(maxsize=1)
def thresholds() -> Thresholds:
    data = yaml.safe_load((files("therapyflows.core.rules") / "attention.yaml").read_text("utf-8"))
    warn = data["warnings"]
    return Thresholds(
        in_force=str(data["in_force"]),
        sources=tuple(data["sources"]),
        caveats=tuple(data["caveats"]),
        period=timedelta(days=data["period_days"]),
        compared_with=timedelta(days=data["compared_with_days"]),
        fast_words_per_minute=data["fast_words_per_minute"],
        unread_share=data["unread_share"],
        fast_at_least=warn["fast"]["at_least"],
        fast_share=warn["fast"]["share"],
        unread_at_least=warn["unread"]["at_least"],
        unread_approvals=warn["unread"]["share"],
        edits_at_least=warn["edits"]["at_least"],
        edits_fall_below=warn["edits"]["falls_below"],
        edits_by_at_least=warn["edits"]["by_at_least"],
    )


def warnings_of(seen: Reviewing, rules: Thresholds) -> tuple[Warning, ...]:
    """What these counts give reason to ask."""
    found = (_fast(seen, rules), _unread(seen, rules), _edits(seen, rules))
    return tuple(warning for warning in found if warning is not None)


def _fast(seen: Reviewing, rules: Thresholds) -> Warning | None:
    share = seen.fast_share
    if share is None or seen.measured < rules.fast_at_least or share < rules.fast_share:
        return None
    speed = rules.fast_words_per_minute
    return Warning(
        "fast", f"{_percent(share)} approved in less time than reading them at {speed} words a minute takes."
    )


def _unread(seen: Reviewing, rules: Thresholds) -> Warning | None:
    share = seen.unread_share
    if share is None or seen.measured < rules.unread_at_least or share < rules.unread_approvals:
        return None
    return Warning("unread", f"{_percent(share)} approved with lines that never stood on the screen.")


def _edits(seen: Reviewing, rules: Thresholds) -> Warning | None:
    now, before = seen.edit_rate, seen.edit_rate_before
    if now is None or before is None or min(seen.counted, seen.counted_before) < rules.edits_at_least:
        return None
    if now >= before * rules.edits_fall_below or before - now < rules.edits_by_at_least:
        return None
    return Warning("edits", f"Edits fell from {_percent(before)} of the approvals to {_percent(now)}.")


def _percent(share: float) -> str:
    return f"{share:.0%}"
