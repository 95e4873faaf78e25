"""Words to runs and lines; boxes and blanks that are typed (``[x]``, ``____``) to what they stand for."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from therapyflows.core.intake.page import Comb, Mark, Page, Rect, Rule, Word

_TYPED_BOX = re.compile(r"^[\[\(]\s*([xX*✓✔]?)\s*[\]\)]")
_TYPED_BOX_START = re.compile(r"^[\[\(]\s*[xX*✓✔]?$")
_DRAWN_BOX = re.compile(r"^([□☐☑☒■▢◻◯○●口回☑✓✔])")
_TICKED = "☑☒■●回✓✔"
_MARKED_BLANK = re.compile(r"^_*[xX✓✔]_+$|^_+[xX✓✔]_*$")
_TO_CHOOSE = re.compile(r"^\(?(circle|check|tick|mark|one|below)\)$", re.IGNORECASE)
"""The end of a bracket such as "(circle one)": the options begin behind it."""
_YES_OR_NO = {"y", "n", "yes", "no"}
_OPTION_WORDS = {"yes", "no", "self", "spouse", "child", "other", "male", "female", "single", "married", "divorced"}
_RUN_TOGETHER = re.compile(r"(\[[xX]?\]|_+[xX]_*(?=[A-Z]|$)|^[xX]_+(?=[A-Z]|$))")
_JOINED_LABEL = re.compile(r"^([A-Za-z#(][A-Za-z./&#'’()-]*[:?])([^/\s:?].*)$")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand together on one line."""

    words: tuple[Word, ...]
    line: int

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def at(self) -> Rect:
        return around(word.at for word in self.words)

    @property
    def confidence(self) -> float:
        return min(word.confidence for word in self.words)

    @property
    def style(self) -> str:
        return self.words[0].style

    @property
    def ends_as_label(self) -> bool:
        return self.text.rstrip(" *").endswith((":", "?", ":*"))


def around(places: Iterable[Rect]) -> Rect:
    """The rectangle around all of them."""
    found = list(places)
    return Rect(
        min(at.left for at in found),
        min(at.top for at in found),
        max(at.right for at in found),
        max(at.bottom for at in found),
    )


def prepared(page: Page) -> Page:
    """The page with typed boxes as marks, underscores as lines, and the letters of a comb as one word."""
    page = replace(page, words=tuple(word for word in page.words if word.text.strip() and _has_room(word.at)))
    words: list[Word] = []
    marks = list(page.marks)
    rules = [*_whole(page.rules), *_lines_of_combs(page.combs)]
    written = _combed(page.words, page.combs)
    for line in lines_of(part for word in written for part in _split_at_blank(word, page.rules)):
        kept, line_marks, line_rules = _typed(line)
        words.extend(kept)
        marks.extend(mark for mark in line_marks if not any(mark.at.touches(other.at) for other in page.marks))
        rules.extend(line_rules)
    return replace(page, words=tuple(words), marks=tuple(marks), rules=tuple(rules))


def _has_room(at: Rect) -> bool:
    return at.width > 0 and at.height > 0


def _lines_of_combs(combs: Sequence[Comb]) -> Iterator[Rule]:
    """A line to write on for each comb; one for combs that stand close, as for the parts of a date."""
    last: Comb | None = None
    for comb in sorted(combs, key=lambda c: (round(c.at.top / 3), c.at.left)):
        if (
            last is not None
            and abs(comb.at.top - last.at.top) < 3
            and 0 <= comb.at.left - last.at.right < 1.2 * comb.pitch
        ):
            comb = replace(comb, at=last.at.joined(comb.at))
        elif last is not None:
            yield Rule(replace(last.at, top=last.at.bottom - 1))
        last = comb
    if last is not None:
        yield Rule(replace(last.at, top=last.at.bottom - 1))


def _combed(words: Sequence[Word], combs: Sequence[Comb]) -> Iterator[Word]:
    """Letters that stand in the cells of a comb, joined.  A recognizer reads them as words of its own."""
    letters: dict[int, dict[int, list[Word]]] = {}
    for word in words:
        if not any(_crosses(word.at, comb.at) for comb in combs):
            yield word
            continue
        for letter in _letters(word):
            home = min(range(len(combs)), key=lambda at: _distance(letter.at, combs[at].at))
            cell = int((letter.at.center[0] - combs[home].at.left) / combs[home].pitch)
            letters.setdefault(home, {}).setdefault(cell, []).append(letter)
    for home, cells in letters.items():
        yield from _joined_letters(cells, combs[home])


def _crosses(word: Rect, comb: Rect) -> bool:
    return comb.top <= word.center[1] <= comb.bottom and word.left < comb.right - 2 and word.right > comb.left + 2


def _letters(word: Word) -> Iterator[Word]:
    """Each letter of a word, at even steps."""
    text = [letter for letter in word.text if letter not in "|[]"]
    step = word.at.width / max(1, len(text))
    for at, letter in enumerate(text):
        left = word.at.left + at * step
        yield replace(word, text=letter, at=replace(word.at, left=left, right=left + step))


def _distance(letter: Rect, comb: Rect) -> float:
    x, y = letter.center
    return max(comb.left - x, x - comb.right, 0.0) + 4 * max(comb.top - y, y - comb.bottom, 0.0)


def _joined_letters(cells: Mapping[int, Sequence[Word]], comb: Comb) -> Iterator[Word]:
    """One word; more where a cell stays empty between them."""
    taken: list[Word] = []
    last = min(cells)
    for cell in sorted(cells):
        if taken and cell - last > 1:
            yield _as_one(taken, comb)
            taken = []
        taken.extend(cells[cell])
        last = cell
    yield _as_one(taken, comb)


def _as_one(letters: Sequence[Word], comb: Comb) -> Word:
    at = around(letter.at for letter in letters)
    text = "".join(letter.text for letter in letters)
    sure = sum(letter.confidence for letter in letters) / len(letters)
    return Word(text, replace(at, top=comb.at.top + 1, bottom=comb.at.bottom - 1), round(sure, 3))


def _whole(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Lines without the breaks that a skewed scan leaves in them."""
    for horizontal in (True, False):
        pieces = [_turned(rule.at) if not horizontal else rule.at for rule in rules if rule.horizontal == horizontal]
        for line in _joined_pieces(pieces):
            yield Rule(line if horizontal else _turned(line))


def _turned(at: Rect) -> Rect:
    return Rect(at.top, at.left, at.bottom, at.right)


def _joined_pieces(pieces: list[Rect]) -> list[Rect]:
    lines: list[Rect] = []
    for piece in sorted(pieces, key=lambda at: at.left):
        for at, line in enumerate(lines):
            level = abs(piece.center[1] - line.center[1]) < 1.6 and piece.height < 4
            if level and -3 <= piece.left - line.right <= 2.5:
                lines[at] = line.joined(piece)
                break
        else:
            lines.append(piece)
    return lines


def lines_of(words: Iterable[Word]) -> list[list[Word]]:
    """Words by line, from top to bottom and left to right."""
    lines: list[tuple[float, float, list[Word]]] = []
    for word in sorted(words, key=lambda w: w.at.center[1]):
        middle, height = word.at.center[1], word.at.height
        for at in range(len(lines) - 1, max(-1, len(lines) - 6), -1):
            center, tall, members = lines[at]
            if abs(middle - center) < 0.45 * max(4.0, min(height, tall)):
                members.append(word)
                break
        else:
            lines.append((middle, height, [word]))
    return [sorted(members, key=lambda w: w.at.left) for _, _, members in lines]


def _typed(line: Sequence[Word]) -> tuple[list[Word], list[Mark], list[Rule]]:
    kept: list[Word] = []
    marks: list[Mark] = []
    rules: list[Rule] = []
    queue = [part for word in line for boxed in _split_boxes(word) for part in _split_label(boxed)]
    while queue:
        word = queue.pop(0)
        if queue and _TYPED_BOX_START.match(word.text) and queue[0].at.left - word.at.right < 9:
            joined = word.text + queue[0].text
            if _TYPED_BOX.match(joined):
                after = queue.pop(0)
                word = Word(joined, word.at.joined(after.at), min(word.confidence, after.confidence), word.style)
        box = _TYPED_BOX.match(word.text) or _DRAWN_BOX.match(word.text)
        if box:
            ticked = box[1] in _TICKED if box[1] and box.re is _DRAWN_BOX else bool(box[1])
            mark_at, rest = _cut(word, box.end())
            marks.append(Mark(mark_at, ticked, word.confidence))
            if rest is not None:
                queue.insert(0, rest)
        elif _MARKED_BLANK.match(word.text):
            marks.append(Mark(word.at, True, word.confidence))
        elif _is_option_blank(word, queue):
            marks.append(Mark(word.at, False, word.confidence))
        elif "__" in word.text or not word.text.strip("_"):
            words, blanks = _blanks(word)
            kept.extend(words)
            rules.extend(blanks)
        else:
            kept.append(word)
    return kept, marks, rules


def _split_at_blank(word: Word, rules: Sequence[Rule]) -> Iterator[Word]:
    """``SignatureAda`` where the blank line begins: a label and what is written behind it."""
    for rule in rules:
        under = rule.horizontal and word.at.bottom - 5 <= rule.at.center[1] <= word.at.bottom + 4
        if under and word.at.left + 8 < rule.at.left < word.at.right - 5 and word.text.rstrip(".,").isalnum():
            near = len(word.text) * (rule.at.left - word.at.left) / word.at.width
            capitals = [at for at in range(2, len(word.text)) if word.text[at].isupper() != word.text[at - 1].isupper()]
            starts = [at for at in capitals if abs(at - near) < 3 and word.text[at - 1].islower()]
            if starts:
                place, rest = _cut(word, min(starts, key=lambda at: abs(at - near)))
                yield replace(word, text=word.text[: len(word.text) - len(rest.text if rest else "")], at=place)
                if rest is not None:
                    yield rest
                return
    yield word


def _split_boxes(word: Word) -> Iterator[Word]:
    """``Male[]`` and ``[x]Yes[]No`` at their boxes, as a recognizer runs them together."""
    pieces = [word.text] if "@" in word.text else _RUN_TOGETHER.split(word.text)
    if len(pieces) == 1:
        yield word
        return
    step, at = word.at.width / len(word.text), 0
    for piece in pieces:
        if piece.strip("_ "):
            left = word.at.left + at * step
            yield replace(word, text=piece, at=replace(word.at, left=left, right=left + len(piece) * step))
        at += len(piece)


def _split_label(word: Word) -> Iterator[Word]:
    """``Name:Maria`` as label and value."""
    joined = _JOINED_LABEL.match(word.text)
    if joined is None or joined[2].startswith("//"):
        yield word
        return
    left, rest = _cut(word, joined.end(1))
    yield replace(word, text=joined[1], at=left)
    if rest is not None:
        yield from _split_label(rest)


def _cut(word: Word, at: int) -> tuple[Rect, Word | None]:
    """The place of the first letters, and the word that the others are."""
    middle = word.at.left + word.at.width * at / len(word.text)
    rest = word.text[at:].strip()
    place = replace(word.at, right=middle)
    return place, replace(word, text=rest, at=replace(word.at, left=middle)) if rest else None


def _is_option_blank(word: Word, after: Sequence[Word]) -> bool:
    return (
        not word.text.strip("_")
        and word.at.width < 34
        and bool(after)
        and after[0].at.left - word.at.right < 8
        and after[0].text.strip(".,:;/").lower() in _OPTION_WORDS
    )


def _blanks(word: Word) -> tuple[list[Word], list[Rule]]:
    words: list[Word] = []
    rules: list[Rule] = []
    step = word.at.width / len(word.text)
    for part in re.finditer(r"_+|[^_]+(?:_[^_]+)*", word.text):
        left, right = word.at.left + part.start() * step, word.at.left + part.end() * step
        if part[0].strip("_"):
            words.append(replace(word, text=part[0], at=replace(word.at, left=left, right=right)))
        else:
            rules.append(Rule(Rect(left, word.at.bottom - 1.0, right, word.at.bottom)))
    if words and rules:  # typed over the blank: the whole word is the line
        rules = [Rule(Rect(rules[0].at.left, word.at.bottom - 1.0, rules[-1].at.right, word.at.bottom))]
    return words, rules


def runs_of(page: Page) -> list[list[Run]]:
    """Lines of runs.  A run ends at a wide gap, at a colon, at a box or line that is drawn, where the font changes."""
    return [
        [Run(tuple(part), number) for part in _parts(line, page)] for number, line in enumerate(lines_of(page.words))
    ]


def _parts(line: Sequence[Word], page: Page) -> Iterator[list[Word]]:
    taken: list[Word] = []
    for word in line:
        if taken and _is_apart(taken[-1], word, page):
            yield taken
            taken = []
        taken.append(word)
    if taken:
        yield taken


def _is_apart(before: Word, after: Word, page: Page) -> bool:
    height = min(max(before.at.height, 6.0), max(after.at.height, 6.0))
    gap = after.at.left - before.at.right
    if gap > 0.85 * height or before.text.endswith((":", "?")) or _TO_CHOOSE.search(before.text):
        return True
    if before.style != after.style and _of_words(before, after):
        return True
    between = (before.at.right + after.at.left) / 2
    middle = (before.at.top + before.at.bottom) / 2
    if any(mark.at.holds(mark.at.center[0], middle) and _lies_between(mark.at, before, after) for mark in page.marks):
        return True
    if before.text.lower() in _YES_OR_NO and after.text[:1].isupper() and _has_a_box(before, page):
        return True  # the last of the boxes left of a question
    return any(_separates(rule, between, gap, before) for rule in page.rules)


def _has_a_box(word: Word, page: Page) -> bool:
    """Whether a box to tick stands close before the word, on its line."""
    middle = word.at.center[1]
    return any(-1 <= word.at.left - mark.at.right < 7 and mark.at.top < middle < mark.at.bottom for mark in page.marks)


def _of_words(before: Word, after: Word) -> bool:
    return any(c.isalnum() for c in before.text) and any(c.isalnum() for c in after.text)


def _lies_between(at: Rect, before: Word, after: Word) -> bool:
    return before.at.center[0] < at.center[0] < after.at.center[0]


def _separates(rule: Rule, between: float, gap: float, word: Word) -> bool:
    slack = gap / 2 + 2.5
    if rule.horizontal:
        under = word.at.bottom - 5 <= rule.at.top <= word.at.bottom + 4
        return under and (abs(rule.at.left - between) <= slack or abs(rule.at.right - between) <= slack)
    return abs(rule.at.center[0] - between) <= slack and rule.at.top <= word.at.center[1] <= rule.at.bottom
