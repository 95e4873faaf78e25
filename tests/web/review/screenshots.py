"""Pictures of every page, to be looked at: ``make screenshots`` writes them below ``.screenshots``.

Each page as a desktop, as a phone (360 pixels wide) and in dark colours; the same list of pages as the tests.  With
``--docs`` only the pictures of the documentation are made anew.
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser
from tests.web.review.conftest import find_chromium, running_chromium
from tests.web.review.furnished import VISITS, Practice, Visit, furnished

LOOKS = {
    "desktop": {"viewport": {"width": 1360, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
    "dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
}


DOCS = Path(__file__).parents[3] / "docs/pictures"
IN_THE_DOCS = {"draft": "review.png"}


def take(browser: Browser, practice: Practice, visit: Visit, look: str, file: Path, *, full_page: bool = True) -> Path:
    """The whole page, as long as it is, or what the window shows of it."""
    context = browser.new_context(device_scale_factor=1, **LOOKS[look])
    context.add_cookies(practice.cookies_of(visit.user))
    page = context.new_page()
    page.goto(practice.address(visit), wait_until="networkidle")
    page.wait_for_function("() => !document.body.innerText.includes('Drawing the recording')")
    page.screenshot(path=file, full_page=full_page)
    context.close()
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".screenshots"))
    parser.add_argument("--only", help="beginning of the names of pages")
    parser.add_argument("--looks", default=",".join(LOOKS))
    parser.add_argument("--docs", action="store_true")
    args = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        sys.exit("Chromium is not installed (Debian: apt-get install chromium)")
    args.folder.mkdir(parents=True, exist_ok=True)
    with furnished() as practice, running_chromium(chromium) as browser:
        for visit in VISITS:
            if args.docs and visit.name in IN_THE_DOCS:
                print(take(browser, practice, visit, "desktop", DOCS / IN_THE_DOCS[visit.name], full_page=False))
            elif not args.docs and visit.name.startswith(args.only or ""):
                for look in args.looks.split(","):
                    print(take(browser, practice, visit, look, args.folder / f"{visit.name}-{look}.png"))


if __name__ == "__main__":
    main()
