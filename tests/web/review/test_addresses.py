"""No address that the application uses or asks a browser to use says anything about a person."""

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.web.review.practice import CLIENTS, session_draft, session_transcript

TYPED = "Marigold Fernweh swallowed the zolpidem"


@pytest.fixture
def asked_for(browser: Browser, world) -> Iterator[tuple[Page, set[str]]]:
    """A signed-in page, and every address that is requested while it is used."""
    context: BrowserContext = browser.new_context()
    addresses: set[str] = set()
    context.on("request", lambda request: addresses.add(request.url))
    page = context.new_page()
    page.goto(f"{world.base_url}/")
    page.get_by_role("link", name="Sign in with the EHR").click()
    page.wait_for_url(f"{world.base_url}/")
    yield page, addresses
    context.close()


def follow_every_link(page: Page, start: list[str], origin: str) -> set[str]:
    """Opens every page of ours that is linked from ``start``; returns all addresses that stood in the pages."""
    waiting, seen, named = list(start), set(), set()
    while waiting:
        url = waiting.pop()
        if url in seen or len(seen) > 60:
            continue
        seen.add(url)
        if page.goto(url).headers.get("content-type", "").startswith("text/html"):
            found = page.evaluate(
                "[...document.querySelectorAll('[href],[src],[action],[formaction]')].flatMap(e =>"
                " ['href','src','action','formaction'].map(n => e.getAttribute(n)).filter(Boolean))"
            )
            absolute = {page.evaluate("a => new URL(a, location).href", address) for address in found}
            named |= absolute
            ours = {a.split("#")[0] for a in absolute if a.startswith(f"{origin}/") and "/static/" not in a}
            linked = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href.split('#')[0])")
            waiting += sorted(ours & set(linked))
    return named | seen


def words_of_the_chart() -> set[str]:
    """Names, and every longer word that was said or drafted."""
    names = {n for c in CLIENTS for n in (c.first_name, c.last_name, c.preferred_name) if n}
    said = " ".join([*(s.text for s in session_transcript().segments), *(s.text for s in session_draft().statements)])
    return {w.lower() for w in names} | {w.lower() for w in re.findall(r"[A-Za-z]{7,}", f"{said} {TYPED}")}


OWN_WORDS = {"evidence", "session"}
"""Words of the application's own addresses."""


def test_following_every_link_and_writing_things_down_names_nobody_in_an_address(asked_for, world) -> None:
    page, addresses = asked_for
    world.seed(2, "c-2")
    page.goto(f"{world.base_url}{world.path}")
    line = page.locator("#st-st1")
    line.get_by_text("Edit", exact=True).click()
    line.locator("textarea").fill(TYPED)
    line.get_by_role("button", name="Save").click()
    page.get_by_text(TYPED).first.wait_for()
    pages = ["/", world.path, "/confirm/start?next=/emergency", "/emergency", "/emergency-reviews", "/drafts/none"]
    named = follow_every_link(page, [world.base_url + path for path in pages], world.base_url)
    everything = {unquote_plus(url).lower() for url in addresses | named}
    assert len({urlsplit(url).path for url in everything}) > 25
    telling = words_of_the_chart() - OWN_WORDS
    assert len(telling) > 50
    assert [url for url in everything if any(word in url for word in telling)] == []
