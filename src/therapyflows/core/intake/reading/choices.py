"""Which of the options beside a label is taken: ticked, circled, crossed or typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from therapyflows.core.intake.page import Mark, Rect, Word
from therapyflows.core.intake.reading.answers import Answer
from therapyflows.core.intake.reading.lines import lines_of
from therapyflows.core.intake.reading.page_reading import Reading
from therapyflows.core.intake.reading.vocabulary import plain, vocabulary

_FAR = 40.0
"""Points beyond which words do not belong to a box."""
_HEADER_REACH = 420.0
"""Points above a box in which the heading of its column may stand."""
_ARC = 8.0
"""Points: the ends of a ring around a word are no wider."""


@dataclass(frozen=True, slots=True)
class Option:
    text: str
    at: Rect
    checked: bool | None
    confidence: float


def options_of(answer: Answer, reading: Reading) -> list[Option]:
    """The options of an answer with boxes, in reading order."""
    if not answer.marks:
        return []
    found: list[Option] = []
    for row in _rows(answer.marks):
        words = [w for w in answer.words if abs(w.at.center[1] - row[0].at.center[1]) < 7]
        behind = _stand_before_words(row, words)
        found.extend(_option(mark, at, row, words, behind, reading) for at, mark in enumerate(row))
    return found


def _rows(marks: Sequence[Mark]) -> list[list[Mark]]:
    rows: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda m: m.at.center[1]):
        if rows and abs(rows[-1][0].at.center[1] - mark.at.center[1]) < 6:
            rows[-1].append(mark)
        else:
            rows.append([mark])
    return [sorted(row, key=lambda m: m.at.left) for row in rows]


def _stand_before_words(row: Sequence[Mark], words: Sequence[Word]) -> bool:
    """Whether boxes stand before their words (the usual), not behind them."""
    if not words:
        return True
    behind = [min((w.at.left - m.at.right for w in words if w.at.left > m.at.right - 3), default=_FAR) for m in row]
    before = [min((m.at.left - w.at.right for w in words if w.at.right < m.at.left + 3), default=_FAR) for m in row]
    return sum(min(gap, _FAR) for gap in behind) <= sum(min(gap, _FAR) for gap in before)


def _option(mark: Mark, at: int, row: Sequence[Mark], words: Sequence[Word], before: bool, reading: Reading) -> Option:
    if before:
        until = row[at + 1].at.left if at + 1 < len(row) else float("inf")
        own = [w for w in words if mark.at.right - 3 <= w.at.left < until - 1]
        own = _until_gap(own)
    else:
        since = row[at - 1].at.right if at else float("-inf")
        own = [w for w in words if since - 1 < w.at.center[0] < mark.at.left + 2]
    text = " ".join(word.text for word in own)
    if not text:
        told = len({m.option for m in row}) == len(row)  # makers leave "Yes" as the name of every box
        text = _column_header(mark, reading) or (mark.option if told else "")
    confidence = min([mark.confidence, *(word.confidence for word in own)])
    return Option(text.strip(" ,;/"), mark.at, checked_state(mark, reading), confidence)


def _until_gap(words: list[Word]) -> list[Word]:
    kept: list[Word] = []
    for word in sorted(words, key=lambda w: w.at.left):
        if kept and word.at.left - kept[-1].at.right > 2.2 * word.at.height:
            break
        kept.append(word)
    return kept


def checked_state(mark: Mark, reading: Reading) -> bool | None:
    """Ticked in the box, or by a stroke across it."""
    if mark.checked:
        return True
    crossed = any(
        stroke.at.holds(*mark.at.center) and stroke.at.width < 3.5 * mark.at.width and not stroke.ring
        for stroke in reading.sheet.page.strokes
    )
    return True if crossed else mark.checked


def _column_header(mark: Mark, reading: Reading) -> str:
    """Yes or no, printed over the column that the box stands in."""
    x, y = mark.at.center
    near = [
        word
        for word in reading.sheet.page.words
        if 0 < y - word.at.center[1] < _HEADER_REACH
        and abs(word.at.center[0] - x) < 14
        and vocabulary().yes_or_no(word.text) is not None
    ]
    return max(near, key=lambda word: word.at.center[1]).text if near else ""


def chosen(options: Sequence[Option]) -> list[Option]:
    return [option for option in options if option.checked]


def circled(words: Sequence[Word], reading: Reading) -> list[Word]:
    """Words that a ring goes round, or that a stroke goes through."""
    rings = [stroke for stroke in reading.sheet.page.strokes if stroke.ring or stroke.at.width < 40]
    return [
        word
        for word in words
        if any(ring.at.holds(*word.at.center) and ring.at.height >= 0.7 * word.at.height for ring in rings)
        or between_arcs(word, reading)
    ]


def between_arcs(word: Word, reading: Reading) -> bool:
    """Whether the ends of a long flat ring stand on both sides: above and under the word it looks like two lines."""
    at = word.at
    arcs = [
        stroke.at
        for stroke in reading.sheet.page.strokes
        if stroke.at.width < _ARC
        and stroke.at.height >= 0.6 * at.height
        and stroke.at.top < at.center[1] < stroke.at.bottom
    ]
    before = any(-_ARC < arc.center[0] - at.left < _ARC / 4 for arc in arcs)
    return before and any(-_ARC / 4 < arc.center[0] - at.right < _ARC for arc in arcs)


def yes_or_no(answer: Answer, reading: Reading) -> tuple[bool | None, bool, str]:
    """The answer to a yes/no question, whether it is contradictory, and its words."""
    options = options_of(answer, reading)
    known = _of_one_question([o for o in options if vocabulary().yes_or_no(o.text) is not None])
    if known:
        taken = chosen(known)
        if len(taken) == 1:
            return vocabulary().yes_or_no(taken[0].text), False, taken[0].text
        doubtful = len(taken) > 1 or any(o.checked is None for o in known)
        return None, doubtful, ", ".join(o.text for o in taken)
    words = [w for w in answer.words if vocabulary().yes_or_no(w.text) is not None]
    both = {vocabulary().yes_or_no(word.text) for word in words}
    if len(both) == 1 and _is_left_of_a_pair(words[0], reading):
        return _by_the_ring(words[0], answer)
    if len(both) == 2 and len(answer.words) <= 4:
        ringed = circled(words, reading)
        if len(ringed) == 1:
            return vocabulary().yes_or_no(ringed[0].text), False, ringed[0].text
        return None, len(ringed) > 1, ""
    typed = vocabulary().yes_or_no(answer.text)
    if typed is None and options and len(options) == 1:
        return (True if options[0].checked else None), False, options[0].text
    return typed, False, answer.text


def _of_one_question(options: Sequence[Option]) -> list[Option]:
    """The first yes and no on each line: what says the same again belongs to a question that stands beside it."""
    kept: list[Option] = []
    for option in options:
        same = vocabulary().yes_or_no(option.text)
        level = [k for k in kept if abs(k.at.center[1] - option.at.center[1]) < 6]
        if all(vocabulary().yes_or_no(k.text) != same for k in level):
            kept.append(option)
    return kept


def _is_left_of_a_pair(word: Word, reading: Reading) -> bool:
    """Whether yes and no are printed to be circled: there are rings, and the word stands in a column with others."""
    rings = any(stroke.ring for stroke in reading.sheet.page.strokes)
    column = [w for w in reading.sheet.page.words if vocabulary().yes_or_no(w.text) is not None]
    same = [w for w in column if abs(w.at.left - word.at.left) < 5 and abs(w.at.top - word.at.top) > 5]
    others = [w for w in column if 5 <= abs(w.at.left - word.at.left) < 70]
    return rings and bool(same) and bool(others)


def _by_the_ring(seen: Word, answer: Answer) -> tuple[bool | None, bool, str]:
    """The answer where one word of the pair was read: the other one was lost in the ring that goes round it."""
    rings = [stroke for stroke in answer.strokes if stroke.ring]
    value = vocabulary().yes_or_no(seen.text)
    if len(rings) != 1 or value is None:
        return None, True, seen.text
    ringed = rings[0].at.holds(*seen.at.center)
    return (value, False, seen.text) if ringed else (not value, False, "")


def remaining_words(answer: Answer, options: Sequence[Option]) -> str:
    """What is written beside the options."""
    used = " ".join(option.text for option in options)
    lines = [" ".join(word.text for word in line) for line in lines_of(answer.words)]
    rest = [line for line in lines if plain(line) and plain(line) not in plain(used)]
    return " ".join(rest)
