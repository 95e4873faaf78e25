"""What somebody is to the client, in the words of charts and of people, as the label of a token."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import yaml


def relationship_label(said: str) -> str | None:
    """``MOTHER`` for "Mother", "mom" or "Mom (emergency contact)"; None for words that name no relationship."""
    words = re.findall(r"[^\W_]+", said.casefold())
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            if label := relationship_words().get(" ".join(words[start : start + length])):
                return label
    return None


@lru_cache(maxsize=1)
def relationship_words() -> Mapping[str, str]:
    """Label by word, all of ``relationships.yaml``."""
    data: dict[str, list[str]] = yaml.safe_load((files(__package__) / "relationships.yaml").read_text("utf-8"))
    return {word: label for label, words in data.items() for word in words}
