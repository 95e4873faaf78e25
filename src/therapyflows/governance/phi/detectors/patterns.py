"""Identifiers that are recognized by their shape; the shapes are in ``patterns.yaml``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml

from therapyflows.governance.phi.model import Detection, IdentifierType


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape.  Where the expression has a group ``id``, that group is the identifier, else the whole match."""

    name: str
    type: IdentifierType
    expression: re.Pattern[str]

    def detect(self, text: str) -> Iterator[Detection]:
        group = "id" if "id" in self.expression.groupindex else 0
        for match in self.expression.finditer(text):
            yield Detection(match.start(group), match.end(group), self.type)


def load_patterns() -> Sequence[Pattern]:
    """Every pattern of ``patterns.yaml``, in its order."""
    data = yaml.safe_load((files(__package__) / "patterns.yaml").read_text("utf-8"))
    shared: dict[str, str] = data["shared"]
    return tuple(
        Pattern(entry["name"], IdentifierType(entry["type"]), _compile(entry["expression"], shared))
        for entry in data["patterns"]
    )


def _compile(expression: str, shared: dict[str, str]) -> re.Pattern[str]:
    for name, piece in shared.items():
        expression = expression.replace(f"<{name}>", f"(?:{piece.strip()})")
    return re.compile(expression.strip(), re.IGNORECASE | re.VERBOSE)
