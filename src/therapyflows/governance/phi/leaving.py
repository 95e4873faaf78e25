"""Which material may be shown to which language model, and how.  The table is the whole policy.

- A model **on this machine** discloses nothing to anybody: it sees clear text, also of a Part 2 program.
- A provider **covered by a business associate agreement** may see clear text (45 CFR 164.502(e)).
- Any **other** provider gets text only once everything identifying is removed (45 CFR 164.514(b)(2)), and the boundary
  refuses to send what a second, independent search still finds something in.
- Material of a **42 CFR Part 2** program leaves the machine only with a consent on file that is valid, in scope and not
  expired, redacted or not (2.31, 2.33).
- **Psychotherapy notes** (45 CFR 164.501) and what a client declared **off the record** reach no model at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from therapyflows.governance.consent.walls import is_walled_off


class Place(StrEnum):
    """Where a model is."""

    ON_DEVICE = "on_device"
    COVERED_BY_BAA = "covered_by_baa"
    ELSEWHERE = "elsewhere"


class Material(StrEnum):
    """What a text is, beyond its words."""

    ORDINARY = "ordinary"
    PART2 = "part2"
    """Of a substance-use program."""
    PSYCHOTHERAPY_NOTE = "psychotherapy_note"
    OFF_RECORD = "off_record"


class Form(StrEnum):
    """How material may be shown."""

    CLEAR = "clear"
    REDACTED = "redacted"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Leave:
    """``code``: why not, when the form is NEVER; else empty."""

    form: Form
    code: str = ""


_CLEAR, _REDACTED = Leave(Form.CLEAR), Leave(Form.REDACTED)
_NOTES = Leave(Form.NEVER, "psychotherapy_note_never_leaves")
_WORDS = Leave(Form.NEVER, "off_record_never_leaves")
_CONSENT = Leave(Form.NEVER, "part2_tpo_consent_missing")

# fmt: off
_TABLE: dict[tuple[Material, bool], tuple[Leave, Leave, Leave]] = {
    # material, Part 2 consent               on device   covered     elsewhere
    (Material.ORDINARY,           False):    (_CLEAR,    _CLEAR,     _REDACTED),
    (Material.ORDINARY,           True):     (_CLEAR,    _CLEAR,     _REDACTED),
    (Material.PART2,              False):    (_CLEAR,    _CONSENT,   _CONSENT),
    (Material.PART2,              True):     (_CLEAR,    _CLEAR,     _REDACTED),
    (Material.PSYCHOTHERAPY_NOTE, False):    (_NOTES,    _NOTES,     _NOTES),
    (Material.PSYCHOTHERAPY_NOTE, True):     (_NOTES,    _NOTES,     _NOTES),
    (Material.OFF_RECORD,         False):    (_WORDS,    _WORDS,     _WORDS),
    (Material.OFF_RECORD,         True):     (_WORDS,    _WORDS,     _WORDS),
}
# fmt: on
_STRICTNESS = tuple(Form)


def material_of(chart_type: str) -> Material:
    """What a note or document of this type of the chart is."""
    return Material.PSYCHOTHERAPY_NOTE if is_walled_off(chart_type) else Material.ORDINARY


def may_leave(
    materials: Iterable[Material], place: Place, *, part2_objection: str | None = "part2_tpo_consent_missing"
) -> Leave:
    """How material of these kinds together may be shown to a model there: as its strictest kind may.

    ``part2_objection``: why the Part 2 consent does not cover it (``part2_tpo_consent_expired``, ...); None when it
    does.  Only Part 2 material asks.
    """
    columns = tuple(Place)
    kinds = {Material.ORDINARY, *materials}
    cells = [_TABLE[material, part2_objection is None][columns.index(place)] for material in kinds]
    strictest = max(cells, key=lambda cell: (_STRICTNESS.index(cell.form), cell.code))
    return Leave(Form.NEVER, part2_objection) if strictest is _CONSENT and part2_objection else strictest
