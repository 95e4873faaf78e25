"""Counts of drafts and decisions, added up by the store."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from therapyflows.core.attention.model import Reviewing
from therapyflows.core.attention.rules import Thresholds
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.operations.model import Day, Waiting


class Figures(Protocol):
    """``of``: user ids of the clinicians whose drafts count; None: everybody's."""

    def by_day(self, *, since: datetime, of: Collection[str] | None, utc_offset: timedelta) -> list[Day]:
        """Days on which something happened, oldest first; ``utc_offset`` says where a day begins."""

    def states(self, *, of: Collection[str] | None) -> Mapping[DraftState, int]:
        """How many drafts there are in each state."""

    def waiting(self, *, of: Collection[str] | None, now: datetime, review_within: timedelta) -> Waiting:
        """Drafts in review; ``review_within`` lies between entering the queue and the deadline."""

    def reviewing(self, *, now: datetime, of: Collection[str] | None, rules: Thresholds) -> list[Reviewing]:
        """How each person reviewed in the period of the rules; ``of``: the people; None: everybody who approved."""

    def failures(self, *, since: datetime, of: Collection[str] | None, limit: int) -> list[DraftRecord]:
        """Drafts that failed or differ from the chart, newest first."""

    def silent(self, *, before: datetime, of: Collection[str] | None, limit: int) -> list[DraftRecord]:
        """Drafts at work that nobody has touched since then, oldest first: their runs may have failed."""
