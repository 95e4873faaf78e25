"""Take the disfluencies out of speech: fillers, stutters, repetitions, self-repairs, phrases that mean nothing.

Tokens are only ever dropped or cut, never changed or moved, so what is left still points at the source.
"""

from collections.abc import Sequence

from therapyflows.core.session_note.evidence_drafter.inflect import is_regular_past
from therapyflows.core.session_note.evidence_drafter.lexicon import (
    ADVERBS,
    FILLERS,
    IRREGULAR_PASTS,
    SUBJECTS,
    words_of,
)
from therapyflows.core.session_note.evidence_drafter.neighbours import at, commas_around, is_comma, norms
from therapyflows.core.session_note.evidence_drafter.repairs import drop_repetitions, drop_restarts, unstutter
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token

_BEGINS_CLAUSE = SUBJECTS | words_of("and but so because or then when if")
_KEEP_LIKE_AFTER = words_of(
    "i we you they people who feel feels felt feeling look looks looked looking seem seems seemed sound sounds sounded "
    "would i'd you'd they'd we'd he'd she'd don't do didn't doesn't did does to something things anything nothing "
    "stuff "
    "not never more much also always kids she he act acted taste tastes smell treated treat it's it what how was is"
)
_LIKING = words_of("i we you they i'd you'd they'd we'd he'd she'd don't do didn't doesn't did does would to not")
"""Words after which "like" is the verb."""
_KIND_OF_AFTER = words_of(
    "what some any this that the a every all each different certain same one two these those new other another which "
    "no only first right wrong best worst most my your"
)
_NO_COMMA_AFTER = words_of(
    "i the a an to of and but my your his her their our in at with for is was am are were be because that so or if "
    "when "
    "like just really i'm it's i've we they he she it on from about very not have had has don't wanna gonna gotta by "
    "without into than until while before after get got"
)
_PHRASES = tuple(
    tuple(phrase.split())
    for phrase in (
        "if you know what i mean",
        "you know what i mean",
        "know what i mean",
        "you know what i'm saying",
        "do you know what i'm saying",
        "know what i'm saying",
        "if that makes any sense",
        "if that makes sense",
        "if it makes sense",
        "does that make sense",
        "or something like that",
        "or anything like that",
        "and stuff like that",
        "and things like that",
        "and everything like that",
        "or whatever",
        "and whatnot",
        "and stuff",
        "and everything",
        "or something",
        "to be honest",
        "to be honest with you",
    )
)
_KNOW_SOMETHING = words_of(
    "that what how who where why when if whether the about my this it him her them nothing anything you"
)
_YOU_KNOW_OBJECT_OF = words_of("do did as if that what when how let don't because would to")
_MEANS = words_of("it that by what")
_JUST_AFTER = words_of(
    "i i'm i've i'd i'll we they he she it it's that's to was were am are is been be that and so or but would "
    "could can "
    "will have you my feel felt feels"
)
_JUST_TIME = words_of(
    "turned recently started moved finished now got had about a one two three four five six last as before after "
    "enough "
    "because found lost been broke want"
)


def clean(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without disfluencies.  Breaks that were no self-repair and gaps stay in as boundaries."""
    kept = [part for token in tokens for part in unstutter(token)]
    kept = _drop_fillers(kept)
    kept = _drop_phrases(kept)
    kept = _drop_asides(kept)
    kept = _drop_kind_of(kept)
    kept = drop_repetitions(kept)
    kept = drop_restarts(kept)
    kept = drop_repetitions(kept)
    kept = _drop_like(kept)
    kept = _drop_just(kept)
    return _tidy_commas(kept)


def _drop_fillers(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    skip_comma = False
    for index, token in enumerate(tokens):
        if token.kind is Kind.WORD and (token.norm in FILLERS or token.norm.strip("-") in FILLERS):
            skip_comma = _close_up(kept, tokens, index + 1) or not kept or kept[-1].kind is not Kind.WORD
            continue
        if not (skip_comma and token.kind is Kind.COMMA):
            kept.append(token)
        skip_comma = False
    return kept


def _close_up(kept: list[Token], tokens: Sequence[Token], after: int) -> bool:
    """In "my anxiety, uh, goes away" both commas go, unless a new clause follows; True when the second one must go."""
    if not (kept and kept[-1].kind is Kind.COMMA and is_comma(tokens, after)):
        return False
    if at(tokens, after + 1) not in _BEGINS_CLAUSE:
        kept.pop()
    return True


def _drop_phrases(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        length = _phrase_at(tokens, index)
        if length:
            index += length
            index += _close_up(kept, tokens, index)
            continue
        kept.append(tokens[index])
        index += 1
    return kept


def _phrase_at(tokens: Sequence[Token], index: int) -> int:
    """Length of the empty phrase that begins here, 0 when none does."""
    for phrase in _PHRASES:
        if tokens[index].norm == phrase[0] and norms(tokens, index, len(phrase)) == phrase:
            after = at(tokens, index + len(phrase))
            if phrase[0] in ("and", "or") and after and index + len(phrase) < len(tokens):
                continue
            return len(phrase)
    pair = norms(tokens, index, 2)
    before, after = at(tokens, index - 1), at(tokens, index + 2)
    if pair == ("you", "know") and before not in _YOU_KNOW_OBJECT_OF:
        return 2 if after not in _KNOW_SOMETHING or commas_around(tokens, index, 2) else 0
    if pair == ("i", "mean") and before not in ("what", "that", "if") and after not in _MEANS:
        return 2
    if pair == ("i", "mean") and is_comma(tokens, index + 2):
        return 2
    if pair in (("i", "guess"), ("i", "suppose"), ("i", "think")) and commas_around(tokens, index, 2):
        return 2
    return 0


_ASIDES = words_of("yeah yes okay ok right no well so like anyway")


def _drop_asides(tokens: Sequence[Token]) -> list[Token]:
    """ "I think, yeah, I need to": a word between commas that only fills a pause."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.WORD and token.norm in _ASIDES and commas_around(tokens, index, 1):
            continue
        if token.kind is Kind.COMMA and kept and kept[-1].kind is Kind.COMMA:
            continue
        kept.append(token)
    return kept


def _drop_kind_of(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    skip = 0
    for index, token in enumerate(tokens):
        if skip:
            skip -= 1
            continue
        if token.norm in ("kinda", "sorta"):
            continue
        if norms(tokens, index, 2) in (("kind", "of"), ("sort", "of")) and at(tokens, index - 1) not in _KIND_OF_AFTER:
            skip = 1
            if is_comma(tokens, index + 2):
                skip = 2
            continue
        kept.append(token)
    return kept


def _drop_like(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.norm == "like" and token.kind is Kind.WORD and _like_is_empty(tokens, index, kept):
            continue
        kept.append(token)
    return kept


def _like_is_empty(tokens: Sequence[Token], index: int, kept: Sequence[Token]) -> bool:
    before = kept[-1].norm if kept and kept[-1].kind is Kind.WORD else ""
    after = at(tokens, index + 1)
    if after in IRREGULAR_PASTS or is_regular_past(after):
        return True  # "I like fell"
    if before in _LIKING or (before in ADVERBS and len(kept) > 1 and kept[-2].norm in _LIKING):
        return False
    if is_comma(tokens, index + 1) or after == "like":
        return before not in ("feel", "look", "that", "this", "it") or is_comma(tokens, index + 1)
    if not before:
        return True
    if before in ("was", "is", "it's", "i'm", "were", "am"):
        return after not in (
            "a",
            "an",
            "the",
            "my",
            "that",
            "this",
            "when",
            "being",
            "i",
            "oh",
            "no",
            "okay",
            "what",
            "why",
        )
    return before not in _KEEP_LIKE_AFTER and before not in ("that", "this", "than")


def _drop_just(tokens: Sequence[Token]) -> list[Token]:
    """ "I just feel" -> "I feel"; "I just moved", "just one" stay."""
    return [
        token
        for index, token in enumerate(tokens)
        if not (
            token.norm == "just"
            and at(tokens, index - 1) in _JUST_AFTER | {"just"}
            and at(tokens, index + 1)
            and at(tokens, index + 1) not in _JUST_TIME
            and not at(tokens, index + 1)[0].isdigit()
        )
    ]


def _tidy_commas(tokens: Sequence[Token]) -> list[Token]:
    """Drop commas that stand at a boundary, twice, or after a word that cannot have one."""
    kept: list[Token] = []
    for token in tokens:
        if token.kind is Kind.COMMA and (
            not kept or kept[-1].kind is not Kind.WORD or kept[-1].norm in _NO_COMMA_AFTER
        ):
            continue
        if token.kind in (Kind.STOP, Kind.BREAK, Kind.GAP) and kept and kept[-1].kind is Kind.COMMA:
            kept.pop()
        kept.append(token)
    return kept
