"""A practice in which everything that a person or the EHR can set is a script: every page shows it as text."""

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar, get_type_hints

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page
from pydantic import BaseModel
from tests.web.review.furnished import VISITS, Practice, Visit, furnished

from therapyflows.governance.evidence.model import Span

T = TypeVar("T")
MARK = "{{7*7}}${7*7}"
PAYLOAD = f"<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\"'><svg/onload=window.hacked=1>{MARK}"

NAMES_A_THING = {
    "id", "key", "code", "section", "format", "system", "language", "digest", "segment_id", "path", "drafter", "etag",
    "checks_version", "measure",
}  # fmt: skip
"""Texts that are set by the program and looked up again: with other words in them there would be no page."""
LISTS_OF_WORDS = {"reasons"}


def planted(value: T) -> T:
    """The same with the payload behind every text that somebody can write."""
    if isinstance(value, str):
        return f"{value} {PAYLOAD}"  # type: ignore[return-value]
    if isinstance(value, Span):
        return dataclasses.replace(value, quote=PAYLOAD)  # type: ignore[return-value]  # it stands in every turn
    if isinstance(value, tuple):
        return tuple(planted(item) if not isinstance(item, str) else item for item in value)  # type: ignore[return-value]
    if isinstance(value, BaseModel):
        return value.model_copy(update=dict(_planted_fields(value)))  # type: ignore[return-value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **dict(_planted_fields(value)))
    return value


def _planted_fields(value: Any) -> Iterator[tuple[str, object]]:
    hints = get_type_hints(type(value))
    for name, hint in hints.items():
        there = getattr(value, name, None)
        if there is None or name in NAMES_A_THING or name.endswith(("_id", "_version", "_from")):
            continue
        if isinstance(there, str):
            if hint in (str, str | None) or (type(there) is str and name in ("value", "raw")):
                yield name, planted(there)
        elif name in LISTS_OF_WORDS:
            yield name, tuple(planted(item) for item in there)
        else:
            yield name, planted(there)


@pytest.fixture(scope="module")
def practice() -> Iterator[Practice]:
    with furnished(planted) as made:
        yield made


@pytest.fixture(scope="module")
def shown() -> dict[str, bool]:
    """Whether the payload stood on the page as text, by the name of the visit; filled by the test below."""
    return {}


class Complaints:
    """What must not happen on a page."""

    def __init__(self, page: Page, visit: Visit) -> None:
        self.heard: list[str] = []
        self._refused = visit.status >= 400
        page.on("dialog", lambda dialog: (self.heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.heard.append(f"error {error}"))
        page.on("console", self._said)

    def _said(self, message: ConsoleMessage) -> None:
        expected = self._refused and "Failed to load resource" in message.text
        if message.type == "error" and not expected:
            self.heard.append(f"console {message.text}")


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
def test_every_page_shows_it_as_text(browser: Browser, practice: Practice, shown, visit: Visit) -> None:
    context = browser.new_context()
    context.add_cookies(practice.cookies_of(visit.user))
    page = context.new_page()
    page.set_default_timeout(45_000)
    complaints = Complaints(page, visit)
    answer = page.goto(practice.address(visit), wait_until="load")
    assert answer is not None
    assert answer.status == visit.status
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true })")
    page.evaluate("document.querySelectorAll('[tabindex], summary, [data-evidence]').forEach(e => e.focus())")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src='x'], svg[onload], main script").count() == 0
    assert complaints.heard == []
    shown[visit.name] = MARK in page.locator("body").inner_text() or "<script>" in page.locator("body").inner_text()
    context.close()


def test_the_payload_did_stand_on_the_pages_with_words_of_others(shown: dict[str, bool]) -> None:
    without = {name for name, was_shown in shown.items() if not was_shown}
    refused = {visit.name for visit in VISITS if visit.status >= 400}
    assert without <= {"login", "signed-out", "audit-check", *refused}, without


def test_the_browser_would_have_noticed(browser: Browser) -> None:
    page = browser.new_page()
    complaints = Complaints(page, VISITS[0])
    page.set_content(f"<p>{PAYLOAD}</p>")
    page.wait_for_function("window.hacked === 1")
    page.evaluate("alert('hacked')")
    page.close()
    assert any("dialog hacked" in heard for heard in complaints.heard)
