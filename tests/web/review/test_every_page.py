"""Every page of the application, found by its routes: usable by everybody, on any screen, in light and in dark.

axe-core (Deque) looks at each page; a page that nobody listed in ``furnished.VISITS`` fails the first test.
"""

import re
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from tests.web.review.furnished import NO_PAGES, VISITS, Practice, Visit, furnished
from tests.web.review.routes import route_at, routes_of

SEVERE = ("serious", "critical")
PHONE = 360
HEAVY_BYTES = 300_000


@pytest.fixture(scope="module")
def practice() -> Iterator[Practice]:
    with furnished() as made:
        yield made


@pytest.fixture(scope="module")
def contexts(browser: Browser, practice: Practice) -> Iterator[dict[str | None, BrowserContext]]:
    """A browser for each person, signed in."""
    made: dict[str | None, BrowserContext] = {}
    for user in {visit.user for visit in VISITS}:
        made[user] = browser.new_context(viewport={"width": 1360, "height": 900})
        made[user].add_cookies(practice.cookies_of(user))
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def opened(contexts, practice: Practice, visit: Visit) -> Iterator[Page]:
    """The page with everything on it unfolded."""
    page = contexts[visit.user].new_page()
    page.set_default_timeout(45_000)
    answer = page.goto(practice.address(visit))
    assert answer is not None
    assert (answer.status, page.url) == (visit.status, practice.address(visit))
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true })")
    yield page
    page.close()


def severe(page: Page, *, only: list[str] | None = None) -> list[str]:
    """What axe finds on the page that keeps somebody from using it."""
    rules = {"runOnly": {"type": "rule", "values": only}} if only else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], **rules}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]}"
        for rule in found
        if rule["impact"] in SEVERE
        for node in rule["nodes"]
    ]


def test_every_address_is_a_page_that_is_visited_or_is_said_to_be_none(practice: Practice) -> None:
    routes = routes_of(practice.world, "GET")
    visited = {found.path for visit in VISITS if (found := route_at(routes, visit.address.format(**practice.things)))}
    assert {route.path for route in routes} == visited | set(NO_PAGES)
    assert not visited & set(NO_PAGES)


def test_the_pages_have_names_of_their_own() -> None:
    assert len({visit.name for visit in VISITS}) == len(VISITS)


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
def test_everybody_can_use_it_and_it_fits_a_phone(opened: Page, visit: Visit) -> None:
    assert severe(opened) == []
    opened.emulate_media(color_scheme="dark")
    assert severe(opened, only=["color-contrast"]) == []
    opened.set_viewport_size({"width": PHONE, "height": 740})
    assert opened.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert severe(opened, only=["target-size", "color-contrast"]) == []


@pytest.mark.parametrize("visit", [v for v in VISITS if v.name == "draft"], ids=lambda visit: visit.name)
def test_the_help_on_the_draft_page_is_usable_too(opened: Page, visit: Visit) -> None:
    opened.get_by_role("button", name=re.compile("Keyboard")).click()
    assert severe(opened) == []


def test_no_page_is_heavy(practice: Practice) -> None:
    """With everything that it needs from us, before compression, without sound and images."""
    files: dict[str, int] = {}
    for visit in VISITS:
        with httpx.Client(cookies={c["name"]: c["value"] for c in practice.cookies_of(visit.user)}) as client:
            page = client.get(practice.address(visit))
            for file in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)):
                files[file] = files.get(file) or len(client.get(practice.world.base_url + file).content)
                assert files[file] > 0
            weight = len(page.content) + sum(size for file, size in files.items() if f'"{file}"' in page.text)
        assert weight < HEAVY_BYTES, (visit.name, weight)


def test_what_is_wrong_is_found(contexts, practice: Practice) -> None:
    page = contexts[None].new_page()
    page.goto(f"{practice.world.base_url}/login")
    page.evaluate("document.querySelector('main').innerHTML = '<input><img src=x><p>pale</p>'")
    page.evaluate("document.querySelector('main p').style.color = '#999'")
    found = " ".join(severe(page))
    page.close()
    assert all(rule in found for rule in ("label", "image-alt", "color-contrast"))
