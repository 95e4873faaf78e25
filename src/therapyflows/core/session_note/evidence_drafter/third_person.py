"""Turn what somebody said about themselves into the third person.

``retell`` answers None whenever the result might be wrong or ambiguous; the caller then quotes instead.  A quotation
in a
grammatical frame is better than a mangled paraphrase.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from therapyflows.core.session_note.evidence_drafter.inflect import is_past_participle, third_singular
from therapyflows.core.session_note.evidence_drafter.lexicon import ADVERBS, MODALS, PROFANITY, words_of
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token


@dataclass(frozen=True, slots=True)
class Pronouns:
    """How the note speaks of the client."""

    subject: str
    object: str
    possessive: str
    own: str
    reflexive: str
    singular: bool
    """Takes "is" and "drinks": she and he, not they."""


THEY = Pronouns("they", "them", "their", "theirs", "themselves", singular=False)
SHE = Pronouns("she", "her", "her", "hers", "herself", singular=True)
HE = Pronouns("he", "him", "his", "his", "himself", singular=True)
_OTHERS = {
    "they": words_of("they them their theirs themselves they're they've they'll they'd"),
    "she": words_of("she her hers herself she's she'll she'd"),
    "he": words_of("he him his himself he's he'll he'd"),
}


def pronouns_of(stated: str | None) -> Pronouns:
    """From the chart's field, e.g. ``she/her``; they/them when it says nothing that we know."""
    first = re.split(r"[/,\s]", (stated or "").strip().lower())[0]
    return {"she": SHE, "he": HE}.get(first, THEY)


_UNSAFE = words_of(
    "you your yours yourself you're you've you'll you'd ya y'all we us our ours ourselves we're we've we'll we'd "
    "ain't let's lemme gimme dunno here"
)
_SPOKEN = {
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "have to",
    "'cause": "because",
    "cause": "because",
    "cuz": "because",
    "'cuz": "because",
    "til": "until",
}
_EXPANDED = {
    "don't": "do not", "doesn't": "does not", "didn't": "did not", "can't": "cannot", "couldn't": "could not",
    "won't": "will not", "wouldn't": "would not", "shouldn't": "should not", "isn't": "is not", "aren't": "are not",
    "wasn't": "was not", "weren't": "were not", "haven't": "have not", "hasn't": "has not", "hadn't": "had not",
    "mustn't": "must not", "mightn't": "might not",
}  # fmt: skip
_LOOK_PAST = 3
"""Adverbs that may stand between "I" and its verb."""


def retell(tokens: Sequence[Token], pronouns: Pronouns, *, me: str = "i") -> str | None:
    """The words in the third person, or None when that is not safe.

    ``me`` is who is turned into the client: ``i`` for the client's own words, ``you`` for the therapist's words to
    them.
    """
    words = [token for token in tokens if token.kind in (Kind.WORD, Kind.COMMA)]
    norms = [token.norm for token in words]
    if not _is_safe(norms, pronouns, me):
        return None
    told: list[str] = []
    expecting: list[str] = []
    for index, token in enumerate(words):
        if token.kind is Kind.COMMA:
            told.append(",")
            continue
        piece = _piece(norms, index, token.text, pronouns, me, expecting)
        if piece is None:
            return None
        if piece:
            told.append(piece)
    return re.sub(r"\s+,", ",", " ".join(told)).strip(" ,")


def _is_safe(norms: Sequence[str], pronouns: Pronouns, me: str) -> bool:
    """No "you", no "we", and nobody else who goes by the client's pronoun."""
    others = _OTHERS["they" if pronouns is THEY else "she" if pronouns is SHE else "he"]
    unsafe = _UNSAFE if me == "i" else words_of("i me my mine i'm i've i'd i'll we us our we're we've let's")
    return not any(norm in unsafe or norm in others or norm in PROFANITY for norm in norms)


def _forms(me: str) -> dict[str, str]:
    """Spoken form -> role.  ``you`` is subject and object alike; which one is seen from what stands before it."""
    if me == "i":
        return {"i": "subject", "me": "object", "my": "possessive", "mine": "own", "myself": "reflexive",
                "i'm": "be", "im": "be", "i've": "have", "i'll": "will", "i'd": "would"}  # fmt: skip
    return {"you": "you", "your": "possessive", "yours": "own", "yourself": "reflexive",
            "you're": "be", "you've": "have", "you'll": "will", "you'd": "would"}  # fmt: skip


_HAVE_BE = words_of("have has had are were do did think thought want wanted feel felt")
_OBJECT_AFTER = words_of(
    "to for with of about from on at by in against around behind like than let made make makes making give gave "
    "gives told tell "
    "tells help helped helps see saw hear heard want wants bring brought brings bother bothers bothered stop stopped "
    "keep kept keeps stopping keeping giving telling seeing hearing having asking support supporting"
)


def _piece(
    norms: Sequence[str], index: int, text: str, pronouns: Pronouns, me: str, expecting: list[str]
) -> str | None:
    """One word retold.  ``expecting`` holds "verb" while the client's next verb is still to come."""
    norm = norms[index]
    role = _forms(me).get(norm)
    if role == "you":
        before = norms[index - 1] if index else ""
        after = norms[index + 1] if index + 1 < len(norms) else ""
        object_here = before in _OBJECT_AFTER and not (before in ("than", "like") and after in MODALS | _HAVE_BE)
        role = "object" if object_here or not after else "subject"
    if role is not None:
        return _pronoun(role, norms, index, pronouns, expecting)
    if expecting:
        return _verb_piece(norms, index, text, pronouns, expecting)
    return _plain(norm, text)


def _pronoun(role: str, norms: Sequence[str], index: int, pronouns: Pronouns, expecting: list[str]) -> str:
    subject = pronouns.subject
    if role == "subject":
        if index and norms[index - 1] in ("am", "was"):
            return subject
        expecting[:] = ["verb"]
        return subject
    expecting.clear()
    if role == "be":
        return subject + (" is" if pronouns.singular else " are")
    if role == "have":
        return subject + (" has" if pronouns.singular else " have")
    if role == "will":
        return subject + " will"
    if role == "would":
        after = next((norm for norm in norms[index + 1 :] if norm not in ADVERBS), "")
        return subject + (" had" if is_past_participle(after) else " would")
    return {"object": pronouns.object, "possessive": pronouns.possessive, "own": pronouns.own}.get(
        role, pronouns.reflexive
    )


def _verb_piece(norms: Sequence[str], index: int, text: str, pronouns: Pronouns, expecting: list[str]) -> str | None:
    """The word after the client's pronoun: its verb, or an adverb before it."""
    norm = norms[index]
    if norm in ADVERBS and norm not in MODALS and len(expecting) <= _LOOK_PAST:
        expecting.append("adverb")
        return _plain(norm, text)
    expecting.clear()
    if not pronouns.singular:
        return {"was": "were", "am": "are", "wasn't": "were not"}.get(norm, _plain(norm, text))
    spoken = _SPOKEN.get(norm, norm)
    first, _, rest = spoken.partition(" ")
    form = third_singular(first)
    if form is None or _second_verb(norms, index, form != first):
        return None
    return " ".join(part for part in (_EXPANDED.get(form, form), rest) if part)


def _second_verb(norms: Sequence[str], index: int, present: bool) -> bool:
    """In "I eat and drink", a second verb would need its ending too."""
    if not present or norms[index] in ("don't", "do", "have", "am"):
        return False
    joined = [norms[i + 1] for i in range(index, len(norms) - 1) if norms[i] in ("and", "or", "but", "then")]
    return any(third_singular(word) not in (None, word) for word in joined)


def _plain(norm: str, text: str) -> str:
    if norm in _EXPANDED:
        return _EXPANDED[norm]
    return _SPOKEN.get(norm, text)
