from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest

from therapyflows.core.errors import Invalid
from therapyflows.core.session_note import templates
from therapyflows.core.session_note.templates import (
    is_practices,
    load_template,
    section_for,
    template_keys,
    use_practice_formats,
)


def test_the_formats_that_exist() -> None:
    assert template_keys() == ("birp", "dap", "girp", "soap")


def test_a_template_has_its_sections_in_order() -> None:
    soap = load_template("SOAP")
    assert soap.key == "soap"
    assert [section.key for section in soap.sections] == ["subjective", "objective", "assessment", "plan"]
    assert soap.sections[0].required_lines == ("risk",)


def test_an_unknown_format_names_those_that_exist() -> None:
    with pytest.raises(Invalid, match="birp, dap, girp, soap") as caught:
        load_template("../soap")
    assert caught.value.code == "unknown_template"


@pytest.fixture
def practice_formats() -> Iterator[Callable[[dict[str, str]], None]]:
    yield use_practice_formats
    use_practice_formats({})


def test_a_practice_words_the_sections_of_a_format_in_its_own_way(practice_formats) -> None:
    practice_formats({"soap": "sections: [{key: plan, title: Next steps, guidance: Agreed tasks only.}]"})
    soap = load_template("soap")
    assert [s.title for s in soap.sections] == ["Subjective", "Objective", "Assessment", "Next steps"]
    assert soap.sections[3].guidance == "Agreed tasks only."
    assert soap.sections[3].accepts == ("plan",)
    assert is_practices("soap")


def test_a_practice_has_a_format_of_its_own(practice_formats) -> None:
    shipped = (files(templates) / "dap.yaml").read_text("utf-8")
    practice_formats({"ours": shipped.replace("DAP note", "Our note")})
    assert "ours" in template_keys()
    assert load_template("Ours").title == "Our note"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("soap", "sections: [{key: gossip, title: Gossip}]"),
        ("ours", "title: Ours\nsections: [{key: a, title: A, guidance: All., accepts: [reported]}]"),
        ("ours", "title: [unclosed"),
        ("../ours", "title: Ours"),
        ("ours", ""),
    ],
)
def test_a_format_that_could_lose_a_line_is_refused_and_nothing_changes(practice_formats, key: str, text: str) -> None:
    """Without its lines on risk and mental status a note could stay silent on them."""
    with pytest.raises(Invalid) as caught:
        practice_formats({key: text})
    assert caught.value.code == "format_unusable"
    assert template_keys() == ("birp", "dap", "girp", "soap")


@pytest.mark.parametrize("key", template_keys())
def test_every_topic_of_the_drafter_has_one_place_in_every_format(key: str) -> None:
    template = load_template(key)
    accepted = [topic for section in template.sections for topic in section.accepts]
    assert len(accepted) == len(set(accepted))
    for topic in ("risk_disclosure", "reported", "goal", "intervention", "response", "change_talk", "progress", "plan",
                  "administrative", "consent", "mental_status", "theme", "observed", "assessment"):  # fmt: skip
        assert topic in accepted
        assert section_for(template, topic)
    required = [line for section in template.sections for line in section.required_lines]
    assert sorted(required) == ["mental_status", "risk"]
