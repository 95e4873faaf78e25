"""Writes ``governance/evidence/lexicon/drugs.csv``: single-word drug names in use, each with its generic name.

Source: PyPI ``drug-named-entity-recognition`` (MIT), whose names come from DrugBank open data (CC0) and MeSH.  Kept are
the drugs that MedlinePlus or the NHS describe to patients, so that chemicals nobody is given stay out; names that
are everyday words or goods are dropped.  Needs that package: ``uv pip install drug-named-entity-recognition==2.0.9``.

    .venv/bin/python benchmarks/extract_drugs.py
"""

import re
from importlib.metadata import version
from pathlib import Path

from drug_named_entity_recognition import drugs_finder

TARGET = Path("src/therapyflows/governance/evidence/lexicon/drugs.csv")
ALSO = {"heroin", "cocaine", "buprenorphine/naloxone", "penicillins", "cortisone"}
EVERYDAY = {
    *("generics", "kendrick", "armour", "banan", "alli", "aman", "sunkist", "colgate", "aquafresh", "agit", "modus"),
    *("saha", "clearasil", "noxzema", "norplant", "estrogen", "relif", "theon", "cera"),
}


def names() -> dict[str, str]:
    """Name to generic name, both in lower case."""
    known = {
        generic
        for generic, data in drugs_finder.d["drug_canonical_to_data"].items()
        if data.get("medline_plus_id") or data.get("nhs_url") or generic in ALSO
    }
    return {
        name: generics[0]
        for name, generics in drugs_finder.d["drug_variant_to_canonical"].items()
        if re.fullmatch(r"[a-z]{4,}", name) and name not in EVERYDAY and generics[0] in known
    }


def main() -> None:
    release = version("drug-named-entity-recognition")
    head = (
        f"# name,generic; from drug-named-entity-recognition {release} (MIT; DrugBank open data CC0, MeSH), 2026-11\n"
    )
    rows = sorted(names().items())
    TARGET.write_text(head + "".join(f"{name},{generic}\n" for name, generic in rows if "," not in generic), "utf-8")
    print(f"{len(rows)} names")


if __name__ == "__main__":
    main()
