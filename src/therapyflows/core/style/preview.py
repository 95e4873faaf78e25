"""An invented draft in a style, for the clinician to look at before the next session."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from therapyflows.core.style.model import Profile
from therapyflows.core.style.terms import form_of
from therapyflows.core.style.wording import reworded


@dataclass(frozen=True, slots=True)
class Preview:
    drafted: str
    shown: str
    left_out: bool

    @property
    def changed(self) -> bool:
        return self.left_out or self.shown != self.drafted


def preview_of(profile: Profile) -> tuple[Preview, ...]:
    """The lines of ``preview.yaml`` as they would be drafted."""
    return tuple(
        Preview(line, reworded(line, profile.wordings), form_of(line) in profile.left_out) for line in _lines()
    )


@lru_cache(maxsize=1)
def _lines() -> tuple[str, ...]:
    data = yaml.safe_load((files(__package__) / "preview.yaml").read_text("utf-8"))
    return tuple(data["lines"])
