"""Names that stand for a thing in medicine and for nobody in the text: "Parkinson's disease", "the Wells score"."""

from collections.abc import Sequence

from therapyflows.governance.phi.lexicon import Weight, cues, eponyms, first_names, surnames
from therapyflows.governance.phi.wording import Word

_HEAD_WITHIN = 3
"""Words after the name among which its noun is looked for: "Framingham Risk Score"."""
_LONGEST_GAP = 4


def names_a_thing(text: str, words: Sequence[Word], first: int, last: int) -> bool:
    """Whether the name in words[first..last] is an eponym here."""
    if words[first].key in cues()["titles"]:
        return False
    key = words[last].key
    if first == last and key in cues()["eponyms"]:
        return True
    if any(words[at].key in cues()["eponym_heads"] for at in range(first + 1, last + 1)):
        return True
    if first_names().get(words[first].key) is Weight.NAME and not _may_own_a_disease(words, first, last):
        return False
    return _has_head(text, words, last)


def _may_own_a_disease(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether a first name is a surname, too, that medicine knows ("Wilson", "Stevens-Johnson")."""
    key = words[first].key
    return key in eponyms() or key in cues()["eponyms"] or (first == last and surnames().get(key, 0) >= Weight.NAME)


def _has_head(text: str, words: Sequence[Word], last: int) -> bool:
    """Whether a noun of medicine follows: at once, or after other capitalized words."""
    for at in range(last + 1, min(last + 1 + _HEAD_WITHIN, len(words))):
        gap = text[words[at - 1].end : words[at].start]
        if len(gap) > _LONGEST_GAP or any(c in gap for c in ",.;:\n"):
            return False
        if words[at].key in cues()["eponym_heads"]:
            return True
        if not words[at].capital and words[at].key in cues()["common"]:
            return False
        if not words[at].capital and at > last + 1:
            return False
    return False
