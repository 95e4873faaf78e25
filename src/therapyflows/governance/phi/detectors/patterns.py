"""Identifiers that are recognized by their shape; the shapes are in ``patterns.yaml``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml

from therapyflows.governance.phi.model import Detection, IdentifierType

_ANY_DIGIT = re.compile(r"\d")
_ANY_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape.  Where the expression has a group ``id`` (or ``id2``), that is the identifier, else the whole match."""

    name: str
    type: IdentifierType
    expression: re.Pattern[str]
    needs: tuple[str, ...] = ()
    """The expression is tried only in a text that holds one of these; ``digit`` and ``month`` stand for any of them."""

    def finds(self, text: str, lowered: str) -> Iterator[Detection]:
        if self.needs and not any(_holds(lowered, need) for need in self.needs):
            return
        groups = [group for group in ("id", "id2") if group in self.expression.groupindex]
        for match in self.expression.finditer(text):
            group: int | str = next((g for g in groups if match.start(g) >= 0), 0)
            yield Detection(match.start(group), match.end(group), self.type)


def _holds(lowered: str, need: str) -> bool:
    if need == "digit":
        return _ANY_DIGIT.search(lowered) is not None
    if need == "month":
        return _ANY_MONTH.search(lowered) is not None
    return need in lowered


class Patterns:
    """The Detector of every shape in ``patterns.yaml``."""

    def __init__(self) -> None:
        self._patterns = load_patterns()

    def detect(self, text: str) -> Iterator[Detection]:
        lowered = text.lower()
        for pattern in self._patterns:
            yield from pattern.finds(text, lowered)


def load_patterns() -> Sequence[Pattern]:
    """Every pattern of ``patterns.yaml``, in its order."""
    data = yaml.safe_load((files(__package__) / "patterns.yaml").read_text("utf-8"))
    shared: dict[str, str] = data["shared"]
    return tuple(
        Pattern(entry["name"], IdentifierType(entry["type"]), _compile(entry["expression"], shared), _needs(entry))
        for entry in data["patterns"]
    )


def _needs(entry: dict[str, str | list[str]]) -> tuple[str, ...]:
    needs = entry.get("needs", [])
    return (needs,) if isinstance(needs, str) else tuple(needs)


def _compile(expression: str, shared: dict[str, str]) -> re.Pattern[str]:
    while (written := _with_pieces(expression, shared)) != expression:
        expression = written
    return re.compile(expression.strip(), re.IGNORECASE | re.VERBOSE)


def _with_pieces(expression: str, shared: dict[str, str]) -> str:
    for name, piece in shared.items():
        expression = expression.replace(f"<{name}>", f"(?:{piece.strip()})")
    return expression
