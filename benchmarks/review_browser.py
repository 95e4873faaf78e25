"""How long Chromium is kept busy at a stretch while a long draft is scrolled and played."""

import sys

from playwright.sync_api import Page
from tests.web.review.conftest import find_chromium, running_chromium

Measured = dict[str, float]
SCROLLS = 60
PLAYED_MS = 10_000

_WATCH = """() => {
  window.busy = [];
  new PerformanceObserver(list => list.getEntries().forEach(e => window.busy.push(e.duration)))
    .observe({type: 'longtask', buffered: false});
  window.frames_ = []; let last = performance.now();
  const tick = now => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""


def busy_while_scrolling_and_playing(base_url: str, draft_id: str) -> dict[str, Measured]:
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is not installed: scrolling and playing are not measured", file=sys.stderr)
        return {}
    with running_chromium(chromium) as browser:
        page = browser.new_page(viewport={"width": 1360, "height": 900})
        page.goto(f"{base_url}/login/start")
        page.goto(f"{base_url}/drafts/{draft_id}", wait_until="load")
        ready = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
        page.evaluate(_WATCH)
        found = {"opened in Chromium": {"ms until complete": float(ready)}}
        found["scrolled"] = _scrolled(page)
        found["played"] = _played(page)
        return found


def _scrolled(page: Page) -> Measured:
    page.mouse.move(1000, 500)
    for _ in range(SCROLLS):
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(16)
    return _taken(page)


def _played(page: Page) -> Measured:
    page.evaluate("() => { const a = document.querySelector('audio'); a.currentTime = 1800; return a.play(); }")
    page.wait_for_timeout(PLAYED_MS)
    heard = page.evaluate("document.querySelector('audio').currentTime") - 1800
    return _taken(page) | {"seconds heard": float(heard)}


def _taken(page: Page) -> Measured:
    busy, frames = page.evaluate(
        "() => { const r = [window.busy, window.frames_]; window.busy = []; window.frames_ = []; return r; }"
    )
    frames = sorted(frames) or [0.0]
    return {
        "tasks over 50 ms": float(len(busy)),
        "longest ms": float(max(busy, default=0.0)),
        "frame p95 ms": float(frames[int(0.95 * (len(frames) - 1))]),
    }
