"""What a clinician would be embarrassed to find in a note: broken speech and small talk."""

import re
from collections.abc import Sequence
from itertools import pairwise

from therapyflows.core.session_note.evidence_drafter.clauses import Clause
from therapyflows.core.session_note.evidence_drafter.inflect import is_finite
from therapyflows.core.session_note.evidence_drafter.lexicon import SUBJECTS, words_of
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Turn
from therapyflows.governance.evidence.words import FUNCTION_WORDS, base_form

_SUBJECT = r"(?:i|i'm|i've|i'd|i'll|he|she|they|we|it's|he's|she's)"
_GARBLED = re.compile(
    rf"\b(?:it's|i'm|that's|i've|he's|she's|they're|was|is|are|am|were|the|a|an|of|my|just|very|really|to|for|with"
    rf"|in) {_SUBJECT}\b"
    rf"|\b{_SUBJECT} (?:i|i'm|i've|he|she|they|we|it's)\b"
    r"|\b(?:was|were|is|am|are|i'm|it's) (?:felt|went|had|did|said|know|think|want|feel|go)\b"
    r"|\b(?:the|a|an|my|your) (?:the|a|an|my|and|but|is|was|to|of|for|in|i'm|that|it)\b"
    r"|\b(?:for|of|at|by) (?:for|of|and|but|because)\b"
    r"|\b(?:and|but|or|so|because) (?:and|but|or|because|what's|what"
    r"(?! (?:is|are|was|did|do|would|could|i|the|he|she|they)\b))\b"
    r"|\b(?:i|we|they) think (?:just|probably|very|really|about the)\b|\bfeels? like if\b|\bthink i think\b"
    r"|\bso which\b|\bmy (?:gosh|god|goodness|lord)\b"
    r"|\b(?:about|of|with|for|to|at|from) (?:you'd|you're|you've|you'll|i'm|i've|i'd|he's|she's|it's|they're)\b"
    r"|\b(?:would|will|can|could|should|might|did|didn't|don't|to) (?:ran|went|was|were|took|saw|came|gave|got"
    r"|felt|knew|thought)\b"
    r"|(?<!it's )(?<!is )(?<!be )(?<!was )(?<!feel )(?<!i'm )\bokay\b(?! with| to| if| for)|\w (?:yeah|yep|nah|oh)\b"
    r"|\b(?:i|they|we|you) (?:do|did|was|were|had|have|am|are|will|would|could|can) (?:i|they|we|you|it's|i'm|he|she)\b"
    r"|\b(?:was|is|it's) that's\b|\ban another\b|\bthat the \w+ of \w+$"
    r"|\b(?:i|we|they|he|she) (?:to|of|for|and|but|or|because|in|on|at)\b"
    r"|\bwhich (?:at|in|of|for) \w+$|\b(?:he's|she's|it's) (?:feels|goes|wants|thinks|says|has|does|is)\b"
    r"|\b(?:i|we|they) like (?:i|i'm|it's|he|she|they)\b|\band so \w+ing\b|\bi had got\b|\b(?:tends?|want"
    r"|need) to (?:the|a|my|i)\b"
    r"|\b(?:i|we|they|he|she) (?:really|actually|always|never)? ?(?:hot|cool|good|bad|sad|the|a|my|that)\b"
    r"|\bbe (?:am|is|are|was)\b|\bhave have\b|\b(?:don't|didn't|can't|won't) (?:the|a|it's|i'm|i|they|he|she|we)\b"
    r"|\bto (?:was|is|am|i'm|it's)\b"
    r"|\bsaid (?:yeah|no|okay|oh|well|like)\b|\b(?:was|were|is|i'm|am|he's|she's) like (?:i|oh|no|okay|what|why)\b"
    r"|\b(\w{3,}) and \1\b"
)
_SMALL_TALK = re.compile(
    r"^(?:i (?:said|say|was like|go)$|(?:i )?(?:thank|thanks)|nice to|good to|how are|i'm (?:good|fine|okay"
    r"|doing (?:good|well|fine|okay|all right|alright))(?: thanks?| thank you)?$"
    r"|see you|bye|hello|hi|hey|good (?:morning|afternoon|evening)|you're welcome|i appreciate|sounds (?:good"
    r"|great|like a plan)|let me (?:see|think)"
    r"|i see what|i know what you|i hear you|i understand|that makes sense|that's (?:a good|it|right|true|fine"
    r"|what i)|i (?:don't|didn't) know(?: \w+){0,2}$"
    r"|i'm (?:not )?sure$|i(?:'d| would) (?:like to )?say\b|(?:that's|it's) what |what do you|i mean|good question"
    r"|have a (?:good|nice|great))"
)
_REFERS_TO_THERAPIST = re.compile(
    r"\b(?:like you said|you said|you told|you mentioned|you asked|tell you|told you|asking you|telling you)\b"
)


def is_garbled(clause: Clause) -> bool:
    """Whether the words do not make a sentence: "it's I haven't", "was felt like"."""
    text = " ".join(clause.norms)
    commas = sum(token.kind is Kind.COMMA for token in clause.tokens)
    return (
        bool(_GARBLED.search(text))
        or commas > 4
        or _quotes_somebody(clause)
        or _lost_a_negation(clause)
        or _mostly_tiny(clause.norms)
        or _runs_on(clause)
        or _hangs(clause)
        or not _has_verb(clause.norms[2:] if clause.norms[:2] in _THINKING else clause.norms)
    )


def is_jumbled(clause: Clause) -> bool:
    """Whether words stand together that no sentence has; a phrase without a verb is none the worse."""
    return bool(_GARBLED.search(" ".join(clause.norms))) or _mostly_tiny(clause.norms)


def _lost_a_negation(clause: Clause) -> bool:
    """Whether cleaning dropped a "not" from the middle, or a "No," before it that the rest does not repeat."""
    kept = sum(is_negation(norm) for norm in clause.norms)
    if kept:
        return False
    spoken = [word for part in source_pieces(clause) for word in re.findall(r"[\w'’]+", part.lower())]
    return clause.opener in ("no", "nope") or any(is_negation(word.replace("’", "'")) for word in spoken)


def is_negation(norm: str) -> bool:
    return norm in _NEGATIONS or norm.endswith("n't")


_NEGATIONS = words_of("not no never nobody nothing none neither nor cannot")


def source_pieces(clause: Clause) -> list[str]:
    """For each segment of the clause, the source's characters from its first to its last token."""
    segments = {token.segment.id: token.segment for token in clause.tokens}
    pieces = []
    for segment in segments.values():
        mine = [token for token in clause.tokens if token.segment.id == segment.id]
        pieces.append(segment.text[mine[0].start : mine[-1].end])
    return pieces


def _quotes_somebody(clause: Clause) -> bool:
    """ "I said, you know, ...": reported speech that a retelling would get wrong."""
    return any(before.norm in _SAYING and token.kind is Kind.COMMA for before, token in pairwise(clause.tokens))


_SAYING = words_of("said say says saying told goes went like ask asked")


def _mostly_tiny(norms: Sequence[str]) -> bool:
    return sum(len(norm) for norm in norms) / max(len(norms), 1) < 2.6


_SECOND_SUBJECT = words_of("he's she's they're i'm it's i've he'll she'll they'll i'll i'd")
_CONNECTS = words_of(
    "that because and but or if when think thinks thought know knew feel feels felt feeling hope so said say says "
    "saying "
    "believe like guess where what how as since until while than whether though now sometimes maybe sure why which who "
    "told me him her them us realize realized mean means see afraid "
    "scared terrified nervous convinced certain worried wish before after time way thing things "
    "reason every day glad sorry happy cause 'cause unless once even although anyone everyone everything something "
    "nothing"
)


def _runs_on(clause: Clause) -> bool:
    """ "one brother he's older": a new sentence has begun without anything that joins it."""
    return any(
        here.norm in _SECOND_SUBJECT and before.kind is Kind.WORD and before.norm not in _CONNECTS
        for before, here in pairwise(clause.tokens)
    )


def _hangs(clause: Clause) -> bool:
    """ "If I drink every night": a condition without what follows from it."""
    norms = clause.norms[2:] if clause.norms[:2] in _OPENINGS else clause.norms
    if _LATE_CONDITION.search(" ".join(norms)) and not any(token.kind is Kind.COMMA for token in clause.tokens):
        return True
    first = next((norm for norm in norms if norm not in ("even", "ever", "especially", "just", "like", "only")), "")
    if first not in _CONDITIONS:
        return False
    for index, token in enumerate(clause.tokens[1:], 1):
        if clause.tokens[index - 1].kind is Kind.COMMA and token.norm not in _NO_MAIN:
            return not _has_verb([later.norm for later in clause.tokens[index:] if later.kind is Kind.WORD])
    later = [index for index, norm in enumerate(norms) if norm in SUBJECTS - _OBJECTS_TOO and index > 1]
    return not any(norms[index - 1] not in _JOINED for index in later)


_LATE_CONDITION = re.compile(r"\w (?:because|but|so|and) if (?:i|we|they|he|she|it)\b(?: \w+){1,8}$")
_OPENINGS = {("i", verb) for verb in words_of("think know feel guess mean suppose believe thought knew felt")}
_NO_MAIN = words_of("and or if when but because so like which")
_OBJECTS_TOO = words_of("there this you it")
_THINKING = {("i", verb) for verb in words_of("think guess believe suppose mean")}
_CONDITIONS = words_of("if when because since although though while whenever unless until once every whether where as")
_JOINED = words_of(
    "and or but if when because that than like think know with of to about the how what where while as in on for"
)


def _has_verb(norms: Sequence[str]) -> bool:
    """Whether anything in the clause is a finite verb."""
    return any("'" in norm or norm in _VERBS or is_finite(norm) for norm in norms)


_VERBS = words_of(
    "am is are was were be been have has had do does did can could will would shall should may might must"
)


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
    return frozenset(word for word in found if base_form(word) not in FUNCTION_WORDS)


def sentence_case(text: str, proper: frozenset[str]) -> str:
    """Lower the first letter, for use inside a sentence, unless the word is a name or an abbreviation."""
    first = re.split(r"[\s,]", text, maxsplit=1)[0]
    if first in proper or (len(first) > 1 and first[1:2].isupper()):
        return text
    return text[:1].lower() + text[1:]


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
