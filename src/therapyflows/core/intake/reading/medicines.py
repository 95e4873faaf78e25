"""Medications: a table with a head, or a list that is written out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from therapyflows.core.intake.model import Extracted, Medication
from therapyflows.core.intake.page import Field, Page, Rect, Word
from therapyflows.core.intake.reading.answers import INSTRUCTION, Answer
from therapyflows.core.intake.reading.lines import Run, around, lines_of
from therapyflows.core.intake.reading.page_reading import Reading
from therapyflows.core.intake.reading.values import is_absent, tidy
from therapyflows.core.intake.reading.vocabulary import vocabulary

_DOSE = re.compile(
    r"\b\d[\d.,]*\s*(?:mg|mcg|ug|g|ml|iu|units?|tabs?|tablets?|caps?|capsules?|puffs?|%)\b(?:/\w+)?", re.IGNORECASE
)
_FREQUENCY = re.compile(
    r"\b(?:once|twice|(?:one|two|three|four|\d) times?|1x|2x|3x|every|each|daily|nightly|weekly|at bedtime|bedtime"
    r"|as needed|prn|qd|bid|tid|qid|qhs|q\.?d|b\.?i\.?d|in the (?:morning|evening)|\d+ ?x)\b.*",
    re.IGNORECASE,
)
_PRESCRIBER = re.compile(r"[\s,(]+(?:(?:prescribed )?by )?(Dr\.? [A-Z][\w.' -]+)\)?\s*$")
_BY_WHOM = re.compile(r"(?:prescribed )?by\b|Dr\b|(?:as|when|if) |at |in the |with ", re.IGNORECASE)
_NONE = re.compile(
    r"^(none|no|nothing|n/?a|no medications?|not taking any.*|i take none|none currently|none at this time)\.?$", re.I
)
_NUMBER_OF_ROW = re.compile(r"\d{1,2}[.)]?")
_LONGEST_GAP = 46.0
_UNITS = {"mg", "dr", "dr."}
"""Labels of a column that are part of a value among words."""
_UNDER_A_LABEL = 34.0
"""Points in which the answer stands under its label."""
_MOST_ROWS = 20
_UNDER_ONE_ANOTHER = 8.0
"""Points."""
_FEWEST_LABELLED = 2
"""Rows, and labels in a row, from which it is a list."""
_WIDEST_COLUMN = 0.75
"""Of the width of the table."""


def table_of(reading: Reading) -> tuple[list[Medication], Rect] | None:
    """The medications of the first table on the page, and where the table stands."""
    told = _numbered_rows(reading) or _labelled_rows(reading)
    if told is not None:
        return told
    for number, line in enumerate(reading.sheet.lines):
        heads = _heads(line)
        if heads is not None:
            return list(_rows(number, heads, reading)), _area(line, heads, reading)
    return None


def _numbered_rows(reading: Reading) -> tuple[list[Medication], Rect] | None:
    """Fields that each have a label with the number of the medication over them: "Medicine 1", "Dose 1"."""
    rows = [(line, heads) for line in reading.sheet.lines if (heads := _numbered(line)) is not None]
    if not rows:
        return None
    found: list[Medication] = []
    places: list[Rect] = []
    for line, heads in rows:
        at = around(run.at for run in line)
        tops = [other.at.top for row, _ in rows for other in row if other.at.top > at.bottom]
        tops += [label.at.top for label in reading.labels if label.at.top > at.bottom and label.runs[0] not in line]
        end = min([*tops, at.bottom + _UNDER_A_LABEL])
        edges = [place.left - 5 for _, place in heads] + [reading.sheet.page.width]
        area = Rect(edges[0], at.bottom, edges[-1], end)
        typed = reading.sheet.fields_in(area)
        if typed:
            found.extend(_typed_rows(typed, heads, edges, reading.sheet.page))
        else:
            medication = _medication(reading.sheet.words_in(area), heads, edges, reading.sheet.page)
            found.extend([medication] if medication is not None else [])
        places.append(at.joined(area))
    return found, around(places)


def _numbered(line: Sequence[Run]) -> list[tuple[str, Rect]] | None:
    """The columns of such a row of labels."""
    found = [(re.fullmatch(r"(.+?)\s*#?(\d{1,2}):?", run.text), run.at) for run in line]
    heads = [(vocabulary().medication_column(match[1]), match[2], at) for match, at in found if match is not None]
    known = [(column, number, at) for column, number, at in heads if column is not None]
    columns = {column for column, _, _ in known}
    if "name" not in columns or len(columns) < _FEWEST_LABELLED or len({number for _, number, _ in known}) > 1:
        return None
    return [(column, at) for column, _, at in known]


def _labelled_rows(reading: Reading) -> tuple[list[Medication], Rect] | None:
    """Rows that say on each line what stands where, the name first: "1) ____ dose ____ freq ____"."""
    rows = [parts for line in reading.sheet.lines if (parts := _labelled(line, reading)) is not None]
    rows = [row for row in rows if sum(_is_alike(row, other) for other in rows) >= _FEWEST_LABELLED]
    if not rows:
        return None
    found = [Medication(**row[0]) for row in rows if not row[0]["name"].absent]
    return found, around(row[1] for row in rows)


def _is_alike(row: tuple[dict[str, Extracted[str]], Rect], other: tuple[dict[str, Extracted[str]], Rect]) -> bool:
    """Whether two rows have the same columns and begin under one another: a question may speak of columns as well."""
    return row[0].keys() == other[0].keys() and abs(row[1].left - other[1].left) < _UNDER_ONE_ANOTHER


def _labelled(line: Sequence[Run], reading: Reading) -> tuple[dict[str, Extracted[str]], Rect] | None:
    """The parts of such a row, and where it stands."""
    words = [word for run in line for word in run.words]
    places = [(column, at, count) for at, count, column in _inline(words)]
    if len({column for column, _, _ in places} & {"dose", "frequency"}) < _FEWEST_LABELLED:
        return None
    begins = 1 if words and _NUMBER_OF_ROW.fullmatch(words[0].text) else 0
    if places[0][0] == "name":
        begins = places[0][1] + places[0][2]
        places = places[1:]
    whole = around(word.at for word in words)
    fields = reading.sheet.fields_in(Rect(0, whole.top - 5, reading.sheet.page.width, whole.bottom + 5))
    parts: dict[str, Extracted[str]] = {}
    for n, (column, at, count) in enumerate([("name", begins, 0), *places]):
        end = places[n][1] if n < len(places) else len(words)
        here = Rect(words[at - 1 + count].at.right if at + count else 0, 0, reading.sheet.page.width, 0)
        here = replace(here, right=words[end].at.left) if end < len(words) else here
        typed = [field for field in fields if here.left - 2 <= field.at.left < here.right]
        value = typed_value(typed[0], reading.sheet.page) if typed else None
        said = words[at + count : max(end, at + count)]
        if column != "ignored":
            parts[column] = value or (_cell_value(said, reading.sheet.page) if said else Extracted[str]())
    return parts, whole


def _inline(words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Where labels of columns stand among the words, of how many words they are, and what they say."""
    at = 0
    while at < len(words):
        for count in (3, 2, 1) if not _NUMBER_OF_ROW.fullmatch(words[at].text) else ():
            text = " ".join(word.text for word in words[at : at + count])
            column = vocabulary().medication_column(text) if at + count <= len(words) else None
            if column is not None and text.lower() not in _UNITS:
                yield at, count, column
                at += count - 1
                break
        at += 1


def _heads(line: Sequence[Run]) -> list[tuple[str, Rect]] | None:
    """The columns of a head: a name and at least one more."""
    known = vocabulary().medication_head
    heads = [(column, run.at) for run in line if (column := known(run.text)) is not None]
    columns = [column for column, _ in heads]
    if "name" not in columns or len(set(columns) - {"ignored"}) < 2:
        return None
    return heads


def _area(line: Sequence[Run], heads: Sequence[tuple[str, Rect]], reading: Reading) -> Rect:
    top = min(at.top for _, at in heads)
    return Rect(0, top, reading.sheet.page.width, _end(heads, reading))


def _end(heads: Sequence[tuple[str, Rect]], reading: Reading) -> float:
    """Where the table ends: at the next label or heading."""
    bottom = max(at.bottom for _, at in heads)
    left = min(at.left for _, at in heads)
    tops = [h.at.top for h in reading.headings if h.at.top > bottom]
    tops += [area.top - 12 for _, area in reading.measures if area.top > bottom]
    tops += [run.at.top for run in reading.sheet.runs if run.at.top > bottom and INSTRUCTION.match(run.text)]
    tops += [
        label.at.top
        for label in reading.labels
        if label.at.top > bottom and (label.path is not None or label.ends_as_label) and label.at.left < left + 60
    ]
    return min(tops, default=reading.sheet.page.height)


def _rows(number: int, heads: list[tuple[str, Rect]], reading: Reading) -> Iterator[Medication]:
    heads = sorted(heads, key=lambda head: head[1].left)
    bottom = max(at.bottom for _, at in heads)
    end = _end(heads, reading)
    edges = _edges(heads, reading)
    fields = [
        f for f in reading.sheet.page.fields if bottom - 2 < f.at.center[1] < end and _column(f.at, edges) is not None
    ]
    if fields:
        yield from _typed_rows(fields, heads, edges, reading.sheet.page)
        return
    for count, words in enumerate(_lines(Rect(edges[0] - 4, bottom, edges[-1], end), bottom, reading)):
        if count >= _MOST_ROWS:
            return
        medication = _medication(words, heads, edges, reading.sheet.page)
        if medication is not None:
            yield medication


def _edges(heads: Sequence[tuple[str, Rect]], reading: Reading) -> list[float]:
    """Left edges of the columns and the right edge of the last: drawn lines, else where the heads begin."""
    edges: list[float] = []
    for at, (_, place) in enumerate(heads):
        cell = reading.sheet.cell(*place.center)
        previous = heads[at - 1][1].right if at else -1.0
        drawn = cell is not None and cell.left >= previous - 2
        edges.append(cell.left if cell is not None and drawn else place.left - 5)
    last = reading.sheet.cell(*heads[-1][1].center)
    edges.append(last.right if last is not None else reading.sheet.page.width)
    return edges


def _column(at: Rect, edges: Sequence[float]) -> int | None:
    x = at.left + min(at.width / 2, 6)
    return next((n for n in range(len(edges) - 1) if edges[n] - 1 <= x < edges[n + 1]), None)


def _lines(area: Rect, top: float, reading: Reading) -> Iterator[list[Word]]:
    """Lines of the table; with lines drawn between the rows, all lines of a row together."""
    last, step = top, 0.0
    held: list[Word] = []
    row: Rect | None = None
    for line in lines_of(reading.sheet.words_in(area)):
        place = around(word.at for word in line)
        cell = reading.sheet.cell(line[0].at.left + 1, place.center[1])
        if (cell is None and row is not None) or (cell is not None and cell.width > _WIDEST_COLUMN * area.width):
            break  # under a table with drawn rows, or in the bar of the next heading
        if cell is None and place.bottom - last > (1.7 * step + 4 if step else _LONGEST_GAP):
            break
        step = step or place.bottom - last
        if held and (cell is None or row is None or abs(cell.top - row.top) > 3):
            yield held
            held = []
        row = cell
        held.extend(line)
        last = place.bottom
    if held:
        yield held


def _medication(
    words: Sequence[Word], heads: Sequence[tuple[str, Rect]], edges: Sequence[float], page: Page
) -> Medication | None:
    parts: dict[str, list[Word]] = {}
    for word in words:
        column = _column(word.at, edges)
        if column is not None:
            parts.setdefault(heads[column][0], []).append(word)
    values = {name: _cell_value(found, page) for name, found in parts.items() if name != "ignored"}
    name = values.get("name", Extracted[str]())
    if name.absent or (name.value and _NONE.match(name.value)):
        return None
    return Medication(**values)


def _cell_value(words: Sequence[Word], page: Page) -> Extracted[str]:
    text = tidy(" ".join(" ".join(w.text for w in line) for line in lines_of(words)))
    text = re.sub(r"^\d{1,2}[.)]\s*", "", text)
    if is_absent(text):
        return Extracted()
    confidence = min(word.confidence for word in words)
    return Extracted(
        text, False, round(confidence, 3), page.method, text, page.number, page.box(around(w.at for w in words))
    )


def _typed_rows(
    fields: Sequence[object], heads: Sequence[tuple[str, Rect]], edges: Sequence[float], page: Page
) -> Iterator[Medication]:
    rows: list[list[Field]] = []
    for field in sorted((f for f in fields if isinstance(f, Field)), key=lambda f: f.at.center[1]):
        if rows and abs(rows[-1][0].at.center[1] - field.at.center[1]) < 8:
            rows[-1].append(field)
        else:
            rows.append([field])
    for row in rows:
        values: dict[str, Extracted[str]] = {}
        for field in row:
            column = _column(field.at, edges)
            value = typed_value(field, page)
            if column is not None and heads[column][0] != "ignored" and value is not None:
                values[heads[column][0]] = value
        name = values.get("name")
        if name is not None and name.value and not _NONE.match(name.value):
            yield Medication(**values)


def typed_value(field: Field, page: Page) -> Extracted[str] | None:
    """What was typed into a field, as it stands; None where nothing was."""
    text = tidy(field.value)
    if is_absent(text):
        return None
    return Extracted(text, False, 1.0, page.method, field.value, page.number, page.box(field.at))


def lines_of_medications(answer: Answer) -> str:
    """An answer in words; where each line has a dose, each line is a medication."""
    typed = [field.value.strip() for field in answer.fields if field.value.strip()]
    if typed:
        return "; ".join(typed)
    lines = [" ".join(word.text for word in line) for line in lines_of(answer.words)]
    if len(lines) < 2 or not all(_DOSE.search(line) for line in lines):
        return answer.text
    return "; ".join(lines)


def says_none(text: str) -> bool:
    return bool(_NONE.match(tidy(text)))


def written_out(answer: Extracted[str]) -> list[Medication]:
    """The medications of ``Sertraline 50 mg daily; Buspirone 10 mg twice a day (Dr. Lee)``."""
    found = []
    for part in _apart(answer.value or ""):
        text = tidy(part).strip(".,")
        if is_absent(text) or says_none(text):
            continue
        found.append(_parsed(text, answer))
    return found


def _apart(text: str) -> Iterator[str]:
    """One medication after the other; a dose, a frequency or who prescribes it goes on with the one before."""
    for entry in re.split(r"[;\n]|\band\b(?=\s+[A-Z])", text):
        whole = ""
        for part in entry.split(","):
            if whole and not _goes_on(part):
                yield whole
                whole = ""
            whole = f"{whole}, {part.strip()}" if whole else part.strip()
        yield whole


def _goes_on(part: str) -> bool:
    text = part.strip(" .")
    return not text or any(pattern.match(text) for pattern in (_DOSE, _FREQUENCY, _BY_WHOM)) or text[0].isdigit()


def _parsed(text: str, source: Extracted[str]) -> Medication:
    prescriber = _PRESCRIBER.search(text)
    text = text[: prescriber.start()] if prescriber else text
    dose, frequency = _DOSE.search(text), _FREQUENCY.search(text)
    begins = min(m.start() for m in (dose, frequency) if m) if dose or frequency else len(text)
    name = tidy(text[:begins]).strip(" ,-(") or text
    when = None
    if frequency and (dose is None or frequency.start() > dose.start()):
        when = tidy(frequency[0]).strip(" ,-()")

    def part(value: str | None) -> Extracted[str]:
        if not value:
            return Extracted()
        return Extracted(value, False, round(source.confidence * 0.95, 3), source.method, text, source.page, source.box)

    return Medication(
        name=part(name),
        dose=part(dose[0] if dose else None),
        frequency=part(when),
        prescriber=part(tidy(prescriber[1]).strip(" ,()") if prescriber else None),
    )
