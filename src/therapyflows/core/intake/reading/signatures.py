"""Consents: what they are about, the box beside them, who signed and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from therapyflows.core.intake.model import ConsentTopic, Extracted, SignedConsent
from therapyflows.core.intake.page import Mark, Rect
from therapyflows.core.intake.reading.answers import Answer, answer_to
from therapyflows.core.intake.reading.choices import checked_state
from therapyflows.core.intake.reading.lines import lines_of
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.values import day, is_absent, tidy
from therapyflows.core.intake.reading.vocabulary import vocabulary

T = TypeVar("T")

_REACH = 75.0
"""Points between a signature and the date or printed name that belong to it."""


@dataclass(frozen=True, slots=True)
class _Block:
    signature: Label
    name: Label | None
    on: Label | None


def consents_of(reading: Reading) -> list[SignedConsent]:
    """Every consent of the page.  Boxes that are not followed by a signature stand alone."""
    found: list[SignedConsent] = []
    above = 0.0
    for block in _blocks(reading):
        bottom = block.signature.at.top
        found.extend(_signed(block, above, bottom, reading))
        above = bottom
    found.extend(_boxes(above, reading.sheet.page.height, reading) if not found else ())
    return found


def _blocks(reading: Reading) -> Iterator[_Block]:
    signatures = [label for label in reading.labels if label.path == "consents.signature"]
    signatures = [label for label in signatures if not _only_heads(label, signatures, reading)]
    for signature in sorted(signatures, key=lambda label: label.at.top):
        yield _Block(
            signature,
            _nearest("consents.printed_name", signature, signatures, reading),
            _nearest("consents.signed_on", signature, signatures, reading),
        )


def _only_heads(label: Label, signatures: Sequence[Label], reading: Reading) -> bool:
    """Whether it is the heading over the place to sign, and no place itself."""
    below = any(0 < other.at.top - label.at.bottom < _REACH for other in signatures)
    answer = answer_to(label, reading)
    return below and answer.empty and not answer.strokes and not answer.fields


def _nearest(path: str, signature: Label, all_of_them: Sequence[Label], reading: Reading) -> Label | None:
    """The label of that kind that stands nearest, and nearer to this signature than to another."""
    found = [
        label
        for label in reading.labels
        if label.path == path
        and abs(label.at.center[1] - signature.at.center[1]) < _REACH
        and min(all_of_them, key=lambda other: _distance(other, label)) is signature
    ]
    return min(found, key=lambda label: _distance(signature, label), default=None)


def _distance(one: Label, other: Label) -> float:
    behind = 0 if other.at.left >= one.at.left - 5 else 30
    return abs(one.at.center[1] - other.at.center[1]) * 3 + abs(one.at.left - other.at.left) * 0.05 + behind


def _signed(block: _Block, above: float, bottom: float, reading: Reading) -> Iterator[SignedConsent]:
    signed = SignedConsent(
        (),
        signature=_name(block.signature, reading),
        printed_name=_name(block.name, reading) if block.name else Extracted(),
        signed_on=_day(block.on, reading) if block.on else Extracted(),
    )
    boxes = list(_boxes(above, bottom, reading))
    if boxes:
        yield from (replace(signed, topics=box.topics, agreed=box.agreed) for box in boxes)
        return
    area = Rect(0, above, reading.sheet.page.width, bottom + 2)
    text = " ".join(" ".join(w.text for w in line) for line in lines_of(reading.sheet.words_in(area)))
    topics = tuple(ConsentTopic(topic) for topic in vocabulary().topics_of(text))
    yield replace(signed, topics=topics or (ConsentTopic.OTHER,))


def _boxes(above: float, bottom: float, reading: Reading) -> Iterator[SignedConsent]:
    """Boxes to tick whose words speak of a consent."""
    for mark in reading.sheet.page.marks:
        if not above < mark.at.center[1] < bottom:
            continue
        topics = vocabulary().topics_of(_words_of(mark, reading))
        if topics:
            yield SignedConsent((ConsentTopic(topics[0]),), agreed=_agreed(mark, reading))


def _words_of(mark: Mark, reading: Reading) -> str:
    """The words right of the box, on its line and the next when that is indented."""
    right = min(
        (
            m.at.left
            for m in reading.sheet.page.marks
            if m is not mark and abs(m.at.center[1] - mark.at.center[1]) < 6 and m.at.left > mark.at.right
        ),
        default=reading.sheet.page.width,
    )
    area = Rect(mark.at.right, mark.at.top - 3, right, mark.at.bottom + 3)
    return " ".join(word.text for line in lines_of(reading.sheet.words_in(area)) for word in line)


def _agreed(mark: Mark, reading: Reading) -> Extracted[bool]:
    page = reading.sheet.page
    state = checked_state(mark, reading)
    box = page.box(mark.at)
    if state is None:
        return Extracted(unreadable=True, page=page.number, box=box)
    return Extracted(True, False, mark.confidence, page.method, "", page.number, box) if state else Extracted()


def _name(label: Label, reading: Reading) -> Extracted[str]:
    answer = answer_to(label, reading)
    text = tidy(answer.text)
    text = "" if text.lower() in ("x", "x:") else text.removeprefix("/s/").strip()
    if is_absent(text):
        return _drawn(answer, reading)
    return _extracted(text, answer, reading)


def _drawn(answer: Answer, reading: Reading) -> Extracted[str]:
    """A signature that was drawn: something stands there and cannot be read."""
    large = [stroke for stroke in answer.strokes if stroke.at.width > 14 and stroke.at.height > 5]
    if not large:
        return Extracted()
    page = reading.sheet.page
    return Extracted(unreadable=True, confidence=0.9, method=page.method, page=page.number, box=page.box(large[0].at))


def _day(label: Label, reading: Reading) -> Extracted[date]:
    answer = answer_to(label, reading)
    text = tidy(answer.text)
    if is_absent(text):
        return Extracted()
    value = day(text)
    if value is None:
        page = reading.sheet.page
        box = page.box(answer.at) if answer.at else None
        return Extracted(unreadable=True, raw=text, method=page.method, page=page.number, box=box)
    return _extracted(value, answer, reading)


def _extracted(value: T, answer: Answer, reading: Reading) -> Extracted[T]:
    page = reading.sheet.page
    box = page.box(answer.at) if answer.at else None
    return Extracted(value, False, round(answer.confidence, 3), page.method, answer.text, page.number, box)
