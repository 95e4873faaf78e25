"""What of a reviewer's guidance can be followed without a language model: length, note format, forms of line.

The rest is not guessed at: the draft says that it was not followed.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from therapyflows.core.notices import Notice
from therapyflows.core.session_note.templates import template_keys

NOT_FOLLOWED = Notice(
    "guidance_not_followed",
    "Without a language model only length, note format and forms of line can be asked for; your guidance says nothing "
    "of these that was understood.",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was understood."""

    share: float = 1.0
    """Of the usual number of lines."""
    format: str | None = None
    left_out: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        said = ["shorter" if self.share < 1 else "longer"] if self.share != 1.0 else []
        said += [f"as {self.format.upper()}"] if self.format else []
        said += ["without some forms of line"] if self.left_out else []
        return ", ".join(said)


def wish_of(guidance: str) -> Wish:
    """What can be followed by rules; the same words give the same wish."""
    said = " ".join(guidance.split()).lower()
    lengths = {name: _pattern("length", name).search(said) is not None for name in ("shorter", "longer")}
    share = 1.0 if lengths["shorter"] == lengths["longer"] else (0.6 if lengths["shorter"] else 1.5)
    named = [key for key in template_keys() if re.search(rf"\b{re.escape(key)}\b", said)]
    leaves_out = _pattern("leaving", "out").search(said) is not None
    forms = tuple(form for form in _words()["forms"] if _pattern("forms", form).search(said)) if leaves_out else ()
    return Wish(share, named[0] if len(named) == 1 else None, forms)


def notice_of(wish: Wish) -> Notice:
    """What the new draft says about the guidance, when no language model made it."""
    if wish == Wish():
        return NOT_FOLLOWED
    return Notice(
        "guidance_followed", f"Drafted again: {wish.in_words}. Other parts of your guidance need a language model."
    )


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    data: dict[str, dict[str, str]] = yaml.safe_load((files(__package__) / "guidance.yaml").read_text("utf-8"))
    return data


@lru_cache(maxsize=32)
def _pattern(group: str, name: str) -> re.Pattern[str]:
    return re.compile(_words()[group][name], re.IGNORECASE)
