"""Prompts as versioned data files: wording and style of a model's work, kept apart from code.

A changed file gets a new version: drafts and the audit trail name the version that they were written with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from string import Template as Text

import yaml

from therapyflows.core.ports import Prompt


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One file of this folder.  ``$name`` in ``system`` and ``user`` is filled in by ``render``."""

    id: str
    version: str
    purpose: str
    max_output_tokens: int
    style: tuple[str, ...]
    system: str
    user: str

    @property
    def reference(self) -> str:
        """``session_note@2``: what a draft remembers."""
        return f"{self.id}@{self.version}"

    def render(self, values: Mapping[str, str], *, max_output_tokens: int) -> Prompt:
        """The prompt with every ``$name`` filled in.  Raises KeyError when one is missing."""
        filled = {**values, "style": "\n".join(f"- {line}" for line in self.style)}
        return Prompt(
            id=self.id,
            version=self.version,
            system=Text(self.system).substitute(filled).strip(),
            user=Text(self.user).substitute(filled).strip(),
            purpose=self.purpose,
            max_output_tokens=max_output_tokens,
        )


@lru_cache(maxsize=16)
def load_prompt(name: str) -> PromptFile:
    """The prompt in ``<name>.yaml``."""
    data = yaml.safe_load((files(__package__) / f"{name}.yaml").read_text("utf-8"))
    return PromptFile(
        id=data["id"],
        version=str(data["version"]),
        purpose=data["purpose"],
        max_output_tokens=data["max_output_tokens"],
        style=tuple(data["style"]),
        system=data["system"],
        user=data["user"],
    )
