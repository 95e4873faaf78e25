"""What can be wrong with a form as a file: one error each, with a sentence on what to do."""

from therapyflows.core.errors import UnusableSource

MAX_BYTES = 60_000_000
MAX_PAGES = 40
MAX_PIXELS = 80_000_000
"""Of one page image; a photo has 12 to 50 million."""


def empty() -> UnusableSource:
    return UnusableSource("form_empty", "the file is empty", remedy="Ask for the form again, or scan it again.")


def too_large() -> UnusableSource:
    return UnusableSource(
        "form_too_large",
        f"the file is larger than {MAX_BYTES // 1_000_000} MB",
        remedy="Scan at 200 to 300 dpi, and send one form per file.",
    )


def too_many_pages(pages: int) -> UnusableSource:
    return UnusableSource(
        "form_too_many_pages",
        f"the file has {pages} pages, and an intake form has at most {MAX_PAGES}",
        remedy="Take the intake form out of the file and send it alone.",
    )


def needs_password() -> UnusableSource:
    return UnusableSource(
        "form_needs_password",
        "the PDF is locked with a password",
        remedy="Save a copy without the password, or print and scan it.",
    )


def damaged() -> UnusableSource:
    return UnusableSource(
        "form_damaged",
        "the file is damaged or cut off, and cannot be opened",
        remedy="Ask for the file again, or print and scan the form.",
    )


def wrong_kind() -> UnusableSource:
    return UnusableSource(
        "form_wrong_kind",
        "the file is not a PDF, an image or a web form",
        remedy="Send the form as pdf, png, jpg, tiff, webp, bmp or json.",
    )


def too_many_pixels() -> UnusableSource:
    return UnusableSource(
        "form_image_too_large",
        "the image unpacks to more than a page can have",
        remedy="Scan the page at 200 to 300 dpi, or take the photo again.",
    )


def took_too_much() -> UnusableSource:
    return UnusableSource(
        "form_takes_too_much",
        "reading the file takes more time or memory than any form does",
        remedy="Print the form and scan it, then send the scan.",
    )


def nothing_on_it() -> UnusableSource:
    return UnusableSource(
        "form_nothing_readable",
        "nothing readable stands on the pages",
        remedy="Scan or photograph the form again: whole page, good light, sharp.",
    )
