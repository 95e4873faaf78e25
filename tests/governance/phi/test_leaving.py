"""The leaving policy, cell by cell, and the minimum necessary."""

import itertools
from datetime import date

import pytest
import yaml

from therapyflows.core.session_note.prompts import load_prompt
from therapyflows.governance.phi import minimum_necessary
from therapyflows.governance.phi.leaving import Form, Material, Place, material_of, may_leave
from therapyflows.governance.phi.minimum_necessary import fields_by_purpose, fields_too_many

CLEAR, REDACTED, NEVER = Form.CLEAR, Form.REDACTED, Form.NEVER
MISSING = "part2_tpo_consent_missing"
CELLS = {
    # material                              on device covered   elsewhere
    (Material.ORDINARY, None):              (CLEAR,   CLEAR,    REDACTED),
    (Material.ORDINARY, MISSING):           (CLEAR,   CLEAR,    REDACTED),
    (Material.PART2, None):                 (CLEAR,   CLEAR,    REDACTED),
    (Material.PART2, MISSING):              (CLEAR,   NEVER,    NEVER),
    (Material.PSYCHOTHERAPY_NOTE, None):    (NEVER,   NEVER,    NEVER),
    (Material.PSYCHOTHERAPY_NOTE, MISSING): (NEVER,   NEVER,    NEVER),
    (Material.OFF_RECORD, None):            (NEVER,   NEVER,    NEVER),
    (Material.OFF_RECORD, MISSING):         (NEVER,   NEVER,    NEVER),
}  # fmt: skip


@pytest.mark.parametrize(("material", "objection"), CELLS)
@pytest.mark.parametrize("place", Place)
def test_a_cell(material: Material, objection: str | None, place: Place) -> None:
    expected = CELLS[material, objection][list(Place).index(place)]
    leave = may_leave([material], place, part2_objection=objection)
    assert leave.form is expected
    assert bool(leave.code) is (expected is NEVER)


def test_every_cell_has_a_test() -> None:
    assert set(CELLS) == set(itertools.product(Material, (None, MISSING)))


@pytest.mark.parametrize("objection", ["part2_tpo_consent_expired", "part2_tpo_consent_other_recipient"])
def test_the_refusal_says_why_the_consent_does_not_count(objection: str) -> None:
    assert may_leave([Material.PART2], Place.COVERED_BY_BAA, part2_objection=objection).code == objection


def test_without_a_word_about_consent_there_is_none() -> None:
    assert may_leave([Material.PART2], Place.COVERED_BY_BAA).code == MISSING


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(Material, 2)))
def test_together_the_strictest_counts(one: Material, other: Material, place: Place) -> None:
    strictness = list(Form)
    alone = [may_leave([m], place).form for m in (one, other)]
    assert may_leave([one, other], place).form is max(alone, key=strictness.index)


def test_nothing_special_is_ordinary() -> None:
    assert [may_leave([], place).form for place in Place] == [CLEAR, CLEAR, REDACTED]


@pytest.mark.parametrize(
    ("type_", "material"),
    [
        ("progress_note", Material.ORDINARY),
        ("psychotherapy_note", Material.PSYCHOTHERAPY_NOTE),
        ("process_note", Material.PSYCHOTHERAPY_NOTE),
        ("Psychotherapy notes", Material.PSYCHOTHERAPY_NOTE),
        ("", Material.ORDINARY),
    ],
)
def test_the_type_in_the_chart_says_what_a_note_is(type_: str, material: Material) -> None:
    assert material_of(type_) is material


def test_fields_that_a_purpose_does_not_name_are_too_many() -> None:
    assert fields_too_many("extract_facts", ["transcript", "plan_goals", "address"]) == ("address", "plan_goals")
    assert fields_too_many("anything", ["transcript"]) == ("transcript",)
    assert fields_too_many("draft_note", ["transcript", "pronouns"]) == ()


def test_the_table_is_dated_says_its_source_and_why_each_purpose_needs_what() -> None:
    file = minimum_necessary.files("therapyflows.governance.phi") / "minimum_necessary.yaml"
    data = yaml.safe_load(file.read_text("utf-8"))
    assert isinstance(data["effective_from"], date)
    assert "164.502(b)" in data["source"]
    assert all(entry["because"] and entry["fields"] for entry in data["purposes"].values())


@pytest.mark.parametrize("name", ["session_note", "session_facts", "session_note_from_facts"])
def test_every_prompt_has_a_purpose_of_the_table(name: str) -> None:
    assert load_prompt(name).purpose in fields_by_purpose()
