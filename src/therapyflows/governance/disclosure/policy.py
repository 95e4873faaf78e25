"""Whether something about a client may be given to somebody outside, and whether the client's accounting lists it.

The table is ``purposes.yaml``.  For clients of a Part 2 program nothing goes out without a consent that covers it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.governance.consent.part2 import KIND, Purpose, Recipient, part2_objection
from therapyflows.governance.consent.states import ConsentRecord, standing

YEARS_BACK = 6
"""How far an accounting looks back at most (45 CFR 164.528(a)(1))."""


@dataclass(frozen=True, slots=True)
class DisclosurePurpose:
    code: str
    what: str
    basis: str
    accountable: bool
    authority: bool
    part2_consent: tuple[Purpose, Recipient] | None
    """What the client's consent must cover."""
    part2_decided_here: bool
    """False: nothing that this program knows permits it for a Part 2 client."""


@dataclass(frozen=True, slots=True)
class DisclosureCheck:
    allowed: bool
    reason: str
    """A constant: ``allowed``, ``purpose_unknown``, ``authority_missing``, ``part2_purpose_not_covered``, or what
    ``part2_objection`` says."""


@lru_cache(maxsize=1)
def purposes() -> dict[str, DisclosurePurpose]:
    """All purposes by code."""
    rows = yaml.safe_load((files(__package__) / "purposes.yaml").read_text("utf-8"))["purposes"]
    return {code: _purpose(code, row) for code, row in rows.items()}


def _purpose(code: str, row: dict[str, Any]) -> DisclosurePurpose:
    covers = row["part2"]
    consent = (Purpose(covers[0]), Recipient(covers[1])) if isinstance(covers, list) else None
    decided = consent is not None or covers == "free"
    return DisclosurePurpose(code, row["what"], row["basis"], row["accountable"], row["authority"], consent, decided)


def may_disclose(
    code: str, *, part2: bool, consents: Iterable[ConsentRecord], authority: str | None, now: datetime
) -> DisclosureCheck:
    """``authority``: the order, request or authorization, named so that it can be found again."""
    purpose = purposes().get(code)
    if purpose is None:
        return DisclosureCheck(False, "purpose_unknown")
    if purpose.authority and not authority:
        return DisclosureCheck(False, "authority_missing")
    if part2 and not purpose.part2_decided_here:
        return DisclosureCheck(False, "part2_purpose_not_covered")
    if part2 and purpose.part2_consent is not None:
        covered, recipient = purpose.part2_consent
        against = part2_objection(consents, now, purpose=covered, recipient=recipient)
        return DisclosureCheck(against is None, against or "allowed")
    return DisclosureCheck(True, "allowed")


def part2_consent_scope(consents: Iterable[ConsentRecord], now: datetime) -> ConsentRecord | None:
    """The Part 2 consent in force, whose scope goes with a disclosure (42 CFR 2.32(b)); None when there is none."""
    return standing((record for record in consents if record.kind == KIND), now).record


@dataclass(frozen=True, slots=True)
class Part2Notice:
    long: str
    short: str
    source: str


@lru_cache(maxsize=1)
def part2_notice() -> Part2Notice:
    """The statements of 42 CFR 2.32(a), word for word."""
    found = yaml.safe_load((files(__package__) / "part2_notice.yaml").read_text("utf-8"))
    return Part2Notice(found["long"], found["short"], found["source"])


def years_before(now: datetime, years: int = YEARS_BACK) -> datetime:
    """The same day so many years ago; of the 29th of February the 28th."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)
