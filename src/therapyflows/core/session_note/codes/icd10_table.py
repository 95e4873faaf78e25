"""ICD-10-CM codes of behavioral health: which may stand on a claim, what they are called, which exclude each other.

The table is an extract (``core/rules/icd10_behavioral.csv``) of one release, because loading the whole classification
takes seconds and 190 MB.  A code outside of it is not billable here, whatever it is elsewhere.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class IcdCode:
    code: str
    label: str
    excludes1: tuple[str, ...]
    """Prefixes (``F31``) and ranges (``F30-F39``), its ancestors' included."""


@dataclass(frozen=True, slots=True)
class IcdRelease:
    release: str
    effective_from: date
    effective_to: date
    source: str

    def covers(self, day: date) -> bool:
        return self.effective_from <= day <= self.effective_to


@lru_cache(maxsize=1)
def release() -> IcdRelease:
    """Which release the table is, and for which dates of service it holds."""
    data = yaml.safe_load((files("therapyflows.core.rules") / "icd10_release.yaml").read_text("utf-8"))
    return IcdRelease(data["release"], data["effective_from"], data["effective_to"], data["source"])


@lru_cache(maxsize=1)
def table() -> dict[str, IcdCode]:
    """All codes of the extract by code, with the dot."""
    text = (files("therapyflows.core.rules") / "icd10_behavioral.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: IcdCode(row["code"], row["label"], tuple(row["excludes1"].split())) for row in rows}


def normalized(code: str) -> str:
    """Upper case, no spaces, with the dot: ``f321 `` -> ``F32.1``."""
    bare = code.strip().upper().replace(".", "")
    return bare if len(bare) <= 3 else f"{bare[:3]}.{bare[3:]}"


def is_billable(code: str) -> bool:
    """Whether the code is a leaf of the classification (a header like F32 is not)."""
    return normalized(code) in table()


def label_of(code: str) -> str | None:
    """The official title, None for a code that is not in the table."""
    found = table().get(normalized(code))
    return found.label if found else None


def exclude_each_other(one: str, other: str) -> bool:
    """Whether an Excludes1 note of either, or of an ancestor, names the other."""
    return _excludes(normalized(one), normalized(other)) or _excludes(normalized(other), normalized(one))


def _excludes(code: str, other: str) -> bool:
    found = table().get(code)
    return found is not None and any(_names(entry, other) for entry in found.excludes1)


def _names(entry: str, code: str) -> bool:
    first, _, last = entry.partition("-")
    return first <= code[: len(first)] and code[: len(last)] <= last if last else code.startswith(first)


def is_unspecified(code: str) -> bool:
    return "unspecified" in (label_of(code) or "").lower()
