"""Where snippets lie: one encrypted content each, under a key of their owner."""

from collections.abc import Iterable

from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import Contents
from therapyflows.core.snippets.model import MAX_SNIPPETS, PRACTICE_OWNER, SNIPPET, Snippet, person_owner


def snippets_of(contents: Contents, owner: str) -> list[Snippet]:
    """By name."""
    return sorted(_read(contents, owner), key=lambda snippet: snippet.name)


def for_person(contents: Contents, user_id: str) -> list[Snippet]:
    """What this person can insert: their own, and those of the practice whose name they have not taken."""
    practice = {snippet.name: snippet for snippet in snippets_of(contents, PRACTICE_OWNER)}
    own = {snippet.name: snippet for snippet in snippets_of(contents, person_owner(user_id))}
    return [snippet for _, snippet in sorted((practice | own).items())]


def keep(contents: Contents, owner: str, snippet: Snippet) -> None:
    """Save it, in place of one with the same name.  Raises Invalid when there are too many."""
    taken = {other.name for other in _read(contents, owner)}
    if snippet.name not in taken and len(taken) >= MAX_SNIPPETS:
        raise Invalid("too_many_snippets", "There are 200 snippets already; remove one first.")
    contents.put(owner, "snippet", SNIPPET.dump_json(snippet), content_id=_id(owner, snippet.name))


def remove(contents: Contents, owner: str, name: str) -> None:
    """Delete it; one that is not there is no error.  It is about no client, so no proof is kept."""
    content_id = _id(owner, name)
    if contents.delete(content_id) is not None:
        contents.deletion_recorded(content_id)


def _read(contents: Contents, owner: str) -> Iterable[Snippet]:
    for item in contents.of_client(owner):
        if item.kind != "snippet" or item.deleted_at is not None:
            continue
        try:
            yield SNIPPET.validate_json(contents.get(item.id))
        except NotFound:
            continue  # removed this moment


def _id(owner: str, name: str) -> str:
    return derived_id("cnt", "snippet", owner, name)
