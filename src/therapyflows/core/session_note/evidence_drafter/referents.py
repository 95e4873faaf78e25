"""Whether a clause can be understood without what was said before it."""

import re
from itertools import pairwise

from therapyflows.core.session_note.evidence_drafter.clauses import Clause
from therapyflows.core.session_note.evidence_drafter.lexicon import words_of
from therapyflows.core.session_note.evidence_drafter.salience import topics_in

_POINTS_BACK = words_of(
    "it it's it'll it'd he he's him she she's her they they're they've them those these ones his hers their"
)
_THAT = words_of("that this that's that'll")
_DETERMINERS = words_of("a an the my your our some any no each every another two three four five six ten many both one")
_NAMES_IT_LATER = re.compile(
    r"\bit(?:'s| is| was|'ll be| will be| gets| got| would be)? (?:\w+ ){0,3}?(?:hard|difficult|easy|easier|harder"
    r"|important|tough|scary|nice|good|great|better|best|time|worth|helpful|possible|fun|rough|weird)(?: \w+)?"
    r" (?:to|that|when|if|for)\b"
    r"|\bit (?:helps|helped|hurts|hurt|bothers|bothered|feels|felt|seems|seemed|takes|took|makes me \w+|scares me)"
    r"(?: \w+){0,3} (?:to|that|when|if|like)\b"
    r"|\bit(?:'s| has|'s been| was) (?:been )?(?:a|an) \w+ (?:\w+ )?(?:week|day|month|year|time)"
    r"|\bit(?:'s| is)? (?:raining|late|early|cold|hot outside)"
)
_CONJUNCTION_AFTER = words_of(
    "say says said think thinks thought know knew feel felt feels so believe hope sure afraid worried notice noticed "
    "realize realized glad mean means told me him them guess happy sad aware way fact evidence idea"
)
_ENDS = ("", *words_of("and but so because or when if now right"))
_BE = words_of("is was are were does did isn't wasn't")
_TIMES = words_of("moment time times day days week month year end morning evening night lot bit while way")
_LEADS_ON = words_of("i i'm i've i'd i'll my you he she they we it it's there the a an if people when")


def stands_alone(clause: Clause) -> bool:
    """No "it", "that", "they" or "he" without anything before it in the clause that it could mean."""
    for index, norm in enumerate(clause.norms):
        if not _points_back(clause.norms, index, norm) or _NAMES_IT_LATER.match(" ".join(clause.norms[index:])):
            continue
        if not _named_before(clause.norms[:index]):
            return False
    return True


def _points_back(norms: tuple[str, ...], index: int, norm: str) -> bool:
    if norm in _POINTS_BACK:
        return True
    if norm not in _THAT:
        return False
    after = norms[index + 1] if index + 1 < len(norms) else ""
    before = norms[index - 1] if index else ""
    asked = before in _BE or not index
    joins = (
        norm == "that"
        and not (asked and after in ("a", "the", "an"))
        and (before in _CONJUNCTION_AFTER or after in _LEADS_ON)
        and after not in _ENDS
    )
    return not joins and not (index and topics_in(before) and after)


def _named_before(before: tuple[str, ...]) -> bool:
    """Whether a noun stands there: a word after "the" or "my", or one that a note is about."""
    nouns = (noun for word, noun in pairwise(before) if word in _DETERMINERS)
    return any(noun not in _TIMES for noun in nouns) or any(topics_in(word) for word in before)
