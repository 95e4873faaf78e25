"""How much the checks of the whole note find, and how often they cry out over clean notes.

Planted, one at a time: a drug or an allergy of which every sentence of the clinician's note is taken out; sentences for
a machine, spoken in a conversation; texts that are no statement; sentences of another note, as they stand and with one
word changed; another name and the other pronoun.  Clean: the conversations and the clinicians' notes as they are.
Beside each check stands the plain alternative of the same run.  Needs ACI-Bench and AnnoMI (``THERAPYFLOWS_DATA``).

    .venv/bin/python benchmarks/note_checks.py [--part valid] [--json]
"""

import argparse
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from evidence_cases import Dialogue, dialogues
from therapyflows.governance.evidence.model import Segment, Speaker
from therapyflows.governance.evidence.whole import check_whole
from therapyflows.governance.evidence.whole.model import Line, NoteFinding, People, WholeNote
from therapyflows.governance.evidence.whole.off_topic import KINDS
from therapyflows.governance.evidence.words import content_stems

DATA = Path(os.environ.get("THERAPYFLOWS_DATA", "../shared/data"))
PLANTS = yaml.safe_load(Path(__file__).with_name("note_checks.yaml").read_text("utf-8"))
DOSED = re.compile(r"\b([A-Za-z]{5,})[ ,]+\d+(?:\.\d+)? ?(?:mg|milligrams?|mcg)\b")
NAMED = re.compile(
    r"\b(?:Mr|Mrs|Ms)\. (?:([A-Z][a-z]+) )?([A-Z][a-z]+)\b|^([A-Z][a-z]+) ([A-Z][a-z]+) is a \d+-year-old"
)
OTHER_NAMES = ("Quillfeather", "Marchetti", "Okonkwo", "Lindqvist")
SWAPPED = {"he": "she", "she": "he", "his": "her", "her": "his", "him": "her"}
Flag = Callable[[WholeNote], bool]
Results = list[tuple[bool, bool, bool]]
"""(planted, ours says so, plain says so)."""


@dataclass(frozen=True)
class Case:
    """A note, and whether ours and the plain way say what ``kind`` is about."""

    kind: str
    note: WholeNote
    ours: Flag
    plain: Flag


def note_of(dialogue: Dialogue, texts: Sequence[str] | None = None) -> WholeNote:
    said = tuple(Segment(f"s{n}", Speaker(who), 0, 0, text) for n, (who, text) in enumerate(dialogue.turns, 1))
    lines = tuple(Line(f"n{n}", text) for n, text in enumerate(texts if texts is not None else dialogue.statements, 1))
    return WholeNote(lines, said)


def flags(*codes: str, holding: str = "") -> Flag:
    """Whether a finding of these codes is there, its message or quotation holding the word."""

    def flag(note: WholeNote) -> bool:
        return any(f.code in codes and holding.lower() in _words(f) for f in check_whole(note))

    return flag


def _words(finding: NoteFinding) -> str:
    return " ".join((finding.message, *(span.quote for span in finding.spans))).lower()


OFF_TOPIC = flags(*(f"off_topic_{kind}" for kind in KINDS))


def omissions(dialogue: Dialogue) -> Iterator[Case]:
    """Every dosed drug, and "allergic", that note and conversation share: all its sentences taken out of the note."""
    notes, spoken = dialogue.statements, dialogue.text
    for name in sorted({m[1].lower() for text in notes for m in DOSED.finditer(text)}):
        left = [text for text in notes if name not in text.lower()]
        if re.search(rf"\b{name}\b", spoken) and left:
            yield Case(
                "omitted drug", note_of(dialogue, left), flags("omitted_medication", holding=name), _uncovered(name)
            )
    left = [text for text in notes if "allerg" not in text.lower()]
    if "allergic to" in spoken and 0 < len(left) < len(notes):
        yield Case("omitted allergy", note_of(dialogue, left), flags("omitted_allergy"), _uncovered("allergic to"))


def _uncovered(word: str) -> Flag:
    """Plain: a turn of which less than a third of the content words stand in the note."""

    def flag(note: WholeNote) -> bool:
        told = {stem for line in note.lines for stem in content_stems(line.text)}
        turns = [s.text for s in note.segments if word in s.text.lower()]
        return any(len(set(content_stems(t)) & told) < len(set(content_stems(t))) / 3 for t in turns)

    return flag


def plants(kind: str, part: str) -> list[str]:
    """Patterns were improved with a look at the even ones (``train``); the odd ones (``valid``) were not looked at."""
    every: list[str] = PLANTS[kind]
    return {"train": every[0::2], "valid": every[1::2], "all": every}[part]


def injections(dialogue: Dialogue, rng: random.Random, part: str) -> Iterator[Case]:
    for sentence in plants("injections", part):
        note = note_of(dialogue)
        at = rng.randrange(len(note.segments))
        said = list(note.segments)
        said[at] = replace(said[at], text=f"{said[at].text.rstrip()} {sentence}")
        planted = replace(note, segments=tuple(said))
        yield Case("injection", planted, flags("injection_in_source"), _phrase_in_source)


def _phrase_in_source(note: WholeNote) -> bool:
    return any(re.search(r"ignore (?:all |the )?(?:previous )?instructions", s.text, re.I) for s in note.segments)


def off_topic(dialogue: Dialogue, rng: random.Random, part: str) -> Iterator[Case]:
    for sentence in plants("off_topic", part):
        texts = list(dialogue.statements)
        texts.insert(rng.randrange(len(texts) + 1), sentence)
        yield Case("off topic", note_of(dialogue, texts), OFF_TOPIC, _phrase_in_note)


def _phrase_in_note(note: WholeNote) -> bool:
    return any(re.search(r"language model|\[insert", line.text, re.I) for line in note.lines)


def clones(dialogue: Dialogue, other: Dialogue, rng: random.Random) -> Iterator[Case]:
    """One sentence of the other note, as it stands and with a word changed."""
    long = [text for text in other.statements if len(text.split()) >= 8]
    for text in rng.sample(long, min(3, len(long))):
        words = text.split()
        words[rng.randrange(len(words))] = "somewhat"
        for kind, sentence in (("cloned", text), ("cloned, a word changed", " ".join(words))):
            note = replace(note_of(dialogue, [*dialogue.statements, sentence]), previous=other.statements)
            mine = f"n{len(note.lines)}"
            yield Case(kind, note, _says_of("cloned_sentence", mine), _is_equal)


def _says_of(code: str, line: str) -> Flag:
    return lambda note: any(f.code == code and line in f.statement_ids for f in check_whole(note))


def _is_equal(note: WholeNote) -> bool:
    return note.lines[-1].text in note.previous


def identities(dialogue: Dialogue, rng: random.Random) -> Iterator[Case]:
    """Another family name for "the patient"; the other pronoun in a sentence about the patient."""
    people = people_of(dialogue)
    if people is None:
        return
    texts = list(dialogue.statements)
    called = [at for at, text in enumerate(texts) if text.startswith("The patient ")]
    if called:
        at = rng.choice(called)
        changed = texts[at].replace("The patient", f"Mr. {rng.choice(OTHER_NAMES)}", 1)
        note = replace(note_of(dialogue, [*texts[:at], changed, *texts[at + 1 :]]), people=people)
        yield Case("other name", note, flags("other_name"), lambda note: _strange_capitals(note, people))
    own = [at for at, text in enumerate(texts) if re.search(r"\bpatient\b.*\b(?:he|she|his|her|him)\b", text)]
    if own:
        at = rng.choice(own)
        swapped = re.sub(r"\b(?:he|she|his|her|him)\b", lambda m: SWAPPED[m[0]], texts[at])
        note = replace(note_of(dialogue, [*texts[:at], swapped, *texts[at + 1 :]]), people=people)
        yield Case("other pronoun", note, flags("other_pronouns"), _both_pronouns)


def people_of(dialogue: Dialogue) -> People | None:
    """A chart as the note itself gives it: the first name it calls the patient by, the pronoun it uses most."""
    text = " ".join(dialogue.statements)
    found = NAMED.search(text)
    he, she = (len(re.findall(rf"\b{word}\b", text, re.I)) for word in ("he", "she"))
    if found is None or he == she:
        return None
    return People(tuple(name for name in found.groups() if name), pronouns="he/him" if he > she else "she/her")


def _strange_capitals(note: WholeNote, people: People) -> bool:
    """Plain: a capitalised word inside a sentence that is in neither chart nor conversation."""
    said = " ".join(s.text for s in note.segments).lower()
    inside = {word for line in note.lines for word in re.findall(r"(?<=[a-z.,] )[A-Z][a-z]+", line.text)}
    return any(word not in people.client_names and word.lower() not in said for word in inside)


def _both_pronouns(note: WholeNote) -> bool:
    """Plain: he and she in one note."""
    text = " ".join(line.text for line in note.lines).lower()
    return bool(re.search(r"\bhe\b", text)) and bool(re.search(r"\bshe\b", text))


def clean(notes: Sequence[Dialogue], spoken: Sequence[Dialogue]) -> Iterator[tuple[str, WholeNote, Flag, Flag]]:
    """What a check must leave alone, with its plain alternative."""
    for at, dialogue in enumerate(notes):
        note, other = note_of(dialogue), notes[at - 1]
        people = people_of(dialogue)
        yield "off topic", note, OFF_TOPIC, _phrase_in_note
        yield "cloned", replace(note, previous=other.statements), flags("cloned_sentence"), _is_equal
        if people is not None:
            charted = replace(note, people=people)
            yield "other name", charted, flags("other_name"), lambda n, p=people: _strange_capitals(n, p)
            yield "other pronoun", charted, flags("other_pronouns"), _both_pronouns
    for dialogue in (*notes, *spoken):
        yield "injection", note_of(dialogue), flags("injection_in_source"), _phrase_in_source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("train", "valid", "all"), default="all", help="of ACI-Bench")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"no data in {DATA}: set THERAPYFLOWS_DATA")
    everything = dialogues(DATA)
    sizes = {
        part: len(json.loads((DATA / f"aci_bench/{part}.json").read_text("utf-8"))["data"])
        for part in ("train", "valid")
    }
    aci = [d for d in everything if d.set == "aci"]
    notes = {"train": aci[: sizes["train"]], "valid": aci[sizes["train"] :], "all": aci}[args.part]
    spoken = [d for d in everything if d.set == "annomi"]
    report(measured(notes, spoken, args.part), omissions_on_clean(notes), as_json=args.json)


def measured(notes: Sequence[Dialogue], spoken: Sequence[Dialogue], part: str) -> dict[str, Results]:
    """Per kind: (planted, ours says so, plain says so)."""
    rng = random.Random(11)
    found: dict[str, Results] = {}
    for at, dialogue in enumerate(notes):
        made = [*omissions(dialogue), *clones(dialogue, notes[at - 1], rng), *identities(dialogue, rng)]
        if at % 6 == 0:
            made += [*injections(dialogue, rng, part), *off_topic(dialogue, rng, part)]
        for case in made:
            found.setdefault(case.kind, []).append((True, case.ours(case.note), case.plain(case.note)))
    for kind, note, ours, plain in clean(notes, spoken):
        found.setdefault(kind, []).append((False, ours(note), plain(note)))
    return found


def omissions_on_clean(notes: Sequence[Dialogue]) -> dict[str, float]:
    """Omissions that are named over a clinician's own note: ours, and plainly every turn that the note hardly tells."""
    ours = plain = 0
    started = time.process_time()
    for dialogue in notes:
        ours += sum(f.code.startswith("omitted_") for f in check_whole(note_of(dialogue)))
    seconds = time.process_time() - started
    for dialogue in notes:
        note = note_of(dialogue)
        plain += sum(_uncovered(segment.text.lower())(replace(note, segments=(segment,))) for segment in note.segments)
    return {"ours": ours / len(notes), "plain": plain / len(notes), "seconds": seconds / len(notes)}


def report(found: dict[str, Results], omitted: dict[str, float], *, as_json: bool) -> None:
    rows = []
    for kind, results in found.items():
        planted = [r for r in results if r[0]]
        left = [r for r in results if not r[0]]
        rows.append(
            {
                "kind": kind,
                "planted": len(planted),
                "found": _share(planted, 1),
                "plain_found": _share(planted, 2),
                "clean": len(left),
                "false_alarms": _share(left, 1),
                "plain_false_alarms": _share(left, 2),
            }
        )
    if as_json:
        print(json.dumps({"checks": rows, "omissions_named_per_clean_note": omitted}))
        return
    print(f"{'planted':<24}{'n':>6}{'ours':>8}{'plain':>8}   {'clean':>6}{'ours':>8}{'plain':>8}")
    for row in rows:
        shares = [row[key] for key in ("found", "plain_found", "false_alarms", "plain_false_alarms")]
        ours, plain, alarms, plain_alarms = ("-" if share is None else f"{share:.2f}" for share in shares)
        print(
            f"{row['kind']:<24}{row['planted']:>6}{ours:>8}{plain:>8}   {row['clean']:>6}{alarms:>8}{plain_alarms:>8}"
        )
    print(
        f"omissions named per clinician's note: {omitted['ours']:.2f}, plain {omitted['plain']:.1f}; "
        f"{omitted['seconds']:.3f} s of processor time a note"
    )


def _share(results: Sequence[tuple[bool, bool, bool]], which: int) -> float | None:
    return round(sum(result[which] for result in results) / len(results), 3) if results else None


if __name__ == "__main__":
    main()
