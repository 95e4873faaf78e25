"""An exercise: an invented session, what a right draft says of it, and the errors that can be put in."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.core.errors import NotFound

Raw = Mapping[str, Any]
"""A part of an exercise's file, in the shape that the head of ``exercises/sleep.yaml`` says."""

ERRORS = 4
"""Lines with an error put in; one line more is invented."""

KINDS: Mapping[str, str] = {
    "negation": "what was denied is asserted, or the other way round",
    "dose": "another dose or number than was said",
    "side": "the other side of the body",
    "date": "another day than was said",
    "unsupported": "nobody said this",
}
"""Kinds of errors, and what each is."""


@dataclass(frozen=True, slots=True)
class Turn:
    number: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class TrainingLine:
    """One line of the training draft, as it is shown and as it should be."""

    key: str
    section: str
    text: str
    said_in: tuple[int, ...] = ()
    """Numbers of the turns that it rests on; empty: none."""
    error: str | None = None
    """Key of :data:`KINDS`; None: the line is right."""
    right_text: str | None = None
    """What it should say; None for a right line, and for one that should not stand."""


@dataclass(frozen=True, slots=True)
class Exercise:
    name: str
    title: str
    turns: tuple[Turn, ...]
    lines: tuple[TrainingLine, ...]

    @property
    def errors(self) -> frozenset[str]:
        return frozenset(line.key for line in self.lines if line.error is not None)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One person at one exercise: counts and times."""

    id: str
    user_id: str
    exercise: str
    seed: int
    """Which errors were put in."""
    begun_at: datetime
    finished_at: datetime | None = None
    marked: tuple[str, ...] = ()
    """Keys of the lines that the person marked as wrong."""
    errors: int = 0
    found: int = 0
    false_alarms: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    errors: int
    found: int
    false_alarms: int


def names() -> tuple[str, ...]:
    return tuple(sorted(_all()))


def next_exercise(done: Collection[str]) -> str:
    """The one that this person has had least often."""
    return min(names(), key=lambda name: (list(done).count(name), name))


def seeded(name: str, seed: int) -> Exercise:
    """The exercise with errors put in: always the same for a seed, and of as many kinds as there are.

    Raises NotFound (``exercise_gone``) for one that an earlier version had.
    """
    if name not in _all():
        raise NotFound("exercise_gone", "This exercise is no longer among those that there are.", exercise=name)
    raw = _all()[name]
    choice = random.Random(seed)  # noqa: S311 - to vary an exercise, not to keep a secret
    wrong = _chosen([i for i, line in enumerate(raw["lines"]) if "wrong" in line], raw, choice)
    lines = [_line(line, with_error=i in wrong) for i, line in enumerate(raw["lines"])]
    invented = choice.choice(raw["invented"])
    at = max(i for i, line in enumerate(lines) if line.section == invented["section"]) + 1
    lines.insert(at, TrainingLine("", invented["section"], invented["text"], error="unsupported"))
    lines = [replace(line, key=f"l{number}") for number, line in enumerate(lines)]  # no key tells which was invented
    turns = tuple(Turn(number, *said) for number, said in enumerate(raw["turns"], start=1))
    return Exercise(name, raw["title"], turns, tuple(lines))


def score(exercise: Exercise, marked: Collection[str]) -> Score:
    found = exercise.errors & set(marked)
    wrongly = {line.key for line in exercise.lines if line.error is None} & set(marked)
    return Score(len(exercise.errors), len(found), len(wrongly))


def _chosen(candidates: list[int], raw: Raw, choice: random.Random) -> set[int]:
    """One of each kind first, then whatever is left."""
    choice.shuffle(candidates)
    kinds = [raw["lines"][i]["wrong"]["kind"] for i in candidates]
    firsts = [i for at, i in enumerate(candidates) if kinds[at] not in kinds[:at]]
    return set([*firsts, *(i for i in candidates if i not in firsts)][:ERRORS])


def _line(raw: Raw, *, with_error: bool) -> TrainingLine:
    section, right = str(raw["section"]), str(raw["text"])
    said_in: tuple[int, ...] = tuple(raw["from"])
    if not with_error:
        return TrainingLine("", section, right, said_in)
    wrong: Mapping[str, str] = raw["wrong"]
    return TrainingLine("", section, wrong["text"], said_in, wrong["kind"], right)


@lru_cache(maxsize=1)
def _all() -> Mapping[str, Raw]:
    folder = files(__package__) / "exercises"
    found = {file.name.removesuffix(".yaml"): file for file in folder.iterdir() if file.name.endswith(".yaml")}
    return {name: yaml.safe_load(file.read_text("utf-8")) for name, file in found.items()}
