"""Where a style lies: pairs with the client whose content they are, habits and choices with the clinician.

Habits and choices hold nothing of a client and are stored under the owner ``person:<user id>``.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.ports import Contents
from therapyflows.core.style.model import (
    CHOICES,
    LEARNED,
    PAIRS,
    PROFILE,
    Choices,
    Learned,
    PairSet,
    Profile,
    in_force,
)


def owner_of(user_id: str) -> str:
    """Whose key encrypts what belongs to a person of the practice."""
    return f"person:{user_id}"


def pairs_id(draft_id: str) -> str:
    return derived_id("prs", draft_id)


def keep_pairs(contents: Contents, pairs: PairSet, *, retain_until: datetime | None) -> None:
    """Store them with their client and draft; again, they are replaced."""
    contents.put(
        pairs.client_id,
        "style_pairs",
        PAIRS.dump_json(pairs),
        content_id=pairs_id(pairs.draft_id),
        retain_until=retain_until,
        draft_id=pairs.draft_id,
    )


def pairs_by(contents: Contents, author: str, client_ids: Iterable[str]) -> Iterator[PairSet]:
    """What this person made of drafts of these clients, as far as it is still kept."""
    for client_id in sorted(client_ids):
        for item in contents.of_client(client_id):
            if item.kind != "style_pairs" or item.deleted_at is not None:
                continue
            pairs = PAIRS.validate_json(contents.get(item.id))
            if pairs.author == author:
                yield pairs


def learned_of(contents: Contents, user_id: str) -> Learned:
    try:
        return LEARNED.validate_json(contents.get(_id(user_id, "learned")))
    except NotFound:
        return Learned()


def keep_learned(contents: Contents, user_id: str, learned: Learned) -> None:
    contents.put(owner_of(user_id), "style_profile", LEARNED.dump_json(learned), content_id=_id(user_id, "learned"))


def choices_of(contents: Contents, user_id: str) -> Choices:
    try:
        return CHOICES.validate_json(contents.get(_id(user_id, "choices")))
    except NotFound:
        return Choices()


def keep_choices(contents: Contents, user_id: str, choices: Choices) -> None:
    """Store the next version; the versions before it stay.  Raises Conflict (``style_changed``)."""
    if choices_of(contents, user_id).version != choices.version - 1:
        raise Conflict("style_changed", "Your style was changed in another window. Nothing was saved; look again.")
    raw = CHOICES.dump_json(choices)
    for name in (f"choices-{choices.version}", "choices"):
        contents.put(owner_of(user_id), "style_profile", raw, content_id=_id(user_id, name))


def profile_of(contents: Contents, user_id: str) -> Profile:
    """The style in force now.  What a draft was worded in can be read again by its reference."""
    profile = in_force(learned_of(contents, user_id), choices_of(contents, user_id))
    if not profile.is_empty:
        raw = PROFILE.dump_json(profile)
        contents.put(owner_of(user_id), "style_profile", raw, content_id=_id(user_id, profile.reference))
    return profile


def profile_by(contents: Contents, user_id: str, reference: str) -> Profile:
    """The style of this reference.  Raises NotFound."""
    return PROFILE.validate_json(contents.get(_id(user_id, reference)))


def _id(user_id: str, name: str) -> str:
    return derived_id("sty", user_id, name)
