"""A wording may change how a thing is said, never what is said, and holds nothing of any client."""

from collections import Counter

from therapyflows.core.errors import Invalid
from therapyflows.core.style.model import Wording
from therapyflows.core.style.terms import is_fact, is_term, same_term
from therapyflows.governance.phi.detectors import known_detectors, pattern_detectors
from therapyflows.governance.phi.lexicon import Weight, first_names, is_word, surnames
from therapyflows.governance.phi.model import ChartIdentifiers

LONGEST_PHRASE = 60
"""Characters."""


def carries_facts(drafted: str, instead: str) -> bool:
    """Whether a word that carries a fact comes in or goes out, or anything that looks like a name."""
    if same_term(drafted, instead):
        return False
    before, after = Counter(_words(drafted)), Counter(_words(instead))
    changed = [*(before - after), *(after - before)]
    return any(is_fact(word) for word in changed) or any(_is_name(word) for word in instead.split()[1:])


def names_somebody(text: str) -> bool:
    """Whether a PHI detector finds an identifier in it, of whomever, or a word of it may be somebody's name."""
    detectors = (*known_detectors(ChartIdentifiers()), *pattern_detectors())
    if any(True for detector in detectors for _ in detector.detect(text)):
        return True
    return any(_may_name(word) for word in _words(text))


def _may_name(word: str) -> bool:
    """Stricter than a detector, which sees a whole text: a habit is easily gone without."""
    if is_term(word) or not any(c.isalpha() for c in word):
        return False
    return not is_word(word) or word in first_names() or surnames().get(word, Weight.NONE) >= Weight.SOMETIMES


def require_harmless(wording: Wording) -> Wording:
    """Raises Invalid for a wording set by hand that would change a fact or names somebody."""
    if not wording.drafted or not wording.instead:
        raise Invalid("wording_empty", "Please fill in both: what the draft says, and what you write instead.")
    if max(len(wording.drafted), len(wording.instead)) > LONGEST_PHRASE or len(wording.drafted.split()) > 6:
        raise Invalid("wording_too_long", "A wording is a few words, not a sentence.")
    if '"' in wording.drafted + wording.instead or "“" in wording.drafted + wording.instead:
        raise Invalid("wording_quotes", "Quotations stay as they were said; a wording cannot hold quotation marks.")
    if names_somebody(wording.drafted) or names_somebody(wording.instead):
        raise Invalid("wording_names_somebody", "This looks like it names somebody or something. It was not saved.")
    if carries_facts(wording.drafted, wording.instead):
        raise Invalid("wording_changes_facts", "This would change what a note says, not only how. It was not saved.")
    return wording


def _words(text: str) -> list[str]:
    return [word.strip(".,;:!?()").lower() for word in text.split()]


def _is_name(word: str) -> bool:
    """A capital inside a phrase; abbreviations (CBT, Ct.) and "I" are none."""
    letters = word.strip(".,;:!?()")
    return len(letters) > 3 and letters[:1].isupper() and letters[1:].islower()
