"""What a clinician would be embarrassed to find in a note: broken speech and small talk."""

import re
from collections.abc import Sequence

from therapyflows.core.session_note.evidence_drafter.clauses import Clause
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Turn

_SUBJECT = r"(?:i|i'm|i've|i'd|i'll|he|she|they|we|it's|he's|she's)"
_GARBLED = re.compile(
    rf"\b(?:it's|i'm|that's|i've|he's|she's|they're|was|is|are|am|were|the|a|an|of|my|just|very|really|to|for|with|in) {_SUBJECT}\b"
    rf"|\b{_SUBJECT} (?:i|i'm|i've|he|she|they|we|it's)\b"
    r"|\b(?:was|were|is|am|are|i'm|it's) (?:felt|went|had|did|said|know|think|want|feel|go)\b"
    r"|\b(?:the|a|an|my|your) (?:the|a|an|my|and|but|is|was|to|of|for|in|i'm|that|it)\b"
    r"|\b(?:for|of|with|in|at|from) (?:for|of|the for|with the with|and|but|because)\b"
    r"|\b(?:and|but|or|so|because) (?:and|but|or|because)\b"
    r"|\b(?:i|we|they|he|she) (?:really|actually|always|never)? ?(?:hot|cool|good|bad|sad|the|a|my|that)\b"
    r"|\bbe (?:am|is|are|was)\b|\bhave have\b|\bdon't (?:the|a|it's|i'm)\b|\bto (?:was|is|am|i'm|it's)\b"
    r"|\bsaid (?:yeah|no|okay|oh|well|like)\b|\b(?:was|were|is|i'm|am|he's|she's) like (?:i|oh|no|okay|what|why)\b"
    r"|\b(\w{3,}) and \1\b"
)
_SMALL_TALK = re.compile(
    r"^(?:(?:i )?(?:thank|thanks)|nice to|good to|how are|i'm (?:good|fine|okay|doing (?:good|well|fine|okay|all right|alright))(?: thanks?| thank you)?$"
    r"|see you|bye|hello|hi|hey|good (?:morning|afternoon|evening)|you're welcome|i appreciate|sounds (?:good|great|like a plan)|let me (?:see|think)"
    r"|i see what|i know what you|i hear you|i understand|that makes sense|that's (?:a good|it|right|true|fine|what i)|i (?:don't|didn't) know(?: \w+){0,2}$"
    r"|i'm (?:not )?sure$|what do you|i mean|good question|have a (?:good|nice|great))"
)
_REFERS_TO_THERAPIST = re.compile(
    r"\b(?:like you said|you said|you told|you mentioned|you asked|tell you|told you|asking you|telling you)\b"
)


def is_garbled(clause: Clause) -> bool:
    """Whether the words do not make a sentence: "it's I haven't", "was felt like"."""
    text = " ".join(clause.norms)
    commas = sum(token.kind is Kind.COMMA for token in clause.tokens)
    return bool(_GARBLED.search(text)) or commas > 4 or _mostly_tiny(clause.norms)


def _mostly_tiny(norms: Sequence[str]) -> bool:
    return sum(len(norm) for norm in norms) / max(len(norms), 1) < 2.6


def is_small_talk(clause: Clause) -> bool:
    """Greetings, thanks and talk about the talk."""
    text = " ".join(clause.norms)
    return bool(_SMALL_TALK.search(text) or _REFERS_TO_THERAPIST.search(text))


def proper_words(turns: Sequence[Turn]) -> frozenset[str]:
    """Words that are written with a capital inside sentences: names, places, months."""
    found: set[str] = set()
    for turn in turns:
        for segment in turn.segments:
            found.update(re.findall(r"(?<=[a-z,] )[A-Z][\w'’-]*", segment.text))
    return frozenset(word for word in found if not word.startswith(("I'", "I’")))


def sentence_case(text: str, proper: frozenset[str]) -> str:
    """Lower the first letter, for use inside a sentence, unless the word is a name or an abbreviation."""
    first = re.split(r"[\s,]", text, maxsplit=1)[0]
    if first in proper or (len(first) > 1 and first[1:2].isupper()):
        return text
    return text[:1].lower() + text[1:]


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
