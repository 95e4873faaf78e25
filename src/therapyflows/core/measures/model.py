"""Values of a measure: its rules as the data file states them, and the result of scoring one set of answers."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from therapyflows.core.notices import Notice


class Rules(BaseModel):
    """Base of what a data file in ``core/rules/measures`` states; an unknown name in it is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Scale(Rules):
    min: int
    max: int
    labels: tuple[str, ...] = ()


class Unscored(Rules):
    """A question after the items that does not count into the total."""

    name: str
    min: int
    max: int


class BandRule(Rules):
    name: str
    from_: int
    to: int

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_"))


class RiskRule(Rules):
    name: str
    any_of: tuple[int, ...]


class AnswerRule(Rules):
    """An answer that must be seen."""

    position: int
    at_least: int
    code: str
    message: str


class TotalRule(Rules):
    at_least: int
    code: str
    message: str


class Condition(Rules):
    """``need`` of ``items`` answered with ``at_least`` or more; ``lower`` has other answers for single items."""

    items: tuple[int, ...]
    at_least: int
    need: int
    lower: dict[int, int] = {}


class Pattern(Rules):
    code: str
    message: str
    conditions: tuple[Condition, ...]


class Missing(Rules):
    most: int


class Skip(Rules):
    """With this answer the instrument leaves out the other items, which then count zero."""

    item: int
    equals: int
    items: tuple[int, ...]


class ChangeRule(Rules):
    """What a difference between two totals means, in points.  A practice may use its own."""

    better: Literal["lower", "higher"] = "lower"
    reliable: int
    """More than the measure's own error."""
    meaningful: int
    """The smallest difference that clients notice (MCID)."""
    response_percent: int | None = None
    remission_below: int | None = None


class Rights(Rules):
    reproduce: bool
    """Whether the item texts may be shown, and hence are in the data file."""
    statement: str


class Measure(Rules):
    """One instrument.  Items are counted from 1; ``unscored`` positions follow them."""

    key: str
    title: str
    aliases: tuple[str, ...]
    checked: date
    source: str
    version: str | None = None
    loinc: dict[str, str] = {}
    period: str
    scale: Scale
    yes_no: bool = False
    items: int
    least: int | None = None
    """How many answers must be given, where the last items are asked only of some."""
    total: bool = True
    multiply: int = 1
    reversed: tuple[int, ...] = ()
    unscored: tuple[Unscored, ...] = ()
    bands: tuple[BandRule, ...] = ()
    bands_by_sex: dict[Literal["male", "female"], tuple[BandRule, ...]] = {}
    risk: tuple[RiskRule, ...] = ()
    asked_if: dict[int, int] = {}
    skip: Skip | None = None
    missing: Missing = Missing(most=0)
    critical: tuple[AnswerRule, ...] = ()
    item_flags: tuple[AnswerRule, ...] = ()
    flags: tuple[TotalRule, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    subscales: dict[str, tuple[int, ...]] = {}
    change: ChangeRule | None = None
    rights: Rights
    stem: str | None = None
    texts: tuple[str, ...] = ()

    @property
    def highest(self) -> int:
        """The highest possible total."""
        return self.items * self.scale.max * self.multiply


Sex = Literal["male", "female"]
Answers = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Critical:
    """A critical answer: the responsible clinician must see it at once."""

    position: int
    answer: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Score:
    measure: str
    answers: Answers
    """The items, then the unscored positions that were given; None is unanswered."""
    answered: int
    """How many of the items."""
    total: int | None
    """None when too many answers are missing, and for a measure without a total."""
    prorated: bool
    band: str | None
    critical: tuple[Critical, ...] = ()
    findings: tuple[Notice, ...] = ()
    """What the answers show beyond the band: cut-offs, diagnostic patterns."""
    warnings: tuple[Notice, ...] = ()
    """What is missing or contradictory in the answers."""
    subscales: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """The difference to the total before: ``difference`` in points, now minus before."""

    previous: int
    difference: int
    direction: Literal["improved", "worsened", "same"]
    reliable: bool
    meaningful: bool
    response: bool | None
    remission: bool | None
