"""Hospitals, schools and workplaces that lines with capitals name: by their last word ("... Clinic") or by "at ..."."""

import re
from collections.abc import Iterator

from therapyflows.governance.phi.detectors.workplaces import spoken_workplaces
from therapyflows.governance.phi.lexicon import Weight, clinical_words, cues, is_word, surnames, towns
from therapyflows.governance.phi.model import Detection, IdentifierType
from therapyflows.governance.phi.wording import Word, words_of

_TOGETHER = re.compile(r"['’]s[ \t]+|\.?,?[ \t]+|[ \t]*[&/-][ \t]*|\.")
_LINKS = frozenset({"of", "and", "the", "for", "de", "la", "in"})
_SAINTS = frozenset({"st", "saint", "mt", "mount"})
_AT = frozenset({"at", "@"})
_WORKING = frozenset(
    {
        "work",
        "works",
        "worked",
        "working",
        "employed",
        "job",
        "hired",
        "fired",
        "laid",
        "interning",
        "intern",
        "shift",
        "manager",
        "boss",
        "people",
        "everybody",
        "everyone",
        "quit",
        "applied",
        "joined",
    }
)
_GOING = frozenset(
    [
        "admitted",
        "transferred",
        "referred",
        "discharged",
        "seen",
        "hospitalized",
        "treated",
        "evaluated",
        "visited",
        "visiting",
        "from",
    ]
)
_CUE_GAP = re.compile(r"[ \t]+(?:(?:the|our|a)[ \t]+)?", re.IGNORECASE)
_ABBREVIATED = frozenset({"st", "mt", "ft", "med", "univ", "hosp", "ctr", "dr", "inc", "co", "dept", "mem", "gen"})
_FIRM_AFTER = re.compile(
    r"(?:['’]s)?\s(?:is\san?\s(?:\w+\s){0,2}(?:agency|company|firm|startup|bank|store|brand|business|employer)|"
    r"(?:offices?|website|store|branch|headquarters|employees?|warehouse|app|representative|payroll)\b)"
)
_LONGEST = 8


class Institutions:
    """A Detector of facilities, schools and employers outside the chart, in text with capitals."""

    def detect(self, text: str) -> Iterator[Detection]:
        words = words_of(text)
        at = 0
        yield from spoken_workplaces(text, words)
        while at < len(words):
            if not words[at].capital or not words[at].cased:
                at += 1
                continue
            last = _end_of_run(text, words, at)
            found = _kind(text, words, at, last)
            if found is not None:
                first, end, type_ = found
                end = max(end, _with_place(text, words, end, last))
                yield Detection(words[first].start, _with_ending(text, words, end), type_)
                last = max(last, end)
            at = last + 1


def _with_place(text: str, words: list[Word], end: int, last: int) -> int:
    """The town after an institution tells which one it is: "Memorial Hospital in Exampleville", "Elm Street clinic"."""
    if end + 1 < len(words) and words[end + 1].key in cues()["facility_words"] and not words[end + 1].capital:
        return end + 1 if text[words[end].end : words[end + 1].start] == " " else end
    following = [word.key for word in words[end + 1 : last + 1]]
    return last if following[:1] == ["in"] or (following and towns().get(following[0])) else end


def _with_ending(text: str, words: list[Word], end: int) -> int:
    """ "St. Mary's": the ending belongs to a name of an institution."""
    position = words[end].end
    return position + 2 if text[position : position + 2] in ("'s", "’s") else position


def _end_of_run(text: str, words: list[Word], at: int) -> int:
    """The last word of the capitalized run that begins here: "Brigham and Women's Hospital"."""
    last = at
    for following in range(at + 1, min(at + _LONGEST, len(words))):
        word = words[following]
        if not _TOGETHER.fullmatch(text[words[following - 1].end : word.start]) or _ends_sentence(
            text, words, following - 1
        ):
            break
        if word.capital:
            last = following
        elif word.key not in _LINKS or following - last > 1:
            break
    return last


def _ends_sentence(text: str, words: list[Word], at: int) -> bool:
    if text[words[at].end : words[at].end + 1] != "." or words[at].key in _ABBREVIATED:
        return False
    return len(words[at].key) > 1 or words[at].opens


def _kind(text: str, words: list[Word], first: int, last: int) -> tuple[int, int, IdentifierType] | None:
    """The part of the run that names an institution, and which kind."""
    lists = cues()
    while first < last and words[first].key in ("the", "our", "at", "in", "from", "a", "an", "my"):
        first += 1
    run = words[first : last + 1]
    keys = [word.key for word in run]
    for length in range(len(run), 1, -1):
        head = keys[length - 1]
        end = first + length - 1
        if head in lists["school_heads"]:
            return first, end, IdentifierType.SCHOOL
        if head in lists["facility_heads"] and _is_particular(run[: length - 1]):
            return first, end, IdentifierType.FACILITY
        if head in lists["employer_heads"] and _is_particular(run[: length - 1]):
            return first, end, IdentifierType.EMPLOYER if _works_there(words, first) else IdentifierType.ORGANIZATION
    if _FIRM_AFTER.match(text, words[last].end) and not all(is_word(key) for key in keys[:1] if len(keys) == 1):
        return first, last, IdentifierType.ORGANIZATION
    if keys[0] in _SAINTS and len(run) > 1:
        return first, min(first + 1, last), IdentifierType.FACILITY
    if any(key in lists["facility_words"] for key in keys[1:]) and _is_particular(run):
        return first, last, IdentifierType.FACILITY
    return _by_cue(text, words, first, last)


def _works_there(words: list[Word], first: int) -> bool:
    """Whether the words before speak of work: "my job at the ..."."""
    return any(word.key in _WORKING for word in words[max(0, first - 4) : first])


def _is_particular(run: list[Word]) -> bool:
    """Whether it holds a word that tells one institution from others."""
    return any(not is_word(w.key) or surnames().get(w.key) or towns().get(w.key) or w.opens is False for w in run)


def _by_cue(text: str, words: list[Word], first: int, last: int) -> tuple[int, int, IdentifierType] | None:
    before = first - 1
    while before >= 0 and words[before].key in ("the", "our", "a"):
        before -= 1
    if before < 0 or not _CUE_GAP.fullmatch(text, words[before].end, words[first].start):
        return None
    cue = words[before].key
    earlier = words[before - 1].key if before else ""
    if (
        cue in _AT
        or (cue in ("for", "from", "to") and earlier in _WORKING)
        or cue in ("quit", "joined")
        or cue in _GOING
        or (cue in ("to", "in") and earlier in _GOING)
    ):
        if not _names_a_place(words[first : last + 1], strong=cue in _AT or cue == "for"):
            return None
        if last + 1 < len(words) and words[last + 1].key in cues()["eponym_heads"]:
            return None
        return first, last, IdentifierType.EMPLOYER if _works_there(words, first) else IdentifierType.FACILITY
    return None


def _names_a_place(run: list[Word], *, strong: bool) -> bool:
    lists = cues()
    for word in run:
        if word.key in clinical_words() or word.key in lists["never_alone"] or word.key in lists["acronyms"]:
            continue
        if word.key in lists["states"] or word.key in _LINKS:
            continue
        if word.shouted:
            if 2 < len(word.key) < 6:
                return True
        elif not is_word(word.key) or surnames().get(word.key) is Weight.NAME or (strong and len(run) > 1):
            return True
    return False
