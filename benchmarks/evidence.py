"""How well the statement checker tells right statements of a note from wrong ones, beside plain word overlap.

    python benchmarks/evidence.py [--json]      # report on the half of the conversations the weights never saw
    python benchmarks/evidence.py --fit         # fit the weights anew on the other half, then report

Statements come from ``evidence_cases.py``: sentences of clinicians' notes and of dialogues, and the same made wrong in
several ways.  For each way two figures: AUROC against all right statements, and against those the wrong ones were made
from.  *overlap* is the share of a statement's words in the best window of three turns; *rules* adds whether every
number and drug stands in the source, and whether statement and window agree in having a negation.  Needs the
conversations (``THERAPYFLOWS_DATA``).
"""

import argparse
import collections
import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml
from scipy.optimize import minimize
from scipy.stats import rankdata

from evidence_cases import DRUGS, KINDS, Case, Dialogue, cases, dialogues
from therapyflows.governance.evidence.checker import grade
from therapyflows.governance.evidence.claim import Claim
from therapyflows.governance.evidence.combining import weights
from therapyflows.governance.evidence.matching import Match
from therapyflows.governance.evidence.model import Grade, Segment, Speaker
from therapyflows.governance.evidence.prepared import PreparedSource, prepare
from therapyflows.governance.evidence.signals import SIGNALS

DATA = Path(os.environ.get("THERAPYFLOWS_DATA", "../shared/data"))
WEIGHTS = Path(__file__).parents[1] / "src/therapyflows/governance/evidence/weights.yaml"
TARGETS = {"number": 0.9, "drug": 0.9, "foreign": 0.9} | dict.fromkeys(
    ("negation", "speaker", "laterality", "family", "invented"), 0.75
)
"""Words turned into their opposite ("improved", "worsened") and dates have no target; they are shown as they are."""
SHARES = {
    "number": 1.0,
    "drug": 0.7,
    "foreign": 1.0,
    "negation": 1.5,
    "speaker": 0.5,
    "laterality": 0.5,
    "family": 0.5,
    "invented": 2.0,
    "opposite": 0.7,
    "date": 0.3,
}
"""How much each way of being wrong weighs in the fit: unfounded and negated statements are the commonest errors."""
PRIOR = 0.25
"""Share of wrong statements for which the score is a probability."""
PENALTY = 1.0
UNSUPPORTED_IN_NOTES, PARTLY_IN_NOTES = 0.10, 0.20
"""Shares of the clinicians' own sentences above which the limits of the grades are set."""
SESSION_WORDS, SESSION_STATEMENTS = 8000, 60


def sources(half: Sequence[Dialogue]) -> dict[str, PreparedSource]:
    return {dialogue.id: prepare(segments(dialogue)) for dialogue in half}


def segments(dialogue: Dialogue) -> list[Segment]:
    return [Segment(f"s{n}", Speaker(who), n, n + 1, text) for n, (who, text) in enumerate(dialogue.turns, 1)]


# -- fit ----------------------------------------------------------------------------------------------------------


def measured(made: Sequence[Case], prepared: Mapping[str, PreparedSource]) -> list[dict[str, float]]:
    found = []
    for case in made:
        match = Match(Claim(case.text, None), prepared[case.dialogue.id])
        found.append({name: value for signal in SIGNALS for name, value in signal(match).measures.items()})
    return found


def fit(made: Sequence[Case], rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Logistic weights, none below zero: a signal may only speak against a statement."""
    names = list(rows[0])
    design = np.array([[1.0, *(row[name] for name in names)] for row in rows])
    wrong = np.array([case.kind != "right" for case in made], float)
    mass = case_weights(made)

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        logits = design @ beta
        value = (mass * (np.logaddexp(0, logits) - wrong * logits)).sum() + PENALTY / 2 * (beta[1:] ** 2).sum()
        slope = design.T @ (mass * (1 / (1 + np.exp(-logits)) - wrong))
        slope[1:] += PENALTY * beta[1:]
        return value, slope

    bounds = [(None, None), *((0, None) for _ in names)]
    found = minimize(
        loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 3000}
    )
    return dict(zip(["bias", *names], found.x, strict=True))


def case_weights(made: Sequence[Case]) -> np.ndarray:
    count = collections.Counter(case.kind for case in made)
    total = sum(SHARES.values())
    share = {kind: PRIOR * SHARES[kind] / total for kind in KINDS} | {"right": 1 - PRIOR}
    return np.array([len(made) * share[case.kind] / count[case.kind] for case in made])


def write_weights(half: Sequence[Dialogue]) -> None:
    made = cases(half)
    rows = measured(made, sources(half))
    fitted = fit(made, rows)
    bias = fitted.pop("bias")
    kept = {name: round(float(value), 2) for name, value in fitted.items() if value >= 0.005}
    scores = [1 / (1 + np.exp(-bias - sum(kept.get(name, 0.0) * value for name, value in row.items()))) for row in rows]
    notes = [
        score for case, score in zip(made, scores, strict=True) if case.kind == "right" and case.dialogue.set == "aci"
    ]
    data = {
        "bias": round(float(bias), 2),
        "partly_from": round(float(np.quantile(notes, 1 - PARTLY_IN_NOTES)), 3),
        "unsupported_from": round(float(np.quantile(notes, 1 - UNSUPPORTED_IN_NOTES)), 3),
        "measures": kept,
    }
    head = (
        "# Logistic weights of the signals' measures; written by benchmarks/evidence.py --fit, not by hand.\n"
        "# Fitted on every second conversation of ACI-Bench (CC BY 4.0) train and valid, and of AnnoMI.\n"
        "effective_from: 2026-11-01\n"
    )
    WEIGHTS.write_text(head + yaml.safe_dump(data, sort_keys=False), "utf-8")


# -- report -------------------------------------------------------------------------------------------------------


def auroc(wrong: Sequence[float], right: Sequence[float]) -> float:
    if not len(wrong) or not len(right):
        return float("nan")
    ranks = rankdata([*wrong, *right])
    return float((ranks[: len(wrong)].sum() - len(wrong) * (len(wrong) + 1) / 2) / (len(wrong) * len(right)))


def content(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z]+|\d+(?:\.\d+)?", text.lower()) if len(word) > 3 or word.isdigit()]


def plain_overlap(made: Sequence[Case]) -> list[tuple[float, str]]:
    """1 - the share of a statement's words in the best window of three turns, and that window."""
    windows = {}
    for case in made:
        texts = [text for _, text in case.dialogue.turns]
        windows[case.dialogue.id] = [" ".join(texts[n : n + 3]).lower() for n in range(len(texts))]
    words_of = {window: set(content(window)) for own in windows.values() for window in own}
    found = []
    for case in made:
        words = set(content(case.text))
        best = max(windows[case.dialogue.id], key=lambda window: len(words & words_of[window]))
        found.append((1 - len(words & words_of[best]) / len(words) if words else 0.0, best))
    return found


NEGATION = re.compile(r"\b(?:no|not|never|none|nothing|without|denie[sd]|nope)\b|n't\b", re.IGNORECASE)


def plain_rules(made: Sequence[Case], overlap: Sequence[tuple[float, str]]) -> list[float]:
    """Overlap, 1 more for a number or drug that is nowhere, half for a negation on one side only."""
    scores = []
    for case, (share, window) in zip(made, overlap, strict=True):
        said = case.dialogue.text
        numbers = re.findall(r"\d+(?:\.\d+)?", case.text)
        drugs = [drug for drug in DRUGS if drug in case.text.lower()]
        score = share + any(number not in said for number in numbers) + any(drug not in said for drug in drugs)
        scores.append(score + 0.5 * (bool(NEGATION.search(case.text)) != bool(NEGATION.search(window))))
    return scores


def by_kind(made: Sequence[Case], scores: Sequence[float]) -> dict[str, tuple[float, float]]:
    """AUROC of every kind against all right statements and against those it was made from."""
    right = [score for case, score in zip(made, scores, strict=True) if case.kind == "right"]
    own = {
        (case.dialogue.id, case.text): score for case, score in zip(made, scores, strict=True) if case.kind == "right"
    }
    found = {}
    for kind in KINDS:
        wrong = [(case, score) for case, score in zip(made, scores, strict=True) if case.kind == kind]
        origins = [own[case.dialogue.id, case.origin] for case, _ in wrong if case.origin]
        found[kind] = (auroc([s for _, s in wrong], right), auroc([s for c, s in wrong if c.origin], origins))
    return found


def session_seconds(half: Sequence[Dialogue]) -> float:
    """Processor time for a session's words and statements, source read anew; the word lists are loaded before."""
    turns: list[Segment] = []
    statements: list[str] = []
    for dialogue in half:
        turns += segments(dialogue)
        statements += dialogue.statements[:8]
        if sum(len(turn.text.split()) for turn in turns) >= SESSION_WORDS and len(statements) >= SESSION_STATEMENTS:
            break
    source = [Segment(f"s{n}", turn.speaker, n, n + 1, turn.text) for n, turn in enumerate(turns)]
    started = time.process_time()
    ready = prepare(source)
    for number, text in enumerate(statements[:SESSION_STATEMENTS]):
        grade(f"st{number}", text, ready, (), None)
    return time.process_time() - started


def report(half: Sequence[Dialogue]) -> dict[str, object]:
    made = cases(half)
    prepared = sources(half)
    grades = [grade("s", case.text, prepared[case.dialogue.id], (), None) for case in made]
    ours = [found.score for found in grades]
    overlap = plain_overlap(made)
    flagged = collections.Counter(
        found.grade
        for case, found in zip(made, grades, strict=True)
        if case.kind == "right" and case.dialogue.set == "aci"
    )
    notes = sum(flagged.values())
    return {
        "conversations": len(half),
        "statements": dict(collections.Counter(case.kind for case in made)),
        "checker": by_kind(made, ours),
        "overlap and rules": by_kind(made, plain_rules(made, overlap)),
        "overlap": by_kind(made, [share for share, _ in overlap]),
        "own_notes_flagged": (flagged[Grade.UNSUPPORTED] + flagged[Grade.CONTRADICTED]) / notes,
        "own_notes_partly": flagged[Grade.PARTLY] / notes,
        "wrong_flagged": {
            kind: float(
                np.mean(
                    [
                        found.score >= weights().unsupported_from
                        for case, found in zip(made, grades, strict=True)
                        if case.kind == kind
                    ]
                )
            )
            for kind in KINDS
        },
        "session_cpu_s": session_seconds(half),
    }


def show(found: Mapping[str, object]) -> None:
    print(f"{found['conversations']} conversations that no weight was fitted on\n")
    print(f"{'':12}{'n':>6}{'target':>8}{'checker':>16}{'overlap+rules':>16}{'overlap':>16}{'flagged':>9}")
    for kind in KINDS:
        row = [
            f"{a:.3f} / {b:.3f}" for a, b in (found[name][kind] for name in ("checker", "overlap and rules", "overlap"))
        ]
        count, share = found["statements"][kind], found["wrong_flagged"][kind]
        print(
            f"{kind:12}{count:6}{TARGETS.get(kind, float('nan')):8.2f}"
            + "".join(f"{cell:>16}" for cell in row)
            + f"{share:9.0%}"
        )
    flagged, partly, seconds = found["own_notes_flagged"], found["own_notes_partly"], found["session_cpu_s"]
    print(f"\nclinicians' own sentences flagged: {flagged:.1%} (target at most 15 %), partly: {partly:.1%}")
    print(f"{SESSION_WORDS} words, {SESSION_STATEMENTS} statements: {seconds:.2f} s of one core (target under 2 s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="fit the weights on the other half first")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"no data in {DATA}: set THERAPYFLOWS_DATA")
    everything = dialogues(DATA)
    if options.fit:
        write_weights(everything[0::2])
        weights.cache_clear()
    found = report(everything[1::2])
    print(json.dumps(found, indent=1)) if options.json else show(found)


if __name__ == "__main__":
    main()
