"""Every cell: role, deed, relation, workflow.  The expectation is said again here, person by person, in other
words than the table's, and never taken from it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.governance.access.policy import (
    DEEDS,
    PRACTICE,
    ROLES,
    Person,
    decide,
    decide_for_client,
    load_policy,
    read_policy,
)

CARE = [
    "session-note", "intake", "message-triage", "treatment-plan", "treatment-plan-review", "risk-watch", "assessments",
    "check-ins",
]  # fmt: skip
MONEY = ["coding-claims", "superbill"]
WORKFLOWS = [*CARE, *MONEY, "prior-authorization", "reminders", PRACTICE, "a workflow nobody knows"]
RELATIONS = ["own", "supervised", "emergency", "none"]
EVERYBODY = [*ROLES, "Visitor"]
WORK = ["view", "edit", "approve", "reject", "snooze", "hand_over", "start_run"]

Cell = tuple[str, str, str, str]


def cells(role: str, deeds: list[str], relations: list[str], workflows: list[str]) -> set[Cell]:
    return set(product([role], deeds, relations, workflows))


def clinical(role: str, mine: list[str]) -> set[Cell]:
    """What clinicians may for ``mine``, their own clients, or for those of clinicians whom they supervise."""
    every = [*CARE, *MONEY, "prior-authorization", "reminders"]
    return (
        cells(role, [*WORK, "retry_run"], mine, every)
        | cells(role, ["play", "swap_speakers"], mine, ["session-note"])
        | cells(role, ["redraft"], mine, CARE)
        | cells(role, ["view_queue"], RELATIONS, every)
        # Before a session: the list of appointments, and the page about a client.
        | cells(role, ["view_appointments"], RELATIONS, [PRACTICE])
        | cells(role, ["view_session_prep"], [*mine, "emergency"], [PRACTICE])
        | cells(role, ["view_client_page", "manage_consent", "disclose", "view_disclosures"], mine, [PRACTICE])
        # In an emergency: read and listen, nothing else, and nothing about money or dates.
        | cells(role, ["view"], ["emergency"], [*CARE, "prior-authorization"])
        | cells(role, ["play"], ["emergency"], ["session-note"])
        | cells(role, ["view_client_page"], ["emergency"], [PRACTICE])
        | cells(
            role,
            ["break_glass", "view_attention", "train", "manage_style", "keep_snippets"],
            RELATIONS,
            [PRACTICE],
        )
    )


ALLOWED: set[Cell] = (
    clinical("Clinician", ["own"])
    | clinical("Supervisor", ["own", "supervised"])
    | cells("Supervisor", ["view_operations", "keep_practice_snippets"], RELATIONS, [PRACTICE])
    # Many at once: reminders, nothing else.
    | cells("Clinician", ["approve_batch"], ["own"], ["reminders"])
    | cells("Supervisor", ["approve_batch"], ["own", "supervised"], ["reminders"])
    # Answering for what somebody else approved: for the people they supervise alone.
    | cells("Supervisor", ["cosign"], ["supervised"], CARE)
    # Codes and claims of assigned clients; of an authorization the paperwork, not the clinical justification.
    | cells("Billing Manager", [*WORK, "retry_run"], ["own"], MONEY)
    | cells("Billing Manager", ["view", "start_run", "retry_run"], ["own"], ["prior-authorization"])
    | cells("Billing Manager", ["view_queue"], RELATIONS, [*MONEY, "prior-authorization"])
    # Dates and nothing else.
    | cells("Scheduler", ["view_queue", "view"], RELATIONS, ["reminders"])
    # Runs the practice, reads no draft.
    | cells(
        "Practice Administrator",
        ["view_client_page", "manage_consent", "shred_content", "disclose", "view_disclosures", "view_quality",
         "view_audit", "export_audit", "verify_audit", "review_break_glass", "view_operations", "view_attention",
         "keep_snippets", "keep_practice_snippets"],
        RELATIONS,
        [PRACTICE],
    )
    | cells("Practice Administrator", ["retry_run"], RELATIONS, [w for w in WORKFLOWS[:-1] if w != PRACTICE])
)  # fmt: skip

ALL_CELLS = list(product(EVERYBODY, DEEDS, RELATIONS, WORKFLOWS))


def person(role: str, relation: str, **other: bool) -> Person:
    """Somebody with this one relation to client c-1 of clinician u-2."""
    return Person(
        user_id="u-1",
        roles=frozenset({role}),
        caseload=frozenset({"c-1"} if relation == "own" else {"c-9"}),
        supervises=frozenset({"u-2"} if relation == "supervised" else {"u-9"}),
        emergency=frozenset({"c-1"} if relation == "emergency" else {"c-9"}),
        **other,
    )


def asked(someone: Person, deed: str, workflow: str) -> bool:
    return decide(someone, deed, workflow=workflow, client_id="c-1", clinician_id="u-2").allowed


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("relation", RELATIONS)
def test_every_cell(role: str, relation: str) -> None:
    someone = person(role, relation)
    allowed = {cell for cell in product([role], DEEDS, [relation], WORKFLOWS) if asked(someone, cell[1], cell[3])}
    assert allowed == {cell for cell in ALLOWED if cell[0] == role and cell[2] == relation}


def test_every_cell_there_is_was_asked() -> None:
    assert len(ALL_CELLS) == len(set(ALL_CELLS)) == 6 * 33 * 4 * 14 == 11088
    assert set(load_policy().workflows) == set(WORKFLOWS[:-1])
    assert len(ALLOWED) == 196 + 324 + 31 + 8 + 104  # by role, as above
    assert set(ALLOWED) < set(ALL_CELLS)
    assert {deed for _, deed, _, _ in ALLOWED} == set(DEEDS)


@pytest.mark.parametrize(
    ("role", "user", "supervises", "allowed"),
    [
        ("Clinician", "u-2", "u-9", True),
        ("Clinician", "u-1", "u-9", False),
        ("Supervisor", "u-1", "u-2", True),
        ("Scheduler", "u-2", "u-9", False),
        ("Practice Administrator", "u-1", "u-9", False),
    ],
)
def test_who_is_no_client_yet_belongs_to_the_clinician_who_takes_them_on(
    role: str, user: str, supervises: str, allowed: bool
) -> None:
    someone = Person(user, frozenset({role}), supervises=frozenset({supervises}))
    for deed in ("view", "edit", "approve", "start_run"):
        answer = decide(someone, deed, workflow="intake", client_id="prospect:f-1", clinician_id="u-2")
        assert answer.allowed is allowed


def test_only_clinicians_supervisors_and_billing_managers_start_or_approve_anything() -> None:
    may = {role for role, deed, _, _ in ALL_CELLS if deed in ("start_run", "approve") and _somewhere(role, deed)}
    assert may == {"Clinician", "Supervisor", "Billing Manager"}


def _somewhere(role: str, deed: str) -> bool:
    return any(asked(person(role, relation), deed, workflow) for relation in RELATIONS for workflow in WORKFLOWS)


def test_a_relation_is_needed_to_start_or_approve_for_anybody() -> None:
    for role, deed, workflow in product(EVERYBODY, ["start_run", "approve", "edit", "reject", "play"], WORKFLOWS):
        assert not asked(person(role, "none"), deed, workflow)


@pytest.mark.parametrize(
    ("role", "relation", "deed", "workflow", "reason"),
    [
        ("Clinician", "own", "approve", "session-note", "allowed_own_client"),
        ("Supervisor", "supervised", "approve", "session-note", "allowed_supervised_client"),
        ("Clinician", "none", "view_queue", "session-note", "allowed_by_role"),
        ("Clinician", "emergency", "view", "session-note", "allowed_emergency"),
        ("Clinician", "emergency", "approve", "session-note", "client_not_assigned"),
        ("Clinician", "supervised", "approve", "session-note", "client_not_assigned"),
        ("Supervisor", "none", "approve", "session-note", "client_not_assigned"),
        ("Scheduler", "own", "approve", "session-note", "role_not_permitted"),
        ("Billing Manager", "own", "approve", "session-note", "role_not_permitted"),
        ("Clinician", "own", "play", "coding-claims", "not_in_policy"),
        ("Clinician", "own", "approve", "something new", "not_in_policy"),
        ("Clinician", "own", "delete_everything", "session-note", "not_in_policy"),
    ],
)
def test_the_reason_is_a_constant_that_says_why(
    role: str, relation: str, deed: str, workflow: str, reason: str
) -> None:
    answer = decide(person(role, relation), deed, workflow=workflow, client_id="c-1", clinician_id="u-2")
    assert answer.reason == reason


def test_who_left_may_do_nothing() -> None:
    for role, deed, relation, workflow in ALL_CELLS:
        gone = person(role, relation, active=False)
        answer = decide(gone, deed, workflow=workflow, client_id="c-1", clinician_id="u-2")
        assert (answer.allowed, answer.reason) == (False, "person_inactive")


def test_who_opted_out_of_ai_starts_no_runs_but_still_reviews() -> None:
    opted_out = person("Clinician", "own", ai_opt_out=True)
    for deed in ("start_run", "retry_run"):
        answer = decide(opted_out, deed, workflow="session-note", client_id="c-1", clinician_id="u-1")
        assert answer.reason == "person_opted_out_of_ai"
    assert asked(opted_out, "reject", "session-note")


def test_who_is_responsible_anyway_does_not_act_by_an_emergency() -> None:
    both = Person("u-1", frozenset({"Clinician"}), caseload=frozenset({"c-1"}), emergency=frozenset({"c-1"}))
    answer = decide(both, "view", workflow="session-note", client_id="c-1", clinician_id="u-1")
    assert answer.reason == "allowed_own_client"


def test_being_the_clinician_of_a_draft_is_not_enough_without_the_client_on_the_caseload() -> None:
    transferred = Person("u-1", frozenset({"Clinician"}), caseload=frozenset())
    assert not decide(transferred, "approve", workflow="session-note", client_id="c-1", clinician_id="u-1").allowed


@pytest.mark.parametrize("deed", [*WORK, "play", "swap_speakers"])
def test_without_a_client_nothing_clinical_is_allowed(deed: str) -> None:
    for relation in RELATIONS:
        someone = person("Clinician", relation)
        assert not decide(someone, deed, workflow="session-note", client_id=None, clinician_id=None).allowed


def test_of_a_client_with_several_clinicians_the_supervisor_of_any_sees_the_page() -> None:
    supervisor = person("Supervisor", "supervised")
    seen = decide_for_client(supervisor, "view_client_page", client_id="c-1", clinician_ids=["u-7", "u-2"])
    assert seen.reason == "allowed_supervised_client"
    assert not decide_for_client(supervisor, "view_client_page", client_id="c-1", clinician_ids=["u-7"]).allowed
    administrator = person("Practice Administrator", "none")
    assert decide_for_client(administrator, "view_client_page", client_id="c-1", clinician_ids=()).allowed


people = st.builds(
    Person,
    user_id=st.just("u-1"),
    roles=st.frozensets(st.sampled_from(EVERYBODY)),
    caseload=st.frozensets(st.sampled_from(["c-1", "c-2"])),
    supervises=st.frozensets(st.sampled_from(["u-2", "u-3"])),
    emergency=st.frozensets(st.sampled_from(["c-1", "c-2"])),
)


@given(people, st.sampled_from(DEEDS), st.sampled_from(WORKFLOWS))
def test_several_roles_and_relations_give_the_rights_of_each_and_nothing_more(
    someone: Person, deed: str, workflow: str
) -> None:
    relations = {"none"}
    relations |= {"own"} if "c-1" in someone.caseload else set()
    relations |= {"supervised"} if "u-2" in someone.supervises else set()
    relations |= {"emergency"} if "c-1" in someone.emergency else set()
    expected = any((role, deed, relation, workflow) in ALLOWED for role in someone.roles for relation in relations)
    assert asked(someone, deed, workflow) is expected


GOOD = """
in_force: 2026-11-25
workflows: {session-note: [care]}
table: |
  kind deed | Clinician | Supervisor | Billing Manager | Scheduler | Practice Administrator
  care view | own | own sup | - | - | -
"""


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("Scheduler |", "Janitor |"),
        ("care view", "care peek"),
        ("own sup | -", "own sup"),
        ("own sup", "own friend"),
        ("[care]", "[care, billing]"),
        ("  care view | own |", "  care view | own | own sup | - | - | -\n  care view | own |"),
    ],
)
def test_a_table_with_a_mistake_in_it_is_not_read(was: str, becomes: str) -> None:
    assert read_policy(GOOD).row("session-note", "view")
    assert was in GOOD
    with pytest.raises((ValueError, KeyError)):
        read_policy(GOOD.replace(was, becomes, 1))
