"""One test per cell: role, deed, relation.  The expectation is written out again here, not taken from the code."""

import pytest

from therapyflows.governance.access.policy import DEEDS, ROLES, Person, decide

NOTE_DEEDS = ["view", "edit", "approve", "reject", "play", "swap_speakers", "start_run"]

# Every cell that is allowed: (role, deed, relation).  Everything else is not.
ALLOWED = {
    *(
        (role, "view_queue", relation)
        for role in ("Clinician", "Supervisor")
        for relation in ["own", "supervised", "none"]
    ),
    *(("Clinician", deed, "own") for deed in NOTE_DEEDS),
    *(("Supervisor", deed, relation) for deed in NOTE_DEEDS for relation in ("own", "supervised")),
    *(("Practice Administrator", "view_audit", relation) for relation in ("own", "supervised", "none")),
}


def person(role: str, relation: str, **other: bool) -> Person:
    return Person(
        user_id="u-1",
        roles=frozenset({role}),
        caseload=frozenset({"c-1"} if relation == "own" else {"c-9"}),
        supervises=frozenset({"u-2"} if relation == "supervised" else {"u-9"}),
        **other,
    )


@pytest.mark.parametrize("relation", ["own", "supervised", "none"])
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", [*ROLES, "Visitor"])
def test_the_table(role: str, deed: str, relation: str) -> None:
    decision = decide(person(role, relation), deed, client_id="c-1", clinician_id="u-2")
    assert decision.allowed is ((role, deed, relation) in ALLOWED)


def test_the_table_is_complete() -> None:
    assert {deed for _, deed, _ in ALLOWED} == set(DEEDS)
    assert {role for role, _, _ in ALLOWED} < set(ROLES)


@pytest.mark.parametrize(
    ("role", "relation", "deed", "reason"),
    [
        ("Clinician", "own", "approve", "allowed_own_client"),
        ("Supervisor", "supervised", "approve", "allowed_supervised_client"),
        ("Clinician", "none", "view_queue", "allowed_by_role"),
        ("Clinician", "supervised", "approve", "client_not_assigned"),
        ("Supervisor", "none", "approve", "client_not_assigned"),
        ("Scheduler", "own", "approve", "role_not_permitted"),
    ],
)
def test_the_reason_is_a_constant_that_says_why(role: str, relation: str, deed: str, reason: str) -> None:
    assert decide(person(role, relation), deed, client_id="c-1", clinician_id="u-2").reason == reason


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", ROLES)
def test_who_left_may_do_nothing(role: str, deed: str) -> None:
    decision = decide(person(role, "own", active=False), deed, client_id="c-1", clinician_id="u-2")
    assert (decision.allowed, decision.reason) == (False, "person_inactive")


def test_who_opted_out_of_ai_starts_no_runs_but_still_reviews() -> None:
    opted_out = person("Clinician", "own", ai_opt_out=True)
    assert decide(opted_out, "start_run", client_id="c-1", clinician_id="u-1").reason == "person_opted_out_of_ai"
    assert decide(opted_out, "reject", client_id="c-1", clinician_id="u-1").allowed


def test_two_roles_give_the_rights_of_both() -> None:
    both = Person("u-1", frozenset({"Clinician", "Practice Administrator"}), caseload=frozenset({"c-1"}))
    assert decide(both, "approve", client_id="c-1", clinician_id="u-1").allowed
    assert decide(both, "view_audit", client_id=None, clinician_id=None).allowed


def test_being_the_clinician_of_a_draft_is_not_enough_without_the_client_on_the_caseload() -> None:
    transferred = Person("u-1", frozenset({"Clinician"}), caseload=frozenset())
    assert not decide(transferred, "approve", client_id="c-1", clinician_id="u-1").allowed


@pytest.mark.parametrize("deed", NOTE_DEEDS)
def test_without_a_client_nothing_clinical_is_allowed(deed: str) -> None:
    assert not decide(person("Clinician", "own"), deed, client_id=None, clinician_id=None).allowed
