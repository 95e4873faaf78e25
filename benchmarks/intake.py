"""How well intake forms are read, beside a plain alternative, over generated forms in layouts of the benchmark's own.

    python benchmarks/intake.py [--sample N] [--kinds fillable,text,clean,bad] [--layouts ...] [--keep FOLDER]

``--keep`` keeps what was seen on each form's pages: a run that was stopped goes on where it was, and a change to the
rules of layout is measured again in seconds (what was seen is thrown away when the code that sees has changed).

Every form is drawn for a synthetic person and rendered as a fillable PDF, as text, as a clean scan (200 dpi) and as a
bad one (skew of 3 degrees, noise, uneven light, JPEG at quality 40).  A field counts as right when its value is the
person's, compared without case and outer punctuation; a long answer (over 30 characters) when at most one character in
twenty differs.  A value in a field that the person left empty, or that the form does not ask for, counts as invented.
The plain alternative looks for "label: value" in the same text with one regular expression per field.
"""

import argparse
import hashlib
import importlib
import json
import re
import resource
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from rapidfuzz.distance import Levenshtein

from intake_forms import rendering
from intake_forms.canvas import Sheet
from intake_forms.people import TODAY, Person, make_person
from therapyflows.core.errors import UnusableSource
from therapyflows.core.intake import page as pages_module
from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import FormSource, IntakeForm
from therapyflows.core.intake.page import PAGES, Page
from therapyflows.core.intake.reading.assembling import read_form
from therapyflows.integrations.documents.intake import reader as product

WRITTEN_FOR = ("dev_lines",)
LAYOUTS = ("boxed_cells", "key_value_table", "two_columns", "typed_export", "modern_boxes")
LOOKED_AT_ONCE = ("heldout_underscores", "heldout_bars")
PRACTICED = ("practice_lines", "practice_cells", "practice_questions")
UNSEEN = ("unseen_paper", "unseen_comb", "unseen_portal", "unseen_captions", "unseen_child", "unseen_questions")
PACKETS = ("packet_grid", "packet_sentences", "packet_bilingual", "packet_abbreviated")
FRESH = ("fresh_table", "fresh_columns", "fresh_letter", "fresh_export")
"""Held out: their failures are not looked at (no ``--verbose`` on them), only their figures."""
LATER = ("later_community", "later_college", "later_solo")
USUAL = ("usual_counseling", "usual_registration", "usual_online")
FURTHER = ("further_agency", "further_family", "further_eap")
WAYS = ("lines", "cells", "boxes", "captions", "table", "print")
OPEN, MORE, KEPT = (tuple(f"{part}_{way}" for way in WAYS) for part in ("open", "more", "kept"))
"""Put together by chance from three parts of a list of phrases; failures on the kept part are not looked at."""
SETS = {
    "own": (*LAYOUTS, *LOOKED_AT_ONCE),
    "practiced": PRACTICED,
    "unseen": UNSEEN,
    "packets": PACKETS,
    "fresh": FRESH,
    "later": LATER,
    "usual": USUAL,
    "further": FURTHER,
    "open": OPEN,
    "more": MORE,
    "kept": KEPT,
}
SEEING = ("acroform", "ink", "ocr", "pdf", "scans", "short_words", "straighten")
"""Modules that what is seen on a page depends on."""
SHARED = tuple(Path(str(module.__file__)) for module in (pages_module, rendering))
TARGETS = {"fillable": 0.99, "text": 0.97, "clean": 0.95, "bad": 0.85}
HANDS = (("Courier", 9.5), ("Helvetica", 9.5), ("Times-Italic", 10.5), ("Helvetica-Oblique", 9))


@dataclass
class Seen:
    """What stands on the pages of one form, and what looking at them took."""

    pages: tuple[Page, ...]
    seconds: float
    cpu: float
    error: str = ""


def main() -> None:
    given = arguments()
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: dict[str, list[float]] = defaultdict(list)
    for kind in given.kinds.split(","):
        for layout, seed in chosen(given):
            result, took = measured(layout, seed, kind, given)
            seconds[kind].extend(took)
            totals[f"{kind} {layout}"].update(result)
            totals[kind].update(result)
            if given.verbose:
                print(kind, layout, seed, dict(result), f"{statistics.mean(took):.2f} s a page", flush=True)
    report(totals, seconds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=0, help="forms of each layout instead of 32")
    parser.add_argument("--kinds", default="fillable,text,clean,bad")
    parser.add_argument("--layouts", default="own", help=f"names of layouts, or of a set: {', '.join(SETS)}")
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="folder for what was seen on the pages")
    parser.add_argument("--verbose", action="store_true", help="each form, and each wrong field")
    return parser.parse_args()


def chosen(given: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """Forms in turns of the layouts, so that a run that is stopped has seen something of each."""
    layouts = [name for part in given.layouts.split(",") for name in SETS.get(part, (part,))]
    for number in range(given.sample or 32):
        for at, layout in enumerate(layouts):
            yield layout, given.first_seed + at * 100 + number


def drawn(layout: str, seed: int, *, fillable: bool) -> tuple[Sheet, Person, bytes]:
    """The form that a person filled in: in one of four hands, with clear or meaningless field names."""
    person = make_person(seed)
    hand, size = HANDS[seed % len(HANDS)]
    sheet = Sheet(fillable=fillable, hand=hand, hand_size=size, clear_names=seed % 2 == 0)
    importlib.import_module(f"intake_forms.layouts.{layout}").draw(sheet, person)
    return sheet, person, sheet.content()


def rendered(pdf: bytes, kind: str, seed: int) -> bytes:
    if kind == "clean":
        return rendering.clean_scan(pdf)
    return rendering.bad_scan(pdf, seed) if kind == "bad" else pdf


def measured(layout: str, seed: int, kind: str, given: argparse.Namespace) -> tuple[Counter[str], list[float]]:
    sheet, person, pdf = drawn(layout, seed, fillable=kind == "fillable")
    seen = seen_on(pdf, f"{kind}-{layout}-{seed}", lambda: rendered(pdf, kind, seed), given.keep)
    form: IntakeForm | None = None
    try:
        form = None if seen.error else read_form(seen.pages, FormSource.SCAN, today=TODAY)
    except UnusableSource as error:
        seen.error = str(error)
    if seen.error:
        print(f"{kind} {layout} {seed}: {seen.error}", flush=True)
    result = compared({path: f.value for path, f in walk(form)} if form else {}, sheet, person, given.verbose)
    count = max(1, len(seen.pages))
    result["cpu_ms"], result["pages"] = round(1000 * seen.cpu), count
    plain = compared(plain_reading(list(seen.pages)), sheet, person, False)
    result.update({f"plain {name}": number for name, number in plain.items()})
    return result, [seen.seconds / count] * count


def seen_on(pdf: bytes, name: str, content: Callable[[], bytes], keep: Path | None) -> Seen:
    """Looked at now, or kept from an earlier run over the same form with the same code."""
    kept = keep / f"{name}-{signature(pdf)}.json" if keep else None
    if kept is not None and kept.exists():
        told = json.loads(kept.read_text())
        return Seen(PAGES.validate_python(told["pages"]), told["seconds"], told["cpu"], told["error"])
    seen = looked_at(content())
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        told = {"pages": PAGES.dump_python(seen.pages, mode="json")}
        told |= {"seconds": seen.seconds, "cpu": seen.cpu, "error": seen.error}
        kept.with_suffix(".part").write_text(json.dumps(told))
        kept.with_suffix(".part").rename(kept)
    return seen


def signature(pdf: bytes) -> str:
    """Of the form and of the code that looks at it."""
    sums = hashlib.sha256(pdf)
    folder = Path(str(product.__file__)).parent
    for file in (*(folder / f"{module}.py" for module in SEEING), *SHARED):
        sums.update(file.read_bytes())
    return sums.hexdigest()[:12]


def looked_at(content: bytes) -> Seen:
    pages = kept_pages()
    started, cpu, error = time.monotonic(), cpu_seconds(), ""
    try:
        product.read_intake([content], today=TODAY)
    except UnusableSource as refused:
        error = "" if pages else str(refused)
    return Seen(tuple(pages), time.monotonic() - started, cpu_seconds() - cpu, error)


def kept_pages() -> list[Page]:
    """The pages as the product sees them, so that the plain alternative gets the same text."""
    kept: list[Page] = []
    original = getattr(product, "_original", None) or product.read_form
    product._original = original  # type: ignore[attr-defined]

    def remembering(pages: list[Page], *args: Any, **more: Any) -> IntakeForm:
        kept.extend(pages)
        return original(pages, *args, **more)

    product.read_form = remembering  # type: ignore[assignment]
    return kept


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def compared(found: dict[str, Any], sheet: Sheet, person: Person, verbose: bool) -> Counter[str]:
    result: Counter[str] = Counter()
    for path in sheet.asked:
        wanted, got = person.get(path), found.get(path)
        if wanted is None:
            result["empty"] += 1
            result["invented"] += got is not None
        else:
            result["answered"] += 1
            result["right"] += same(wanted, got)
            result["missing"] += got is None
        wrong = (got is not None) if wanted is None else not same(wanted, got)
        if verbose and wrong:
            print(f"    {path}: {wanted!r} read as {got!r}")
    for path, got in found.items():
        if path in sheet.asked or path.startswith("consents."):
            continue
        result["empty"] += 1
        result["invented"] += got is not None
        if verbose and got is not None:
            print(f"    {path}: not asked, read as {got!r}")
    return result


def same(wanted: Any, got: Any) -> bool:
    if not isinstance(wanted, str):
        return bool(got == wanted and type(got) is type(wanted))
    one, other = folded(wanted), folded(str(got))
    if len(one) > 30 and got is not None:
        return Levenshtein.distance(one, other) <= len(one) / 20
    return one == other


def folded(text: str) -> str:
    return " ".join(text.split()).casefold().strip(" .,;")


# --- the plain alternative ---

PLAIN = {
    "demographics.first_name": "first name|given name",
    "demographics.last_name": "last name|family name|surname",
    "demographics.birth_date": "date of birth|dob|birth ?date",
    "demographics.sex": "sex|gender",
    "demographics.marital_status": "marital status",
    "contact.address_line": "address",
    "contact.city": "city",
    "contact.state": "state",
    "contact.postal_code": "zip(?: code)?",
    "contact.phone": "phone(?: number)?|telephone",
    "contact.email": "e-?mail(?: address)?",
    "emergency_contact.name": "emergency contact(?: name)?",
    "emergency_contact.relationship": "relationship",
    "insurance.primary.payer": "insurance(?: company| carrier| provider)?|payer",
    "insurance.primary.member_id": "member id|policy (?:number|#)|subscriber id",
    "insurance.primary.group_number": "group(?: number| #| no\\.?)?",
    "insurance.primary.subscriber_name": "subscriber(?: name)?|policy ?holder",
    "presenting.problem": "presenting (?:problem|concern)|reason for visit",
    "history.medical": "medical (?:history|conditions)",
    "allergies": "allergies",
    "phq9.stated_total": "total(?: score)?",
}


def plain_reading(pages: list[Page]) -> dict[str, Any]:
    """``label: value`` on each line of the text, to the next wide gap; fields of a fillable PDF by their names."""
    found: dict[str, Any] = {}
    for page in pages:
        for field in page.fields:
            path = next((p for p, names in PLAIN.items() if re.search(names, field.name.replace("_", " "), re.I)), None)
            if path and field.value:
                found.setdefault(path, typed(path, field.value))
        for text in plain_lines(page):
            for path, names in PLAIN.items():
                match = re.search(rf"(?:^|  )(?:{names})\s*[:#]?\s+(\S.*?)(?:  |$)", text, re.IGNORECASE)
                if match:
                    found.setdefault(path, typed(path, match[1]))
    return found


def plain_lines(page: Page) -> Iterator[str]:
    rows: dict[int, list[Any]] = defaultdict(list)
    for word in page.words:
        rows[round(word.at.center[1] / 7)].append(word)
    for _, words in sorted(rows.items()):
        words.sort(key=lambda word: word.at.left)
        text = ""
        for before, word in zip([None, *words], words, strict=False):
            text += ("  " if before and word.at.left - before.at.right > 12 else " ") + word.text
        yield text.strip()


def typed(path: str, text: str) -> Any:
    if path.endswith("birth_date"):
        match = re.search(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
        return date(int(match[3]), int(match[1]), int(match[2])) if match else None
    if path.endswith("total"):
        return int(text) if text.isdigit() else None
    return text.strip(" _")


def report(totals: dict[str, Counter[str]], seconds: dict[str, list[float]]) -> None:
    document: dict[str, Any] = {}
    print(f"\n{'':34}{'right':>8}{'target':>8}{'plain':>8}{'invented':>16}{'plain':>16}")
    for name, c in totals.items():
        right, plain = c["right"] / max(1, c["answered"]), c["plain right"] / max(1, c["answered"])
        target = TARGETS.get(name)
        invented = f"{c['invented']}/{c['empty']}"
        print(
            f"{name:34}{right:8.4f}{target if target else '':>8}{plain:8.4f}{invented:>16}"
            f"{c['plain invented']:>10}/{c['plain empty']}"
        )
        document[name] = {
            "right": round(right, 4),
            "plain": round(plain, 4),
            "answered": c["answered"],
            "invented": c["invented"],
            "empty": c["empty"],
        }
    for kind, took in seconds.items():
        cpu = totals[kind]["cpu_ms"] / 1000 / max(1, totals[kind]["pages"])
        print(f"{kind}: {statistics.median(took):.2f} s a page (median), {cpu:.2f} s of CPU, {len(took)} pages")
        document[kind] |= {"seconds_a_page": round(statistics.median(took), 2), "cpu_a_page": round(cpu, 2)}
    print(json.dumps(document))


if __name__ == "__main__":
    main()
