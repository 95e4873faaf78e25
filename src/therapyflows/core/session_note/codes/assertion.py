"""Whether words are asserted of the client: not denied, not supposed, not about somebody else."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.core.session_note.evidence_drafter.clauses import Clause
from therapyflows.governance.evidence.model import Speaker

REACH = 7
"""Words before the phrase in which a negation denies it."""
_SELF = re.compile(r"\b(?:i|i'm|i've|i'd|me|my|myself)\b")
_ADDRESSED = re.compile(r"\b(?:you|you're|you've|your)\b")
_THE_CLIENT = re.compile(r"\b(?:client|patient|pt|ct|he|she|they|their|his|her)\b")


@lru_cache(maxsize=1)
def phrase_rules() -> dict[str, Any]:
    """``core/rules/icd10_phrases.yaml``."""
    data = yaml.safe_load((files("therapyflows.core.rules") / "icd10_phrases.yaml").read_text("utf-8"))
    return dict(data)


@lru_cache(maxsize=8)
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{phrase_rules()[key]})(?!\w)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase at some words of a clause."""

    clause: Clause
    text: str
    """The clause's words joined by single spaces."""
    start: int
    end: int

    @property
    def before(self) -> str:
        return self.text[: self.start]


def is_asserted(mention: Mention, *, dictated: bool) -> bool:
    """Whether the words say it of the client, as a fact.

    The client must speak of themselves (or name the thing without any other person); the therapist must say it to
    the client
    and not ask; in dictation it must be said of the client.
    """
    near = " ".join(mention.before.split()[-REACH:])
    if (
        mention.clause.is_question
        or _pattern("negated_before").search(near)
        or _pattern("hypothetical").search(mention.text)
    ):
        return False
    if dictated:
        return not _pattern("relatives").search(_THE_CLIENT.sub(" ", mention.before))
    if mention.clause.speaker is Speaker.CLIENT:
        return bool(_SELF.search(mention.text)) and not _pattern("relatives").search(
            _without_own(mention.text, mention)
        )
    return mention.clause.speaker is Speaker.THERAPIST and _is_told_to_client(mention)


_SOMEBODY_ELSE = re.compile(
    r"\b(?:people|someone|some (?:people|clients)|clients|patients|he|she|they)\b"
    r"|\bi(?:'ve|'m|'d)? (?:\w+ )?(?:had|have|was|am|been|suffer\w*|struggl\w*|myself)\b"
)


def _is_told_to_client(mention: Mention) -> bool:
    """The therapist says it to the client ("you've been having ..."), not of others or of themselves."""
    return bool(_ADDRESSED.search(mention.text)) and not _SOMEBODY_ELSE.search(mention.text)


def _without_own(text: str, mention: Mention) -> str:
    """The words before the phrase; a relative named inside the phrase ("my mother died") is meant."""
    return text[: mention.start]
