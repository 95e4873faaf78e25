"""The pages for the practice."""

import re
from pathlib import Path

from tests.data_checks.conftest import TODAY

from therapyflows.core.intake.fields import with_field
from therapyflows.core.intake.model import Extracted, IntakeForm
from therapyflows.data_checks.data_docs import write_data_docs
from therapyflows.data_checks.intake_frame import intake_frame


def test_the_pages_tell_what_failed_hold_no_value_and_load_nothing(form: IntakeForm, tmp_path: Path) -> None:
    spoilt = form
    for path in ("demographics.first_name", "contact.state", "contact.email", "contact.postal_code"):
        spoilt = with_field(spoilt, path, Extracted("Canary77"))
    index = write_data_docs(intake_frame([form, spoilt], TODAY), tmp_path / "docs")
    pages = {page: page.read_text("utf-8") for page in index.parent.rglob("*.html")}
    assert index in pages
    assert any("The state is no two-letter code" in text for text in pages.values())
    assert not any("Canary77" in text for text in pages.values())
    loading = re.compile(r"(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE)
    assert not any(loading.search(text) for text in pages.values())
