"""A prompt: words of ours with places for named fields, and the fields.

The PHI boundary redacts a field as what it is, and lets none leave that the purpose does not need.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import Template

from therapyflows.governance.phi.leaving import Material


@dataclass(frozen=True, slots=True)
class PromptField:
    """One piece of data in a prompt."""

    name: str
    """What it is, as ``governance/phi/minimum_necessary.yaml`` calls it."""
    text: str = field(repr=False)
    slot: str = ""
    """Where it stands, ``$slot`` in the words; fields of one place stand one below the other.  The name when empty."""
    material: Material = Material.ORDINARY

    @property
    def place(self) -> str:
        return self.slot or self.name


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked.  ``redacted`` is set by the PHI boundary alone."""

    id: str
    version: str
    system_words: str
    """Ours; ``$name`` stands for the fields of that place, ``$$`` for a dollar sign."""
    user_words: str
    purpose: str
    redacted: bool = False
    max_output_tokens: int = 1500
    fields: tuple[PromptField, ...] = ()

    @property
    def system(self) -> str:
        """The instructions as the model gets them."""
        return _filled(self.system_words, self.fields)

    @property
    def user(self) -> str:
        """The rest as the model gets it."""
        return _filled(self.user_words, self.fields)


def in_words(text: str) -> str:
    """A text of ours as it stands in words with places: nothing in it is one."""
    return text.replace("$", "$$")


def _filled(words: str, fields: Iterable[PromptField]) -> str:
    placed: defaultdict[str, list[str]] = defaultdict(list)
    for one in fields:
        placed[one.place].append(one.text)
    return Template(words).substitute({place: "\n".join(texts) for place, texts in placed.items()})
