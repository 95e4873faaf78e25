"""Words that a client asks to leave out: requests found, sentences that only sound like one left alone, real dialogues.

    .venv/bin/python benchmarks/off_record.py [--json]

Beside the plain alternative: to look for "off the record".  Requests and look-alikes are spelled out from
``off_record.yaml``; dialogues are AnnoMI and ACI-Bench from THERAPYFLOWS_DATA (default ../shared/data).
"""

import argparse
import csv
import itertools
import json
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from therapyflows.governance.consent.walls import find_stretches
from therapyflows.governance.evidence.model import Segment, Speaker

HERE = Path(__file__).parent
DATA = Path(os.environ.get("THERAPYFLOWS_DATA", HERE.parent / "../shared/data"))
BEFORE = (("therapist", "How was the week?"), ("client", "I went to the lake on Sunday."), ("therapist", "And then?"))
AFTER = (("therapist", "I see."), ("client", "Then I went home."))
WHO = {"therapist": Speaker.THERAPIST, "client": Speaker.CLIENT}

Turns = list[tuple[str, str]]
Detector = Callable[[Turns], bool]


def ours(turns: Turns) -> bool:
    segments = [Segment(f"s{n}", WHO[who], 0.0, 0.0, text) for n, (who, text) in enumerate(turns, 1)]
    return bool(find_stretches(segments).stretches)


def plain(turns: Turns) -> bool:
    return any("off the record" in text.lower() for _, text in turns)


def spelled_out(pattern: str) -> Iterator[str]:
    """Every sentence of a pattern with ``{a|b}`` in it."""
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [part.split("|") if number % 2 else [part] for number, part in enumerate(parts)]
    for chosen in itertools.product(*choices):
        yield " ".join("".join(chosen).replace(" ,", ",").split()).replace(" 'd", "'d").replace(" ?", "?")


def as_recognized(text: str) -> str:
    """Lower case without punctuation, as a recognizer may write it."""
    return " ".join(re.sub(r"[^\w' -]", " ", text.lower()).split())


def share(sentences: list[str], detector: Detector) -> float:
    hits = sum(detector([*BEFORE, ("client", sentence), *AFTER]) for sentence in sentences)
    return hits / len(sentences)


def annomi() -> Iterator[Turns]:
    found: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    with (DATA / "annomi_dev.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            said = (row["interlocutor"], row["utterance_text"])
            found[row["transcript_id"]].setdefault(int(row["utterance_id"]), said)
    for turns in found.values():
        yield [("client" if who == "client" else "therapist", text) for _, (who, text) in sorted(turns.items())]


def aci_bench() -> Iterator[Turns]:
    for file in sorted((DATA / "aci_bench").glob("*.json")):
        for case in json.loads(file.read_text("utf-8"))["data"]:
            said = re.findall(r"\[(\w+)\]\s*(.*)", case["src"])
            yield [("client" if who == "patient" else "therapist", text) for who, text in said]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", dest="as_json")
    args = parser.parse_args()
    words = yaml.safe_load((HERE / "off_record.yaml").read_text("utf-8"))
    sentences = {kind: [s for pattern in patterns for s in spelled_out(pattern)] for kind, patterns in words.items()}
    rows: dict[str, dict[str, float | int]] = {}
    for name, detector in (("ours", ours), ("plain", plain)):
        row: dict[str, float | int] = {}
        for kind, said in sentences.items():
            row[f"{kind}_written"] = round(share(said, detector), 3)
            row[f"{kind}_recognized"] = round(share([as_recognized(s) for s in said], detector), 3)
        for corpus, dialogues in (("annomi", list(annomi())), ("aci_bench", list(aci_bench()))):
            row[f"{corpus}_dialogues"] = len(dialogues)
            row[f"{corpus}_held_back_from"] = sum(map(detector, dialogues))
        rows[name] = row
    talk = list(aci_bench())
    began = time.process_time()
    for turns in talk:
        ours(turns)
    taken = time.process_time() - began
    rows["ours"]["characters_a_second"] = round(sum(len(text) for turns in talk for _, text in turns) / taken)
    if args.as_json:
        json.dump(rows, sys.stdout, indent=2)
        return
    for key, value in rows["ours"].items():
        sys.stdout.write(f"{key:40} {value:>10} {rows['plain'].get(key, '-'):>10}\n")


if __name__ == "__main__":
    main()
