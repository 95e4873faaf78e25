"""Statements to be checked, right and wrong, made from public conversations, knowing nothing of the checker.

Right: the sentences of the clinicians' own notes (ACI-Bench), and of AnnoMI dialogues, which have no notes, what the
speakers said, put into the third person.  Wrong: the same with one thing changed, or a statement of another
conversation, or one that is made up.  A seed decides every choice, so that a run can be repeated.
"""

import csv
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

KINDS = ("number", "drug", "foreign", "negation", "speaker", "laterality", "family", "invented", "opposite", "date")

_WORDS = yaml.safe_load((Path(__file__).parent / "evidence_cases.yaml").read_text("utf-8"))
DRUGS = _WORDS["drugs"].split()
RELATIVES = _WORDS["relatives"].split()
SAID_AS = {"mom": "mother", "mum": "mother", "dad": "father", "grandma": "grandmother", "grandpa": "grandfather"}
FINDINGS = [finding for line in _WORDS["findings"] for finding in line]
SMALL_NUMBERS = _WORDS["numbers"].split()


@dataclass(frozen=True)
class Dialogue:
    """A conversation and what may rightly be said of it."""

    id: str
    set: str
    turns: tuple[tuple[str, str], ...]
    """Speaker (client or therapist) and text."""
    statements: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(text for _, text in self.turns).lower()


@dataclass(frozen=True)
class Case:
    """A statement about a dialogue; ``kind`` is "right" or what is wrong with it, ``origin`` what it was made from."""

    dialogue: Dialogue
    text: str
    kind: str
    origin: str = ""


def dialogues(data: Path) -> list[Dialogue]:
    """Both sets, in an order that does not change."""
    return [*_aci(data / "aci_bench"), *_annomi(data / "annomi_dev.csv")]


def _aci(folder: Path) -> Iterator[Dialogue]:
    for part in ("train", "valid"):
        for item in json.loads((folder / f"{part}.json").read_text("utf-8"))["data"]:
            turns = []
            for line in item["src"].split("\n"):
                who, _, text = line.partition("] ")
                if text.strip():
                    turns.append(("client" if "patient" in who else "therapist", _joined(text)))
            yield Dialogue(item["file"], "aci", tuple(turns), tuple(_sentences(item["tgt"])))


def _joined(text: str) -> str:
    """Undo the tokenizer of the set: "did n't", "gon na"."""
    text = re.sub(r" n't\b", "n't", text).replace("gon na", "gonna").replace("wan na", "wanna")
    return re.sub(r" ([,.?!%])", r"\1", text)


def _sentences(note: str) -> Iterator[str]:
    for line in note.split("\n"):
        line = re.sub(r"^\W*(?:\d+\.\s)?", "", line).strip()
        if line.isupper() or (len(line.split()) < 5 and not re.search(r"[.:]", line)):
            continue
        for sentence in re.split(r"(?<=[.?!])\s+(?=[A-Z])", line):
            if len(re.findall(r"[a-z]{2,}", sentence.lower())) >= 3:
                yield sentence


def _annomi(path: Path) -> Iterator[Dialogue]:
    by_id: dict[str, list[tuple[str, str]]] = {}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            turns = by_id.setdefault(row["transcript_id"], [])
            turn = (row["interlocutor"], row["utterance_text"])
            if not turns or turns[-1] != turn:
                turns.append(turn)
    for key, turns in by_id.items():
        yield Dialogue(f"annomi-{key}", "annomi", tuple(turns), tuple(_retold(turns)))


def _retold(turns: Sequence[tuple[str, str]]) -> list[str]:
    """What was said as a note would say it; at most twelve of a dialogue."""
    found = []
    for who, text in turns:
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            plain = third_person(sentence)
            if "?" not in sentence and 7 <= len(plain.split()) <= 28 and len(re.findall(r"[a-z]{5,}", plain)) >= 3:
                found.append(f"{'Client reports' if who == 'client' else 'Therapist said'} that {plain}")
    step = max(len(found) // 12, 1)
    return found[::step][:12]


_PERSONS = _WORDS["third_person"]
_SAYINGS = re.compile(r"\b(?:um+|uh+|you know|i mean|yeah|okay|oh)\b,?", re.I)


def third_person(sentence: str) -> str:
    """ "Um, I sleep badly." becomes "they sleep badly."."""
    plain = re.sub(r"\s+", " ", _SAYINGS.sub("", sentence)).strip(" ,-")
    words = [_PERSONS.get(word.lower(), word) for word in plain.replace("’", "'").split(" ")]
    text = " ".join(words)
    return text[:1].lower() + text[1:] if text[:2] != "I " else text


def cases(half: Sequence[Dialogue], seed: int = 7) -> list[Case]:
    """Every right statement, and wrong ones of every kind that can be made from it."""
    rng = random.Random(seed)
    made: list[Case] = []
    for dialogue in half:
        made.extend(Case(dialogue, text, "right") for text in dialogue.statements)
        for text in dialogue.statements:
            for kind, change in CHANGES.items():
                wrong = change(text, dialogue, rng)
                if wrong and wrong != text:
                    made.append(Case(dialogue, wrong, kind, text))
        made.extend(_foreign(dialogue, half, rng))
        made.extend(_invented(dialogue, rng))
        made.extend(_misattributed(dialogue, rng))
    return made


def _number(text: str, dialogue: Dialogue, rng: random.Random) -> str | None:
    places = list(re.finditer(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w]*[a-z]\d)", text))
    places += list(re.finditer(r"\b(?:" + "|".join(SMALL_NUMBERS) + r")\b", text, re.IGNORECASE))
    if not places:
        return None
    place = rng.choice(places)
    old = place.group()
    if old.lower() in SMALL_NUMBERS:
        new = rng.choice([word for word in SMALL_NUMBERS if word != old.lower()])
    elif "." in old:
        new = f"{float(old) + rng.choice([-2.1, -1.3, 1.2, 3.4, 10]):.1f}"
    else:
        value = int(old)
        new = str(
            rng.choice(
                [value + rng.randint(1, 4), max(value - rng.randint(1, 3), 0), value * 2, value * 10, value + 10]
            )
        )
    return text[: place.start()] + new + text[place.end() :] if new != old else None


def _drug(text: str, dialogue: Dialogue, rng: random.Random) -> str | None:
    place = re.search(r"\b(?:" + "|".join(DRUGS) + r")\b", text, re.IGNORECASE)
    if place is None:
        return None
    new = rng.choice([drug for drug in DRUGS if drug != place.group().lower() and drug not in dialogue.text])
    return text[: place.start()] + new.capitalize() + text[place.end() :]


def _negation(text: str, dialogue: Dialogue, rng: random.Random) -> str | None:
    for pattern, new in _WORDS["negations"]:
        if re.search(pattern, text):
            return re.sub(pattern, new, text, count=1)
    return None


def _speaker(text: str, dialogue: Dialogue, rng: random.Random) -> str | None:
    if dialogue.set == "annomi":
        return None
    flips = (
        (r"^(?:The patient|She|He) (?:reports|states|notes|mentions) that\b", "The physician explained that"),
        (r"^I (?:recommended|advised|encouraged|explained|discussed)\b", "The patient reports that they"),
    )
    for pattern, new in flips:
        if re.search(pattern, text):
            return re.sub(pattern, new, text, count=1)
    return None


def _laterality(text: str, dialogue: Dialogue, rng: random.Random) -> str | None:
    swap = {"left": "right", "right": "left", "bilateral": rng.choice(["left", "right"])}
    place = re.search(r"\b(left|right|bilateral)\b", text, re.IGNORECASE)
    if place is None or dialogue.set == "annomi":
        return None
    return text[: place.start()] + swap[place.group().lower()] + text[place.end() :]


def _family(text: str, dialogue: Dialogue, rng: random.Random) -> str | None:
    place = re.search(r"\b(?:" + "|".join([*RELATIVES, *SAID_AS]) + r")\b", text, re.IGNORECASE)
    if place:
        old = SAID_AS.get(place.group().lower(), place.group().lower())
        return text[: place.start()] + rng.choice([one for one in RELATIVES if one != old]) + text[place.end() :]
    if dialogue.set == "aci" and re.match(r"The patient (?:has|reports|denies|is|was)\b", text) and rng.random() < 0.5:
        return text.replace("The patient", f"The patient's {rng.choice(RELATIVES)}", 1)
    return None


def _opposite(text: str, dialogue: Dialogue, rng: random.Random) -> str | None:
    swap = _WORDS["opposites"]
    place = re.search(r"\b(?:" + "|".join(swap) + r")\b", text)
    return text[: place.start()] + swap[place.group()] + text[place.end() :] if place else None


def _date(text: str, dialogue: Dialogue, rng: random.Random) -> str | None:
    for names in (_WORDS["weekdays"].split(), _WORDS["months"].split()):
        place = re.search(r"\b(?:" + "|".join(names) + r")\b", text, re.IGNORECASE)
        if place:
            new = rng.choice([name for name in names if name.lower() != place.group().lower()])
            return text[: place.start()] + new + text[place.end() :]
    place = re.search(r"\b(19|20)\d\d\b", text)
    if place:
        return text[: place.start()] + str(int(place.group()) - rng.randint(1, 5)) + text[place.end() :]
    return None


CHANGES: dict[str, Callable[[str, Dialogue, random.Random], str | None]] = {
    "number": _number,
    "drug": _drug,
    "negation": _negation,
    "speaker": _speaker,
    "laterality": _laterality,
    "family": _family,
    "opposite": _opposite,
    "date": _date,
}


def _foreign(dialogue: Dialogue, half: Sequence[Dialogue], rng: random.Random) -> Iterator[Case]:
    others = [other for other in half if other.set == dialogue.set and other.id != dialogue.id and other.statements]
    for _ in range(6):
        text = rng.choice(rng.choice(others).statements)
        if not any(_alike(text, own) for own in dialogue.statements):
            yield Case(dialogue, text, "foreign")


def _alike(one: str, other: str) -> bool:
    """Whether two sentences share most of their words: a set phrase of every note is not foreign."""
    first, second = set(re.findall(r"[a-z]+", one.lower())), set(re.findall(r"[a-z]+", other.lower()))
    return len(first & second) > 0.6 * min(len(first), len(second))


def _invented(dialogue: Dialogue, rng: random.Random) -> Iterator[Case]:
    """Findings that nobody spoke of, affirmed and denied; signs at a place that was spoken of; deeds not done."""
    who = "Client" if dialogue.set == "annomi" else rng.choice(["The patient", "She", "He"])
    fresh = [finding for finding in FINDINGS if not _spoken(finding, dialogue)]
    ways = [
        f"{who} reports {{}}.",
        f"{who} denies {{}}.",
        f"{who} has {{}}.",
        f"{who} denies any {{}}.",
        "No {}.",
        "{}.",
    ]
    for finding, way in zip(rng.sample(fresh, min(len(ways), len(fresh))), ways, strict=False):
        plain = finding.removeprefix("a ") if "any" in way or way[0] in "N{" else finding
        yield Case(dialogue, _capital(way.format(plain)), "invented")
    parts = [part for part in _WORDS["parts"] if re.search(rf"\b{part}", dialogue.text)]
    signs = [sign for sign in _WORDS["signs"] if sign[:5] not in dialogue.text]
    if parts and signs:
        yield Case(dialogue, f"{who} denies {rng.choice(parts)} {rng.choice(signs)}.", "invented")
        yield Case(dialogue, f"{who} reports {rng.choice(parts)} {rng.choice(signs)}.", "invented")
    deeds = [deed for deed in _WORDS["deeds"] if not _spoken(deed, dialogue)]
    for deed in rng.sample(deeds, min(2, len(deeds))):
        yield Case(dialogue, deed, "invented")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _spoken(finding: str, dialogue: Dialogue) -> bool:
    """Whether the longest word of a finding, or its beginning, is in the conversation."""
    key = max(re.findall(r"[a-z]+", finding.lower()), key=len)
    return key[:5] in dialogue.text


def _misattributed(dialogue: Dialogue, rng: random.Random) -> Iterator[Case]:
    """What one said, put into the other's mouth."""
    if dialogue.set != "annomi":
        return
    for text in dialogue.statements:
        if rng.random() < 0.5:
            first, second = "Client reports", "Therapist said"
            wrong = text.replace(first, second) if text.startswith(first) else text.replace(second, first)
            yield Case(dialogue, wrong, "speaker", text)
