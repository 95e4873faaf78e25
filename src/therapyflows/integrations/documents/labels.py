"""From the names in an uploaded transcript to roles."""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import yaml

from therapyflows.core.notices import Notice
from therapyflows.core.session_note.speakers import ROLES_UNCERTAIN, assign_roles
from therapyflows.governance.evidence.model import Speaker
from therapyflows.integrations.documents.turn import RawTurn


def known_role(label: str) -> Speaker | None:
    """The role that a label states by itself; None for a name such as "Speaker 1"."""
    plain = _plain(label)
    for role in (Speaker.THERAPIST, Speaker.CLIENT, Speaker.UNKNOWN):
        if plain in _table()[role.value]:
            return role
    words = re.findall(r"[^\W\d_]+", plain)
    if not words:
        return None
    if any(word in _table()["companions"] for word in words):  # "Patient's mother"
        return None
    for role in (Speaker.THERAPIST, Speaker.CLIENT):  # "Therapist 1", "Client A", "CLIENT (Jo)"
        if len(words[0]) > 1 and words[0] in _table()[role.value]:
            return role
    titled = len(words) > 1 and (words[0] in _table()["titles"] or any(w in _table()["credentials"] for w in words[1:]))
    return Speaker.THERAPIST if titled else None


def roles_of(turns: Sequence[RawTurn]) -> tuple[dict[str, Speaker], tuple[Notice, ...]]:
    """The role of every label.  Labels that say nothing are decided by the others, then by what is said."""
    labels = list(dict.fromkeys(turn.label for turn in turns if turn.label))
    roles = {label: role for label in labels if (role := known_role(label)) is not None}
    open_labels = [label for label in labels if label not in roles]
    if Speaker.CLIENT in roles.values():
        companions = [label for label in open_labels if is_companion(label)]
        roles |= dict.fromkeys(companions, Speaker.UNKNOWN)
        open_labels = [label for label in open_labels if label not in companions]
    if not open_labels:
        return roles, ()
    if Speaker.THERAPIST in roles.values():
        return roles | dict.fromkeys(open_labels, Speaker.CLIENT), ()
    if Speaker.CLIENT in roles.values() and len(open_labels) == 1:
        return roles | {open_labels[0]: Speaker.THERAPIST}, ()
    if Speaker.CLIENT in roles.values() or len(open_labels) == 1:
        return roles | dict.fromkeys(open_labels, Speaker.UNKNOWN), (ROLES_UNCERTAIN,)
    texts = [[turn.text for turn in turns if turn.label == label] for label in open_labels]
    guess = assign_roles(texts)
    return roles | dict(zip(open_labels, guess.speakers, strict=True)), () if guess.certain else (ROLES_UNCERTAIN,)


def is_companion(label: str) -> bool:
    """Whether the label names somebody who came along, such as "Guest" or "Patient's mother"."""
    words = re.findall(r"[^\W\d_]+", _plain(label))
    return any(word in _table()["companions"] for word in words)


def _plain(label: str) -> str:
    return " ".join(label.lower().split()).rstrip(".")


@lru_cache(maxsize=1)
def _table() -> dict[str, frozenset[str]]:
    text = (files(__package__) / "speaker_labels.yaml").read_text("utf-8")
    return {key: frozenset(str(value) for value in values) for key, values in yaml.safe_load(text).items()}
