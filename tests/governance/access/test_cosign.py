"""Whose approval needs a co-signature."""

import pytest

from therapyflows.governance.access.cosign import default_rules, read_rules

OWN = """
in_force: 2027-01-01
workflows: [session-note]
credentials: {QMHP-T: Trainee}
"""


@pytest.mark.parametrize(
    "credential",
    ["AMFT", "amft", "LPC-A", "LPC A", "LPCA", "LPC associate", "MSW intern", "MA, LPC-Associate", "M.A., A.S.W.",
     "Practicum student"],
)  # fmt: skip
def test_associates_and_interns_need_one_however_it_is_written(credential: str) -> None:
    assert default_rules().needs(credential, "session-note")


@pytest.mark.parametrize("credential", ["LCSW", "LMFT", "LPC", "PsyD", "PhD", "MD", "LCSW, PhD", "", None])
def test_fully_licensed_people_need_none(credential: str | None) -> None:
    assert not default_rules().needs(credential, "session-note")


def test_it_is_asked_for_in_the_workflows_of_the_table_alone() -> None:
    assert not default_rules().needs("AMFT", "reminders")
    assert not default_rules().needs("AMFT", "intake")


def test_the_practice_may_have_a_list_of_its_own() -> None:
    rules = read_rules(OWN)
    assert rules.needs("QMHP-T", "session-note")
    assert not rules.needs("AMFT", "session-note")


@pytest.mark.parametrize(
    "text", ["", "- a list", "{", "in_force: 1\nworkflows: [x]", OWN.replace("session-note", "superbill")]
)
def test_what_is_no_such_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="co-signature"):
        read_rules(text)
