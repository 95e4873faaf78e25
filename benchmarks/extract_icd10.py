"""Write core/rules/icd10_behavioral.csv from the ICD-10-CM release inside simple-icd-10-cm.

    python benchmarks/extract_icd10.py            # write the table
    python benchmarks/extract_icd10.py --check    # exit 1 when the table is not what the release says

The package takes 2 s and 190 MB to load; the product needs the behavioral-health leaves only.  ICD-10-CM is in the
public domain.
Excludes1 notes are free text and stand on ancestors: codes in parentheses are read, and inherited down to the leaf.
"""

import csv
import io
import re
import sys
from pathlib import Path

import simple_icd_10_cm as icd

TABLE = Path(__file__).parents[1] / "src/therapyflows/core/rules/icd10_behavioral.csv"
WANTED = re.compile(
    r"F\d|G47|R4[0-6]|Z5[5-9]|Z6[0-5]|Z69|Z7[0-3]|Z81|Z86\.5|Z87\.890|Z91\.1|Z91\.4|Z91\.5|Z13\.3|Z03\.89|Z04\.6|T14\.91"
)
CODE = re.compile(r"\b([A-Z]\d[\dA-Z](?:\.[\dA-Z]+)?)(?:\.?-)?(?:-([A-Z]\d[\dA-Z](?:\.[\dA-Z]+)?))?")


def excluded(code: str) -> list[str]:
    """Prefixes and ranges that the Excludes1 notes of the code and its ancestors name."""
    found: set[str] = set()
    for item in [code, *icd.get_ancestors(code, prioritize_blocks=True)]:
        if not icd.is_chapter_or_block(item) or "-" in item:
            notes = icd.get_excludes1(item)
            for inner in re.findall(r"\(([^()]*)\)", " ".join(notes)):
                for first, last in CODE.findall(inner):
                    found.add(f"{first}-{last}" if last else first)
    return sorted(found)


def table() -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["code", "label", "excludes1"])
    for code in icd.get_all_codes(True):
        if icd.is_leaf(code) and not icd.is_chapter_or_block(code) and WANTED.match(code):
            writer.writerow([code, icd.get_description(code), " ".join(excluded(code))])
    return out.getvalue()


if __name__ == "__main__":
    text = table()
    if "--check" in sys.argv:
        sys.exit(0 if TABLE.read_text("utf-8") == text else 1)
    TABLE.write_text(text, "utf-8")
    print(f"{text.count(chr(10)) - 1} codes, {len(text)} bytes")
