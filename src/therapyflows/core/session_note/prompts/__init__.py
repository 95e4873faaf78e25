"""Prompts as versioned data files: wording and style of a model's work, kept apart from code.

A changed file gets a new version: drafts and the audit trail name the version that they were written with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from string import Template as Text

import yaml

from therapyflows.core.prompt import Prompt, PromptField, in_words

DATA_PLACES = ("source", "background", "statements", "guidance")
"""Where fields may stand.  Everything else is filled with words of ours."""
NOTHING = "(nothing)"
"""What stands in a place without fields."""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One file of this folder.  ``$name`` in ``system`` and ``user`` is filled in by ``render``, data last of all."""

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

    def render(
        self, values: Mapping[str, str], *, max_output_tokens: int, fields: Iterable[PromptField] = ()
    ) -> Prompt:
        """The prompt: ``values`` are words of ours, ``fields`` data; a field without a place here is left out.

        ``habits`` among the values are lines about the clinician's style, below the file's own.

        Raises KeyError when a ``$name`` is neither.
        """
        placed = tuple(field for field in fields if field.place in self._names)
        lines = "\n".join(filter(None, (self._style_lines, values.get("habits", ""))))
        ours = {name: in_words(text) for name, text in {**values, "style": lines}.items()}
        places = {name: f"${name}" if any(f.place == name for f in placed) else NOTHING for name in DATA_PLACES}
        return Prompt(
            id=self.id,
            version=self.version,
            system_words=Text(self.system).substitute({**places, **ours}).strip(),
            user_words=Text(self.user).substitute({**places, **ours}).strip(),
            purpose=self.purpose,
            max_output_tokens=max_output_tokens,
            fields=placed,
        )

    @property
    def _names(self) -> set[str]:
        return {*Text(self.system).get_identifiers(), *Text(self.user).get_identifiers()}

    @property
    def _style_lines(self) -> str:
        return "\n".join(f"- {line}" for line in self.style)


@lru_cache(maxsize=16)
def load_prompt(name: str, folder: str = __name__) -> PromptFile:
    """The prompt in ``<name>.yaml``; ``folder`` is the package that holds the prompts of another use case."""
    data = yaml.safe_load((files(folder) / f"{name}.yaml").read_text("utf-8"))
    return PromptFile(
        id=data["id"],
        version=str(data["version"]),
        purpose=data["purpose"],
        max_output_tokens=data["max_output_tokens"],
        style=tuple(data["style"]),
        system=data["system"],
        user=data["user"],
    )
