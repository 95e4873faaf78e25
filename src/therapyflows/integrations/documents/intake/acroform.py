"""Fields of a fillable PDF with their places.  A broken form tree gives none: the page is then read as it looks."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import IndirectObject

from therapyflows.core.intake.page import Field, Mark, Rect, Toggle

MAX_FIELDS = 5000
_PUSH_BUTTON = 1 << 16
_OFF = ("", "Off")


@dataclass(frozen=True, slots=True)
class Widgets:
    """What one page of a fillable form holds."""

    fields: tuple[Field, ...] = ()
    toggles: tuple[Toggle, ...] = ()

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(Mark(toggle.at, toggle.checked, 1.0, toggle.option) for toggle in self.toggles)


Forms = Mapping[int, Widgets]
"""By page, from 0."""


def read_forms(content: bytes) -> Forms:
    """The fields of every page that has some."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if "/AcroForm" not in reader.root_object:
            return {}
        return {at: found for at, page in enumerate(reader.pages) if (found := _of_page(page)) is not None}
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return {}


def has_script(content: bytes) -> bool:
    """Whether a script or a program to start hides in the PDF."""
    try:
        reader = PdfReader(io.BytesIO(content))
        root = reader.root_object
        names = _plain(root.get("/Names")) or {}
        actions = [_plain(root.get("/OpenAction")), *(_plain(page.get("/AA")) for page in reader.pages)]
        return "/JavaScript" in names or "/AA" in root or any(_runs(action) for action in actions)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return b"/JavaScript" in content or b"/Launch" in content


def _runs(action: Any) -> bool:
    if not isinstance(action, dict):
        return False
    return action.get("/S") in ("/JavaScript", "/Launch") or any(_runs(_plain(part)) for part in action.values())


def _plain(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _of_page(page: Any) -> Widgets | None:
    left, _, _, top = (float(value) for value in page.cropbox)
    fields: list[Field] = []
    toggles: list[Toggle] = []
    for reference in (_plain(page.get("/Annots")) or ())[:MAX_FIELDS]:
        widget = _plain(reference)
        if widget.get("/Subtype") != "/Widget":
            continue
        x0, y0, x1, y1 = (float(value) for value in _plain(widget["/Rect"]))
        at = Rect(min(x0, x1) - left, top - max(y0, y1), max(x0, x1) - left, top - min(y0, y1))
        kind = _inherited(widget, "/FT")
        if kind == "/Btn" and not int(_inherited(widget, "/Ff") or 0) & _PUSH_BUTTON:
            toggles.append(_toggle(widget, at))
        elif kind in ("/Tx", "/Ch"):
            fields.append(Field(at, _text(_inherited(widget, "/V")), _name(widget), _tooltip(widget)))
    return Widgets(tuple(fields), tuple(toggles)) if fields or toggles else None


def _toggle(widget: Any, at: Rect) -> Toggle:
    looks = _plain((_plain(widget.get("/AP")) or {}).get("/N")) or {}
    option = next((str(name)[1:] for name in looks if str(name)[1:] not in _OFF), "")
    state = str(widget.get("/AS") or _inherited(widget, "/V") or "/Off")[1:]
    return Toggle(_name(widget), _tooltip(widget), option, state not in _OFF and (not option or state == option), at)


def _inherited(widget: Any, key: str) -> Any:
    for _ in range(8):
        if widget is None or key in widget:
            break
        widget = _plain(widget.get("/Parent"))
    return None if widget is None else _plain(widget.get(key))


def _name(widget: Any) -> str:
    parts: list[str] = []
    for _ in range(8):
        if widget is None:
            break
        if "/T" in widget:
            parts.append(str(widget["/T"]))
        widget = _plain(widget.get("/Parent"))
    return ".".join(reversed(parts))


def _tooltip(widget: Any) -> str:
    return str(_inherited(widget, "/TU") or "")


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    text = "" if value is None else str(value)
    return text if not text.startswith("/") else text[1:]
