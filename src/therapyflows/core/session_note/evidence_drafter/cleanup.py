"""Take the disfluencies out of speech: fillers, stutters, repetitions, self-repairs, phrases that mean nothing.

Tokens are only ever dropped or cut, never changed or moved, so what is left still points at the source.
"""

import re
from collections.abc import Iterator, Sequence

from therapyflows.core.session_note.evidence_drafter.inflect import is_regular_past
from therapyflows.core.session_note.evidence_drafter.lexicon import (
    ADVERBS,
    FILLERS,
    IRREGULAR_PASTS,
    SUBJECTS,
    words_of,
)
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token

_BEGINS_CLAUSE = SUBJECTS | words_of("and but so because or then when if")
_MEANT = words_of("had very really so no long far many again more her you")
"""Words that may stand twice on purpose."""
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
    "like just really i'm it's i've we they he she it on from about very not have had has don't wanna gonna gotta "
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
    kept = [part for token in tokens for part in _unstutter(token)]
    kept = _drop_fillers(kept)
    kept = _drop_phrases(kept)
    kept = _drop_asides(kept)
    kept = _drop_kind_of(kept)
    kept = _drop_repetitions(kept)
    kept = _drop_restarts(kept)
    kept = _drop_repetitions(kept)
    kept = _drop_like(kept)
    kept = _drop_just(kept)
    return _tidy_commas(kept)


def _unstutter(token: Token) -> list[Token]:
    """``I-I'm`` -> ``I'm``, ``be-being`` -> ``being``; ``don't-I`` -> ``don't``, break, ``I``; ``co-worker`` stays."""
    parts = token.text.split("-")
    last = parts[-1].lower()
    if token.kind is not Kind.WORD or len(parts) < 2 or not last:
        return [token]
    if all(_begins(last, part.lower()) for part in parts[:-1]):
        return [token.cut_to(parts[-1])]
    if any(part.lower() in SUBJECTS or "'" in part for part in parts):
        return list(_split_at_hyphens(token, parts))
    return [token]


def _split_at_hyphens(token: Token, parts: Sequence[str]) -> Iterator[Token]:
    position = token.start
    for number, part in enumerate(parts):
        if number:
            yield Token("-", Kind.BREAK, token.segment, position - 1, position)
        if part:
            yield Token(part, Kind.WORD, token.segment, position, position + len(part))
        position += len(part) + 1


def _begins(word: str, part: str) -> bool:
    return word.startswith(part) or re.split(r"['’]", word)[0] == re.split(r"['’]", part)[0]


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
    if not (kept and kept[-1].kind is Kind.COMMA and _is_comma(tokens, after)):
        return False
    if _at(tokens, after + 1) not in _BEGINS_CLAUSE:
        kept.pop()
    return True


def _norms(tokens: Sequence[Token], start: int, count: int) -> tuple[str, ...]:
    return tuple(token.norm for token in tokens[start : start + count] if token.kind is Kind.WORD)


def _at(tokens: Sequence[Token], index: int) -> str:
    """The word at the index, or an empty string."""
    return tokens[index].norm if 0 <= index < len(tokens) and tokens[index].kind is Kind.WORD else ""


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
        if tokens[index].norm == phrase[0] and _norms(tokens, index, len(phrase)) == phrase:
            after = _at(tokens, index + len(phrase))
            if phrase[0] in ("and", "or") and after and index + len(phrase) < len(tokens):
                continue
            return len(phrase)
    pair = _norms(tokens, index, 2)
    before, after = _at(tokens, index - 1), _at(tokens, index + 2)
    if pair == ("you", "know") and before not in _YOU_KNOW_OBJECT_OF:
        return 2 if after not in _KNOW_SOMETHING or _commas_around(tokens, index, 2) else 0
    if pair == ("i", "mean") and before not in ("what", "that", "if") and after not in _MEANS:
        return 2
    if pair == ("i", "mean") and _is_comma(tokens, index + 2):
        return 2
    if pair in (("i", "guess"), ("i", "suppose"), ("i", "think")) and _commas_around(tokens, index, 2):
        return 2
    return 0


_ASIDES = words_of("yeah yes okay ok right no well so like anyway")


def _drop_asides(tokens: Sequence[Token]) -> list[Token]:
    """ "I think, yeah, I need to": a word between commas that only fills a pause."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.WORD and token.norm in _ASIDES and _commas_around(tokens, index, 1):
            continue
        if token.kind is Kind.COMMA and kept and kept[-1].kind is Kind.COMMA:
            continue
        kept.append(token)
    return kept


def _is_comma(tokens: Sequence[Token], index: int) -> bool:
    return 0 <= index < len(tokens) and tokens[index].kind is Kind.COMMA


def _commas_around(tokens: Sequence[Token], index: int, length: int) -> bool:
    return _is_comma(tokens, index - 1) and _is_comma(tokens, index + length)


def _drop_kind_of(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    skip = 0
    for index, token in enumerate(tokens):
        if skip:
            skip -= 1
            continue
        if token.norm in ("kinda", "sorta"):
            continue
        if (
            _norms(tokens, index, 2) in (("kind", "of"), ("sort", "of"))
            and _at(tokens, index - 1) not in _KIND_OF_AFTER
        ):
            skip = 1
            if _is_comma(tokens, index + 2):
                skip = 2
            continue
        kept.append(token)
    return kept


def _drop_repetitions(tokens: Sequence[Token]) -> list[Token]:
    """Of words said twice in a row ("I was, I was"), keep the second time; across commas and breaks."""
    kept = list(tokens)
    for length in (5, 4, 3, 2, 1):
        index = 0
        while index + length < len(kept):
            if gap := _repeats_at(kept, index, length):
                del kept[index : index + length + gap - 1]
            else:
                index += 1
    return kept


def _repeats_at(tokens: Sequence[Token], index: int, length: int) -> int:
    """1 + separators between two equal runs of ``length`` words; 0 when the run is not repeated."""
    first = _norms(tokens, index, length)
    if len(first) < length or (length == 1 and first[0] in _MEANT and first[0] not in ("very", "really", "so")):
        return 0
    separators = 0
    second = index + length
    while second + separators < len(tokens) and tokens[second + separators].kind in (Kind.COMMA, Kind.BREAK):
        separators += 1
    if separators > 2 or _norms(tokens, second + separators, length) != first:
        return 0
    return separators + 1


def _drop_restarts(tokens: Sequence[Token]) -> list[Token]:
    """At a break, drop what is said again: "I guess it kind of- it started" -> "I guess it started"."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.COMMA and kept and kept[-1].norm in SUBJECTS and _at(tokens, index + 1) in SUBJECTS:
            kept.pop()  # "you'd, you're feeling": begun again with another verb
            continue
        if token.kind is not Kind.BREAK:
            kept.append(token)
            continue
        back = _restart(kept, tokens, index + 1)
        if back is not None:
            del kept[back:]
        elif kept and kept[-1].kind is Kind.WORD:
            kept.append(token)
    return kept


def _restart(kept: Sequence[Token], tokens: Sequence[Token], after: int) -> int | None:
    """Where in ``kept`` the repaired part begins, or None when the break is no repair."""
    ahead = next((token.norm for token in tokens[after : after + 2] if token.kind is Kind.WORD), "")
    if not ahead:
        return None
    for distance in range(1, 7):
        index = len(kept) - distance
        if index < 0 or kept[index].kind not in (Kind.WORD, Kind.COMMA):
            return None
        if kept[index].kind is Kind.WORD and (
            kept[index].norm == ahead or _same_start(kept[index].norm, ahead, distance)
        ):
            return index
    return None


def _same_start(word: str, ahead: str, distance: int) -> bool:
    """``sch-`` before ``school``; ``I`` before ``I'm``."""
    if distance == 1 and len(word) >= 1 and ahead.startswith(word):
        return True
    return word.split("'")[0] == ahead.split("'")[0] and "'" in word + ahead


def _drop_like(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.norm == "like" and token.kind is Kind.WORD and _like_is_empty(tokens, index, kept):
            continue
        kept.append(token)
    return kept


def _like_is_empty(tokens: Sequence[Token], index: int, kept: Sequence[Token]) -> bool:
    before = kept[-1].norm if kept and kept[-1].kind is Kind.WORD else ""
    after = _at(tokens, index + 1)
    if after in IRREGULAR_PASTS or is_regular_past(after):
        return True  # "I like fell"
    if before in _LIKING or (before in ADVERBS and len(kept) > 1 and kept[-2].norm in _LIKING):
        return False
    if _is_comma(tokens, index + 1) or after == "like":
        return before not in ("feel", "look", "that", "this", "it") or _is_comma(tokens, index + 1)
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
            and _at(tokens, index - 1) in _JUST_AFTER | {"just"}
            and _at(tokens, index + 1)
            and _at(tokens, index + 1) not in _JUST_TIME
            and not _at(tokens, index + 1)[0].isdigit()
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
