import pytest

from therapyflows.core.errors import Invalid
from therapyflows.core.session_note.templates import load_template, section_for, template_keys


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
