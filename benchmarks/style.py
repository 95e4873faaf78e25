"""Whether a style that was learned from edits brings the next drafts nearer to what the clinician approves.

Six invented clinicians (``style_clinicians.yaml``) edit drafts that the evidence drafter made of AnnoMI and ACI-Bench
conversations; each conversation is another client.  The style is learned from the first of them and used on the
drafts of the others, which no learning saw.  Edit distance in words and in characters between draft and approved note,
as a share of the approved note, with the style and without it, in the same run.  Needs ``THERAPYFLOWS_DATA``.

    .venv/bin/python benchmarks/style.py [--dialogues 80] [--seed 1] [--json]
"""

import argparse
import json
import os
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import yaml
from rapidfuzz.distance import Levenshtein

from evidence_cases import Dialogue, dialogues
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.finishing import finish_draft
from therapyflows.core.session_note.model import Draft, SourceKind, Statement, StatementKind, Transcript
from therapyflows.core.session_note.styling import STYLED, left_out, pairs_of, with_style
from therapyflows.core.session_note.templates import load_template
from therapyflows.core.style.learning import learn
from therapyflows.core.style.model import Choices, Learned, PairSet, in_force
from therapyflows.governance.evidence.model import Segment, Speaker

DATA = Path(os.environ.get("THERAPYFLOWS_DATA", "../shared/data"))
CLINICIANS = yaml.safe_load(Path(__file__).with_name("style_clinicians.yaml").read_text("utf-8"))["clinicians"]
QUOTES = re.compile(r'("[^"]*")')
LEARNED_FROM = (5, 10, 20, 40)


@dataclass(frozen=True)
class Case:
    """One conversation and its draft."""

    id: str
    transcript: Transcript
    draft: Draft


def cases(count: int, seed: int) -> list[Case]:
    """Drafts of conversations of both sets, mixed; the order is the order of the sessions."""
    found = list(dialogues(DATA))
    random.Random(seed).shuffle(found)
    return [_case(dialogue) for dialogue in found[:count]]


def _case(dialogue: Dialogue) -> Case:
    said = tuple(Segment(f"s{n}", Speaker(who), 0, 0, text) for n, (who, text) in enumerate(dialogue.turns, 1))
    transcript = Transcript(SourceKind.TRANSCRIPT, 0.0, said)
    draft = draft_from_evidence(transcript, None, load_template("soap"))
    return Case(dialogue.id, transcript, finish_draft(draft, transcript, None))


def edited(draft: Draft, habits: Mapping[str, Any], rng: random.Random) -> Draft:
    """What this clinician makes of the draft."""
    kept = []
    for statement in draft.statements:
        if statement.kind not in STYLED:
            kept.append(statement)
        elif not any(re.search(pattern, statement.text) and rng.random() < p for pattern, p in habits.get("drops", ())):
            kept.append(_edited(statement, habits, rng))
    return replace(draft, statements=tuple(kept))


def _edited(statement: Statement, habits: Mapping[str, Any], rng: random.Random) -> Statement:
    text = statement.text
    for pattern, words, share in habits["edits"]:
        parts = QUOTES.split(text)
        if rng.random() < share:
            parts[0] = re.sub(pattern, words, parts[0])
            if not pattern.startswith("^"):
                parts[2::2] = [re.sub(pattern, words, part) for part in parts[2::2]]
        text = "".join(parts)
    if rng.random() < habits["noise"]:
        text = _noisy(text, rng)
    changed = text != statement.text
    return replace(statement, text=text, kind=StatementKind.CLINICIAN if changed else statement.kind)


def _noisy(text: str, rng: random.Random) -> str:
    """A change that only this session explains: words taken out at random, and a remark."""
    words = [word for word in text.split() if rng.random() > 0.25]
    remark = rng.choice(["as discussed", "per plan", "noted with concern", "to be explored further", "unchanged"])
    return " ".join([*words, remark])


def distance(draft: Draft, approved: Draft) -> tuple[float, float]:
    """Edits in words and in characters, as shares of the approved note."""
    ours, theirs = ("\n".join(s.text for s in d.statements) for d in (draft, approved))
    words = Levenshtein.distance(ours.split(), theirs.split()) / max(len(theirs.split()), 1)
    return words, Levenshtein.distance(ours, theirs) / max(len(theirs), 1)


def learned_from(train: Sequence[Case], habits: Mapping[str, Any], seed: str) -> Learned:
    rng = random.Random(seed)
    return learn(
        PairSet(case.id, case.id, "u", "soap", pairs_of(case.draft, edited(case.draft, habits, rng))) for case in train
    )


def measured(name: str, train: Sequence[Case], test: Sequence[Case], *, asked: bool) -> dict[str, Any]:
    """One clinician.  ``asked``: the forms of line that are mostly taken out are switched off on the page, too."""
    habits = CLINICIANS[name]
    learned = learned_from(train, habits, f"{name}-train")
    choices = Choices(taken_out=tuple(d.form for d in learned.dropped) if asked else ())
    profile = in_force(learned, choices)
    rng = random.Random(f"{name}-test")
    rows, worded = [], 0
    for case in test:
        approved = edited(case.draft, habits, rng)
        styled = with_style(case.draft, case.transcript, None, profile)
        worded += sum(s.unstyled is not None for s in styled.statements)
        rows.append((*distance(case.draft, approved), *distance(left_out(styled, profile), approved)))
    plain_words, plain_chars, words, chars = (mean(column) for column in zip(*rows, strict=True))
    worse = sum(row[2] > row[0] + 1e-9 for row in rows)
    return {
        "clinician": name, "notes": len(train), "wordings": len(profile.wordings), "forms": len(profile.left_out),
        "words": round(words, 3), "plain_words": round(plain_words, 3),
        "chars": round(chars, 3), "plain_chars": round(plain_chars, 3),
        "lines_worded": worded, "notes_worse": worse, "held_out": len(test),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialogues", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    every = cases(args.dialogues, args.seed)
    half = len(every) // 2
    train, test = every[:half], every[half:]
    rows = [
        measured(name, train[:count], test, asked=asked)
        for name in CLINICIANS
        for count, asked in (*((n, False) for n in LEARNED_FROM if n < half), (half, False), (half, True))
    ]
    if args.json:
        print(json.dumps(rows))
        return
    print(f"{half} notes to learn from, {len(test)} held out; edits per word (character) of the approved note")
    print(
        f"{'clinician':13}{'notes':>6}{'habits':>7}{'forms':>6}{'words':>8}{'plain':>8}{'chars':>8}{'plain':>8}{'worse':>7}"
    )
    for r in rows:
        print(
            f"{r['clinician']:13}{r['notes']:6}{r['wordings']:7}{r['forms']:6}{r['words']:8.3f}{r['plain_words']:8.3f}"
            f"{r['chars']:8.3f}{r['plain_chars']:8.3f}{r['notes_worse']:4}/{r['held_out']}"
        )


if __name__ == "__main__":
    main()
