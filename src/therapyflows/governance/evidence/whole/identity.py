"""Signs that a note, or a part of it, is about somebody else: a name, a pronoun, an age, a number not theirs."""

import re
from collections import Counter
from collections.abc import Iterator

from therapyflows.governance.evidence.whole.model import Line, NoteFinding, People, Severity, WholeNote
from therapyflows.governance.evidence.whole.phrases import load

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_AGE = re.compile(r"\b(\d{1,3})[- ](?:year|yr)[- ]old\b|\b(\d{1,3}) ?(?:y\.?/?o\.?|yo)\b(?=[ ,.])", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})$")


def check(note: WholeNote) -> Iterator[NoteFinding]:
    """Names need a chart; pronouns and ages are also compared within the note."""
    people = note.people or People()
    if people.client_names:
        yield from _names(note, people)
    yield from _pronouns(note, people)
    yield from _ages(note, people)
    yield from _numbers(note, people)


def _names(note: WholeNote, people: People) -> Iterator[NoteFinding]:
    known = {part.lower() for name in (*people.client_names, *people.other_names) for part in _WORD.findall(name)}
    source = {word.lower() for segment in note.segments for word in _WORD.findall(segment.text)}
    for line in note.lines:
        strange = [name for name in _called(line.text) if name.lower() not in known | source]
        if strange:
            message = f"This calls the client {strange[0]}; the chart knows no such name."
            yield NoteFinding("other_name", message, Severity.WARNING, (line.id,))


def _called(text: str) -> Iterator[str]:
    """Names that follow "Client", "Mr." and the like."""
    before = "|".join(load("identity")["names_after"])
    for match in re.finditer(
        rf"\b(?i:{before})\b\.?,? ([A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+)?)(?![\w'’-]*:)", _QUOTED.sub(" ", text)
    ):
        for name in match[1].split():
            if name.lower() not in load("identity")["not_names"].split():
                yield name


def _pronouns(note: WholeNote, people: People) -> Iterator[NoteFinding]:
    uses = {line.id: kind for line in note.lines if (kind := _pronoun_of(line)) is not None}
    expected = _expected(people.pronouns)
    counts = Counter(uses.values())
    if expected is None and people.pronouns is None and len(counts) > 1:
        expected = counts.most_common(1)[0][0] if counts["he"] != counts["she"] else None
        wrong = tuple(id_ for id_, kind in uses.items() if kind != expected)
        yield NoteFinding(
            "mixed_pronouns", "The client is he in one place and she in another.", Severity.WARNING, wrong
        )
    elif people.pronouns is not None:
        wrong = tuple(id_ for id_, kind in uses.items() if kind != expected)
        if wrong:
            message = f"These statements call the client by another pronoun than the chart's ({people.pronouns})."
            yield NoteFinding("other_pronouns", message, Severity.WARNING, wrong)


def _expected(pronouns: str | None) -> str | None:
    first = re.split(r"[/, ]", pronouns.lower())[0] if pronouns else ""
    return first if first in load("identity")["pronouns"] else None


def _pronoun_of(line: Line) -> str | None:
    """``he`` or ``she`` when the sentence is about the client and nobody else it could mean is in it."""
    words = [word.lower() for word in _WORD.findall(_QUOTED.sub(" ", line.text))]
    subject = next((at for at, word in enumerate(words) if word in ("client", "patient", "pt")), None)
    if subject is None or line.copied or set(words) & set(load("identity")["others"].split()):
        return None
    kinds = {kind for kind, forms in load("identity")["pronouns"].items() for w in words[subject:] if w in forms}
    return kinds.pop() if len(kinds) == 1 else None


def _ages(note: WholeNote, people: People) -> Iterator[NoteFinding]:
    stated = [
        (line.id, int(m[1] or m[2])) for line in note.lines for m in _AGE.finditer(line.text) if _is_clients(line)
    ]
    if people.age is not None:
        for id_, age in stated:
            if age != people.age:
                message = f"This says {age} years; the chart says {people.age}."
                yield NoteFinding("other_age", message, Severity.WARNING, (id_,))
    elif len({age for _, age in stated}) > 1:
        ids = tuple(id_ for id_, _ in stated)
        yield NoteFinding("mixed_ages", "The note gives the client two ages.", Severity.WARNING, ids)


def _is_clients(line: Line) -> bool:
    words = {word.lower() for word in _WORD.findall(line.text)}
    others = set(load("identity")["others"].split()) - {"man", "woman", "guy", "girl", "boy", "lady", "person"}
    others -= {"mr", "mrs", "ms", "dr"}
    return not words & others


def _numbers(note: WholeNote, people: People) -> Iterator[NoteFinding]:
    for kind, known in (("record", people.numbers), ("member", people.numbers), ("birth_date", _birth_dates(people))):
        if not known:
            continue
        for line in note.lines:
            for match in re.finditer(load("identity")["numbers"][kind], line.text, re.IGNORECASE):
                if _plain(match[1]) not in map(_plain, known):
                    message = f"This {kind.replace('_', ' ')} is not this client's."
                    yield NoteFinding(f"other_{kind}", message, Severity.WARNING, (line.id,))


def _birth_dates(people: People) -> tuple[str, ...]:
    return (people.birth_date,) if people.birth_date else ()


def _plain(value: str) -> str:
    """Letters and digits; a date as year (two digits), month, day."""
    if (slashed := _SLASHED.match(value)) is not None:
        month, day, year = slashed.groups()
        return f"{year[-2:]}{int(month):02d}{int(day):02d}"
    if (iso := _ISO.match(value)) is not None:
        return f"{iso[1][-2:]}{iso[2]}{iso[3]}"
    return re.sub(r"\W", "", value).upper()
