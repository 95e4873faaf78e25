"""What a snippet is, and how its placeholders are filled.  Raises Invalid for a name or a text that cannot be one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from therapyflows.core.errors import Invalid

PRACTICE_OWNER = "practice"
"""Whose key locks the practice's snippets; a person's own lie under ``person:<user id>``."""
MAX_TEXT = 4000
MAX_SNIPPETS = 200
PLACEHOLDERS = ("client", "date")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Snippet:
    name: str
    """What is typed after the slash."""
    text: str
    """May hold ``{client}`` and ``{date}``."""
    saved_by: str = ""


SNIPPET = TypeAdapter(Snippet)


def new_snippet(name: str, text: str, *, by: str) -> Snippet:
    name, text = name.strip().lstrip("/").lower(), text.strip()
    if not _NAME.fullmatch(name):
        raise Invalid("snippet_name", "A name has small letters, digits and hyphens, at most 40, like “sleep-plan”.")
    if not text or len(text) > MAX_TEXT:
        raise Invalid("snippet_text", "A snippet needs between 1 and 4000 characters.")
    unknown = sorted(set(_PLACEHOLDER.findall(text)) - set(PLACEHOLDERS))
    if unknown:
        raise Invalid("snippet_placeholder", "Only {client} and {date} are filled in.", count=len(unknown))
    return Snippet(name, text, by)


def filled(snippet: Snippet, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in; what a value holds is never looked at again."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), snippet.text)


def person_owner(user_id: str) -> str:
    return f"person:{user_id}"
