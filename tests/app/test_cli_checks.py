"""``therapyflows checks``: the suite over files, as a person types it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "integrators.md"
FORM = {
    "First name": "Imogen", "Last name": "Hale", "Date of birth": "04/03/1991", "Phone": "617-555-0142",
    "Address": "18 Alder Street", "State": "MA", "Zip": "90210", "Reason for visit": "Trouble sleeping",
    "Emergency contact": "Tomas Hale", "Emergency contact phone": "617 555 0177",
}  # fmt: skip


@pytest.fixture
def web_form(tmp_path: Path) -> Callable[..., str]:
    def write(name: str = "form.json", **changes: str) -> str:
        file = tmp_path / name
        file.write_text(json.dumps({**FORM, **changes}))
        return str(file)

    return write


def test_the_documented_answer_is_what_the_command_prints(
    therapyflows: Callable[..., Any], web_form: Callable[..., str]
) -> None:
    answer = therapyflows("checks", web_form(), "--json")
    assert answer.status == 0
    printed = json.loads(answer.out)
    printed["suites"][0]["results"] = [r for r in printed["suites"][0]["results"] if not r["passed"]]
    shown = re.search(r"<!-- tested: checks -->\n```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert printed == json.loads(shown.group(1))


def test_a_form_that_blocks_ends_with_status_1_and_names_no_value(
    therapyflows: Callable[..., Any], web_form: Callable[..., str]
) -> None:
    answer = therapyflows("checks", web_form(**{"Date of birth": "", "Last name": "Canary77"}))
    assert answer.status == 1
    assert "The birth date is missing" in answer.out
    assert "Canary77" not in answer.out + answer.err


def test_a_batch_writes_data_docs_and_a_profile_and_is_compared_with_it(
    therapyflows: Callable[..., Any], web_form: Callable[..., str], tmp_path: Path
) -> None:
    profile, docs = tmp_path / "profile.json", tmp_path / "docs"
    files = [web_form(), web_form("other.json", Zip="02139")]
    answer = therapyflows("checks", *files, "--json", "--docs", str(docs), "--profile", str(profile))
    failed = [r for r in json.loads(answer.out)["suites"][0]["results"] if not r["passed"]]
    assert [(r["key"], r["forms"]) for r in failed] == [("zip_state_ok", [1])]
    assert (docs / "index.html").is_file()
    assert "Imogen" not in profile.read_text()
    again = json.loads(therapyflows("checks", *files, "--json", "--past", str(profile)).out)
    assert [suite["suite"] for suite in again["suites"]] == ["intake", "drift"]
    spoilt = tmp_path / "no-profile.json"
    spoilt.write_text("{}")
    assert "no profile" in therapyflows("checks", files[0], "--past", str(spoilt)).err
