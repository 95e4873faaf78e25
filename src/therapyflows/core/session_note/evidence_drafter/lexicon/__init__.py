"""Word lists of the evidence drafter, read once from the YAML files beside this module."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml


@lru_cache(maxsize=16)
def load(name: str) -> dict[str, Any]:
    """The data of ``<name>.yaml``."""
    data = yaml.safe_load((files(__package__) / f"{name}.yaml").read_text("utf-8"))
    return dict(data)


def word_set(name: str, key: str) -> frozenset[str]:
    """A list of words, written as one string with spaces, as a set."""
    return frozenset(str(load(name)[key]).split())


def words_of(text: str) -> frozenset[str]:
    """A short list of words that belongs beside the code using it."""
    return frozenset(text.split())


BACKCHANNELS = word_set("speech", "backchannels")
FILLERS = word_set("speech", "fillers")
MARKERS = word_set("speech", "markers")
DANGLING = word_set("speech", "dangling")
MODALS = word_set("speech", "modals")
ADVERBS = word_set("speech", "adverbs")
IRREGULAR_PASTS = word_set("speech", "irregular_pasts")
AMBIGUOUS_PASTS = word_set("speech", "ambiguous_pasts")
BASE_VERBS = word_set("speech", "base_verbs")
SUBJECTS = word_set("speech", "subjects")
SUBORDINATORS = word_set("speech", "subordinators")
AGREEMENTS = word_set("speech", "agreements")
PROFANITY = word_set("speech", "profanity")
"""Quoted as the client's words, never retold as the clinician's."""
