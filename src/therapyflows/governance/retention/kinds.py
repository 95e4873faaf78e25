"""What becomes of each kind of content, read from ``content_kinds.yaml``."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml

RECORDING = "recording"


class Fate(StrEnum):
    SHRED = "shred"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class KindRule:
    kind: str
    what: str
    """How the client's page calls it."""
    period: Literal["recording", "transcript", "prompt", "style"] | None
    """Which retention period it has; None: kept as evidence of a decision."""
    on_withdrawal: Fate
    because: str
    """The legal reason."""

    def is_kept_on_withdrawal(self, *, approved: bool) -> bool:
        """Whether it stays when a consent is taken back; ``approved``: a clinician made it part of the record."""
        return approved and self.on_withdrawal is Fate.KEEP


@lru_cache(maxsize=1)
def kind_rules() -> dict[str, KindRule]:
    """All rules by kind; ``recording`` among them."""
    text = (files("therapyflows.governance.retention") / "content_kinds.yaml").read_text("utf-8")
    rows = yaml.safe_load(text)["kinds"]
    return {
        kind: KindRule(kind, row["what"], row["period"], Fate(row["on_withdrawal"]), row["because"].strip())
        for kind, row in rows.items()
    }


def rule_of(kind: str) -> KindRule:
    """Raises KeyError for a kind without a rule: nothing may be stored of which nobody decided how it ends."""
    return kind_rules()[kind]
