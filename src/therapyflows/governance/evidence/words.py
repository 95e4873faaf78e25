"""Words of a text as the evidence checks compare them: content words, stemmed, without function words.

A *content word* is any word or number that is not in ``FUNCTION_WORDS``.  Two content words are the same when their
English Snowball stems are the same.  ``FRAME_WORDS`` are the reporting verbs of a note ("client reports"): they are
the note's own words and need no support in the source.
"""

import re
from functools import lru_cache

import snowballstemmer

QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”')
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:/]\d+)*")

_FUNCTION = """
a an the this that these those some any each every either neither both all such same other another
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
it its itself they them their theirs themself themselves who whom whose which what when where why how whether
am is are was were be been being do does did doing done have has had having will would shall should can could may might
must ought cannot not no nor n't and or but if then than because as until while of at by for with about against
between into
through during before after above below to from up down in out on off over under again further once here there so too
very just only also even still yet ever really quite rather well oh um uh er ah mm hmm mhm huh yeah yes yep okay ok
right
like know mean kind sort guess get got gets getting gonna wanna gotta kinda sorta dunno cause go goes going gone went
come
want let lets thing things stuff lot lots bit way much many more most little something anything nothing everything
someone anyone everyone somebody anybody everybody one ones
"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())

_FRAME = """
client clients patient therapist clinician counselor counsellor report reports reported reporting state states
stated say says said saying share shares shared describe describes described describing note notes noted ask asks
asked asking answer answers answered answering add adds added discuss discussed discussing review reviewed reviewing
explore explored agree agrees agreed confirm confirms confirmed express expresses expressed explain explained
mention mentions mentioned indicate indicated reflect reflected summarize summarized session sessions today think
thinks knows feel feels needs hopes wants likes voice voiced named document documented identified used
"""
FRAME_WORDS = frozenset(_FRAME.split())

_LABEL = """
proposed changed affirm affirmed advised advise gave information offered material permission open question questions
rating scale practiced skill concrete example weighed sides favor change theme themes words back thoughts feelings
coping toward plan goal disclosed noted identified speaker recurring
"""
LABEL_WORDS = frozenset(_LABEL.split())
"""Words with which a line names what it then quotes ("Therapist gave information: ..."); there the quotation is the
claim."""

_CONTRACTION = re.compile(r"(?:n't|'(?:s|m|d|ll|re|ve))$")
_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Snowball stem of a lower-cased word; numbers stay as they are."""
    return word if word[0].isdigit() else str(_stemmer.stemWord(word))


@lru_cache(maxsize=65536)
def base_form(word: str) -> str:
    """Lower case, straight apostrophe, contraction cut off: ``It’s`` -> ``it``, ``didn't`` -> ``did``."""
    plain = word.lower().replace("’", "'")
    if plain in ("can't", "won't", "shan't", "ain't"):
        return "not"
    return _CONTRACTION.sub("", plain) or plain


def words(text: str) -> list[str]:
    """Base forms of all words and numbers, in order."""
    return [base_form(match.group()) for match in WORD.finditer(text)]


def is_content(word: str) -> bool:
    """Whether a base form carries content of its own."""
    return word not in FUNCTION_WORDS and (len(word) > 1 or word.isdigit())


@lru_cache(maxsize=8192)
def content_stems(text: str) -> tuple[str, ...]:
    """Stems of the content words in order, with repetitions."""
    return tuple(stem(word) for word in words(text) if is_content(word))


@lru_cache(maxsize=8192)
def claim_stems(text: str) -> frozenset[str]:
    """What a statement of a note claims: its content stems without the note's own frame words."""
    quoted = " ".join(first or second for first, second in QUOTED.findall(text))
    own = FRAME_WORDS | LABEL_WORDS if quoted else FRAME_WORDS
    around = (stem(word) for word in words(QUOTED.sub(" ", text)) if is_content(word) and word not in own)
    return frozenset(around) | frozenset(content_stems(quoted))
