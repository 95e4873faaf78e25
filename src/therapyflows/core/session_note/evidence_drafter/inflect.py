"""English verbs as far as turning "I drink" into "she drinks" needs them."""

from therapyflows.core.session_note.evidence_drafter.lexicon import (
    ADVERBS,
    AMBIGUOUS_PASTS,
    BASE_VERBS,
    IRREGULAR_PASTS,
    MODALS,
    words_of,
)

_IRREGULAR = {
    "have": "has",
    "do": "does",
    "go": "goes",
    "am": "is",
    "are": "is",
    "don't": "doesn't",
    "haven't": "hasn't",
}
_ED_BUT_PRESENT = words_of("need feed succeed proceed bleed breed speed exceed heed weed seed")


def third_singular(verb: str) -> str | None:
    """``drink`` -> ``drinks``; the word itself when it is past, a modal or an adverb; None when that cannot be
    known."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb in AMBIGUOUS_PASTS and verb not in ("quit",):
        return None
    if verb in MODALS or verb in IRREGULAR_PASTS or verb in ADVERBS or is_regular_past(verb):
        return verb
    if verb not in BASE_VERBS:
        return None
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def is_regular_past(verb: str) -> bool:
    return verb.endswith("ed") and verb not in _ED_BUT_PRESENT


def is_past_participle(word: str) -> bool:
    """Roughly: what follows "had" rather than "would"."""
    return is_regular_past(word) or word in ("been", "had", "gone", "done", "seen", "taken", "better", "got", "gotten")


def is_finite(word: str) -> bool:
    """Whether the word can be a finite verb: base form, third person, past."""
    if word in BASE_VERBS or word in IRREGULAR_PASTS or word in AMBIGUOUS_PASTS or is_regular_past(word):
        return True
    return word.endswith("s") and (word[:-1] in BASE_VERBS or word[:-2] in BASE_VERBS or word[:-3] + "y" in BASE_VERBS)
