"""How much of what identifies somebody the PHI boundary finds, and how much else it takes, beside Presidio.

    python benchmarks/phi.py                       # everything; about four minutes
    python benchmarks/phi.py --only annomi --charts 40
    python benchmarks/phi.py --json

Presidio runs with its default recognizers and the same spaCy model, in the same process, on the same texts.  "Fully
covered" means that no letter or digit of a value is left in clear.  Each set is split in two by a hash of its text;
rules were written looking at one half only ("seen"), the other half ("unseen") was only counted.
"""

import argparse
import csv
import hashlib
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from phi_identifiers import VALUE, Case, as_recognized, chart, chart_cases, stranger_cases, surface_forms
from therapyflows.governance.phi import ChartIdentifiers, PhiBoundary
from therapyflows.integrations.documents.chart_file import read_chart
from therapyflows.integrations.phi import recognizers

DATA = Path(os.environ.get("THERAPYFLOWS_DATA", "../shared/data"))
Spans = list[tuple[int, int]]
Finder = Callable[[str], Spans]


@dataclass
class Covered:
    """Values of one kind: how many, and how many of them fully covered."""

    values: int = 0
    covered: int = 0

    @property
    def share(self) -> float:
        return self.covered / self.values if self.values else 0.0


@dataclass
class Marked:
    """A text with the values that are marked in it."""

    text: str
    values: list[tuple[str, int, int]] = field(default_factory=list)


def half(text: str) -> str:
    return "seen" if hashlib.sha256(text.encode()).digest()[0] % 2 == 0 else "unseen"


def asq_phi() -> Iterator[Marked]:
    for block in (DATA / "asq_phi_dev.txt").read_text("utf-8").split("===QUERY===")[1:]:
        query, tags = block.split("===PHI_TAGS===")
        text = query.strip()
        values = []
        for line in filter(str.strip, tags.splitlines()):
            tag = json.loads(line)
            start = text.find(tag["value"])
            if start >= 0:
                values.append((tag["identifier_type"], start, start + len(tag["value"])))
        yield Marked(text, values)


def presidio_synth() -> Iterator[Marked]:
    for row in json.loads((DATA / "presidio_synth_v2.json").read_text("utf-8")):
        spans = [(s["entity_type"], s["start_position"], s["end_position"]) for s in row["spans"]]
        yield Marked(row["full_text"], spans)


def annomi() -> dict[str, list[str]]:
    dialogues: dict[str, list[str]] = defaultdict(list)
    with (DATA / "annomi_dev.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            dialogues[row["transcript_id"]].append(row["utterance_text"])
    return dialogues


# --- the two systems ----------------------------------------------------------------------------------------------


def ours(identifiers: ChartIdentifiers = ChartIdentifiers(), *, ner: bool = True) -> Finder:  # noqa: B008 (frozen)
    boundary = PhiBoundary(identifiers, additional=recognizers() if ner else ())
    return lambda text: [(span.start, span.end) for span in boundary.another().redact(text).spans]


def presidio() -> Finder:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    from therapyflows.integrations.phi.named_entities import model_folder

    model = {"lang_code": "en", "model_name": str(model_folder())}
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return lambda text: [(found.start, found.end) for found in analyzer.analyze(text, language="en")]


# --- scores -------------------------------------------------------------------------------------------------------


def is_covered(text: str, start: int, end: int, spans: Spans) -> bool:
    return all(not text[i].isalnum() or any(first <= i < last for first, last in spans) for i in range(start, end))


def score_marked(rows: Iterable[Marked], find: Finder) -> dict[str, Any]:
    """Coverage by half and by kind; share of the texts without a value in which something is redacted."""
    kinds: dict[str, Covered] = defaultdict(Covered)
    halves: dict[str, Covered] = defaultdict(Covered)
    without: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    for row in rows:
        spans, side = find(row.text), half(row.text)
        if not row.values:
            without[side] += 1
            touched[side] += bool(spans)
        for kind, start, end in row.values:
            covered = is_covered(row.text, start, end, spans)
            for count in (kinds[kind], halves[side], halves["all"]):
                count.values += 1
                count.covered += covered
    return {
        "covered": {side: round(count.share, 4) for side, count in sorted(halves.items())},
        "hard_negatives_touched": {side: round(touched[side] / without[side], 4) for side in sorted(without)}
        | {"all": round(touched.total() / max(1, without.total()), 4)},
        "kinds": {k: {"values": c.values, "covered": round(c.share, 4)} for k, c in sorted(kinds.items())},
    }


def inserted(charts: int) -> Iterator[tuple[ChartIdentifiers, bool, Case, str, int, int]]:
    """Dialogue lines with one identifier each: (chart, spoken, case, text, start, end of the value)."""
    rng, dialogues = Random(20261125), annomi()
    names = sorted(dialogues)
    for _ in range(charts):
        client = chart(rng)
        identifiers = read_chart(client).identifiers
        for spoken in (False, True):
            for case in (*chart_cases(client, rng, spoken=spoken), *stranger_cases(rng)):
                text = f"{rng.choice(dialogues[rng.choice(names)])} {case.sentence}"
                if spoken:
                    text = as_recognized(text)
                start, end = text.index(VALUE[0]), text.index(VALUE[1]) - 1
                yield identifiers, spoken, case, text.replace(VALUE[0], "").replace(VALUE[1], ""), start, end


def score_inserted(charts: int, finder: Callable[[ChartIdentifiers], Finder]) -> dict[str, Any]:
    """Share of inserted values with something left in clear, and of other words that were masked."""
    left: dict[str, Counter[str]] = defaultdict(Counter)
    total: dict[str, Counter[str]] = defaultdict(Counter)
    words: Counter[str] = Counter()
    masked: Counter[str] = Counter()
    known: ChartIdentifiers | None = None
    find: Finder = lambda text: []  # noqa: E731
    for identifiers, spoken, case, text, start, end in inserted(charts):
        if identifiers is not known:
            known, find = identifiers, finder(identifiers)
        spans = find(text)
        style = "spoken" if spoken else "written"
        group = f"{style}, {'in the chart' if case.in_chart else 'not in the chart'}"
        total[group][case.kind] += 1
        left[group][case.kind] += not is_covered(text, start, end, spans)
        for word in re.finditer(r"[^\W_]+(?:'[^\W_]+)*", text):
            if word.end() <= start or word.start() >= end:
                words[style] += 1
                masked[style] += any(first < word.end() and word.start() < last for first, last in spans)
    return {
        "left_in_clear": {g: round(left[g].total() / total[g].total(), 4) for g in total},
        "kinds": {g: {k: round(left[g][k] / n, 4) for k, n in total[g].items()} for g in total},
        "values": {g: total[g].total() for g in total},
        "ordinary_words_masked": {style: round(masked[style] / words[style], 4) for style in words},
    }


def characters_per_second(find: Finder, texts: list[str]) -> int:
    find(texts[0])
    started = time.process_time()
    for text in texts:
        find(text)
    return round(sum(map(len, texts)) / (time.process_time() - started))


def speeds(plain: Finder) -> dict[str, int]:
    """Characters per processor second on whole dialogues, a chart known."""
    texts = ["\n".join(lines) for _, lines in sorted(annomi().items())[:24]]
    identifiers = read_chart(chart(Random(7))).identifiers
    return {
        "known identifiers, shapes and lists": characters_per_second(ours(identifiers, ner=False), texts),
        "the same with the recognizer": characters_per_second(ours(identifiers), texts),
        "Presidio": characters_per_second(plain, texts[:8]),
        "known, shapes, lists: one line of 200,000": characters_per_second(
            ours(identifiers, ner=False), [as_recognized(" ".join(texts))[:200_000]]
        ),
    }


# --- what is printed ----------------------------------------------------------------------------------------------


def measure(only: str | None, charts: int) -> dict[str, Any]:
    plain = presidio()
    results: dict[str, Any] = {}
    for name, rows in (("asq", asq_phi), ("synth", presidio_synth)):
        if only in (None, name):
            results[name] = {"ours": score_marked(rows(), ours()), "Presidio": score_marked(rows(), plain)}
    if only in (None, "annomi"):
        results["annomi"] = {
            "ours": score_inserted(charts, ours),
            "Presidio": score_inserted(charts, lambda identifiers: plain),
            "surface_forms": surface_forms(),
        }
    if only in (None, "speed"):
        results["speed"] = speeds(plain)
    return results


def table(results: dict[str, Any]) -> Iterator[str]:
    for name, title in (("asq", "ASQ-PHI"), ("synth", "presidio_synth_v2")):
        if name in results:
            yield f"\n{title}: share of values fully covered"
            yield from _marked_lines(results[name])
    if "annomi" in results:
        mine, plain = results["annomi"]["ours"], results["annomi"]["Presidio"]
        yield "\nAnnoMI with inserted identifiers: share with something left in clear (percent)"
        yield f"  {'':38}{'ours':>8}{'Presidio':>10}{'values':>8}"
        for group, share in mine["left_in_clear"].items():
            yield f"  {group:38}{share:8.1%}{plain['left_in_clear'][group]:10.1%}{mine['values'][group]:8}"
            for kind, part in mine["kinds"][group].items():
                yield f"      {kind:34}{part:8.1%}{plain['kinds'][group][kind]:10.1%}"
        for style, share in mine["ordinary_words_masked"].items():
            yield f"  ordinary words masked, {style:15}{share:8.2%}{plain['ordinary_words_masked'][style]:10.2%}"
    if "speed" in results:
        yield "\nCharacters per processor second"
        yield from (f"  {name:42}{speed:>10,}" for name, speed in results["speed"].items())


def _marked_lines(result: dict[str, Any]) -> Iterator[str]:
    mine, plain = result["ours"], result["Presidio"]
    yield f"  {'':38}{'ours':>8}{'Presidio':>10}"
    for side in ("seen", "unseen", "all"):
        yield f"  {side:38}{mine['covered'][side]:8.3f}{plain['covered'][side]:10.3f}"
    for side, share in mine["hard_negatives_touched"].items():
        yield f"  texts without a value touched, {side:7}{share:8.1%}{plain['hard_negatives_touched'][side]:10.1%}"
    for kind, count in mine["kinds"].items():
        yield f"      {kind:30}{count['values']:4}{count['covered']:8.3f}{plain['kinds'][kind]['covered']:10.3f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["asq", "synth", "annomi", "speed"])
    parser.add_argument("--charts", type=int, default=60, help="clients whose identifiers are inserted")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = measure(options.only, options.charts)
    if options.json:
        json.dump(measured, sys.stdout, indent=1)
    else:
        print("\n".join(table(measured)))
