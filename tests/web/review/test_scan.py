"""A scanner of somebody else's (Wapiti) looks at the application; the whole of it is ``make scan``."""

import os
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, RedirectResponse
from tests.web.review.conftest import World, serving
from tests.web.review.scan import PASSIVE, WAPITI, Report, as_clinician, as_nobody, scan, scanned_world

MODULES = (*PASSIVE, "xss", "redirect", "crlf")


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not WAPITI.exists():
        message = "Wapiti is not installed (make setup-dev)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="module")
def small_world() -> Iterator[World]:
    with scanned_world(statements=2) as world:
        yield world


def weak_app(_: str) -> FastAPI:
    """What must not be: a search that repeats what was asked, a jump to anywhere, no header that protects."""
    app = FastAPI()

    @app.get("/")
    def home() -> HTMLResponse:
        return HTMLResponse('<a href="/search?q=rain">search</a> <a href="/go?to=/">go</a>')

    @app.get("/search")
    def search(q: str = "") -> HTMLResponse:
        return HTMLResponse(f"<p>Nothing found for {q}</p>")

    @app.get("/go")
    def go(request: Request) -> RedirectResponse:
        return RedirectResponse(request.query_params.get("to", "/"))

    return app


def test_the_scanner_finds_what_is_weak() -> None:
    with serving(weak_app) as base_url:
        report = scan(base_url, modules=MODULES)
    found = {finding.category for finding in report.serious}
    assert {"Reflected Cross Site Scripting", "Open Redirect"} <= found
    assert any("Content Security Policy" in finding.category for finding in report.findings)


def assert_clean(report: Report, *, pages: int) -> None:
    assert report.serious == (), "\n".join(map(str, report.serious))
    assert report.pages >= pages, "the scanner did not get around"


def test_signed_out_nothing_serious_is_found(small_world: World) -> None:
    assert_clean(as_nobody(small_world, MODULES), pages=15)


def test_signed_in_nothing_serious_is_found_though_everything_was_tried(small_world: World) -> None:
    before = small_world.record().version
    assert_clean(as_clinician(small_world, MODULES), pages=30)
    assert small_world.record().version > before, "the scanner submitted our forms"
