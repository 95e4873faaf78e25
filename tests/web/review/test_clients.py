"""The page about a client for the practice: for whom, what stands on it, what it leaves in the trail."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.web.review.practice import BILLER, CLINICIAN, COLLEAGUE, MANAGER, SUPERVISOR

from therapyflows.core.chart import Consent
from therapyflows.core.retention.erase import Eraser
from therapyflows.governance.audit.model import Action, Actor
from therapyflows.governance.consent.part2 import Purpose, Recipient
from therapyflows.web.review.clients import why


def consent(world, kind="recording", status="granted", **more):
    at = world.clock() - timedelta(days=40)
    return Consent(id=f"k-{kind}-{status}", kind=kind, status=status, statement="I agree.", granted_at=at, **more)


def give(world, *consents, **more):
    known = {"consents": consents, "assigned_clinicians": (CLINICIAN.id,)}
    world.clients["c-1"] = world.clients["c-1"].model_copy(update=known | more)


def viewed(world):
    return [f.entry for f in world.store.audit.search() if f.entry.action is Action.CLIENT_VIEWED]


def test_the_page_lists_consents_sessions_what_is_kept_and_who_looked(world):
    give(world, consent(world), consent(world, "ai_processing", "withdrawn", withdrawn_at=world.clock()))
    client = world.signed_in()
    client.get(world.path)
    page = client.get("/clients/c-1/details")
    assert page.status_code == 200
    for words in (
        "Marigold Fernweh",
        "Recording the session",
        "given",
        "withdrawn",
        "session of Mon 23 Nov 2026",
        "waiting for the clinician’s decision",
        "run-1",
        "Recording of the session",
        "Transcript of the session",
        "kept with the record",
        "Nothing was deleted yet.",
        "Wren Tamarack",
        "read a draft",
        "opened this page",
    ):
        assert words in page.text, words
    [entry] = viewed(world)
    assert (entry.actor.id, entry.client_id, entry.resource) == (CLINICIAN.id, "c-1", "clients/c-1")


def test_what_was_deleted_stands_there_with_when_why_and_the_digest(world):
    give(world, consent(world))
    eraser = Eraser(world.store.contents, world.store.recordings, world.store.audit, Actor("service", "consent-change"))
    eraser.erase("recording", "rec_1", client_id="c-1", reason="recording_consent_withdrawn")
    page = world.signed_in().get("/clients/c-1/details").text
    assert "consent “Recording the session” was withdrawn" in page
    assert re.search(r"sha256:[0-9a-f]{64}", page)
    assert "the system" in page


def test_nothing_that_was_said_or_drafted_is_on_it(world):
    give(world, consent(world))
    page = world.signed_in().get("/clients/c-1/details").text
    said = world.store.contents.get(world.record().transcript_id).decode()
    sentences = re.findall(r'"text":"([^"]{25,})"', said)
    assert len(sentences) > 10
    assert [sentence for sentence in sentences if sentence in page] == []


@pytest.mark.parametrize(
    ("user", "status"), [(CLINICIAN, 200), (SUPERVISOR, 200), (MANAGER, 200), (COLLEAGUE, 404), (BILLER, 404)]
)
def test_only_who_is_responsible_for_the_client_or_the_practice_sees_it(world, user, status):
    give(world, consent(world))
    answer = world.signed_in(user.id).get("/clients/c-1/details")
    assert answer.status_code == status
    assert (len(viewed(world)) == 1) is (status == 200)
    if status == 404:
        assert "Marigold" not in answer.text
        assert world.actions(Action.ACCESS_DENIED)


def test_a_client_who_does_not_exist_looks_like_a_strangers(world):
    give(world, consent(world))
    client = world.signed_in(COLLEAGUE.id)
    unknown, strangers = client.get("/clients/c-77"), client.get("/clients/c-1")
    assert (unknown.status_code, strangers.status_code) == (404, 404)
    assert unknown.text == strangers.text.replace("c-1", "c-77")


@pytest.mark.parametrize("path", ["/clients/..%2f..", "/clients/Marigold%20Fernweh", f"/clients/{'x' * 200}"])
def test_what_is_no_id_is_no_page(world, path):
    assert world.signed_in().get(path).status_code in (404, 422)


def test_a_part_2_scope_and_an_opt_out_are_told(world):
    scope = {"purposes": (Purpose.PAYMENT,), "recipients": (Recipient.HEALTH_PLANS,)}
    give(world, consent(world, "part2_tpo", **scope), part2_program=True, ai_opt_out_workflows=("session-note",))
    page = world.signed_in().get("/clients/c-1/details").text
    assert "payment; to health plans" in page
    assert "42 CFR Part 2 applies" in page
    assert "opted out of: session-note" in page


def test_the_draft_page_leads_to_it(world):
    assert 'href="/clients/c-1"' in world.signed_in().get(world.path).text


def test_a_client_without_anything_has_a_page_that_says_so(world):
    give(world, assigned_clinicians=(CLINICIAN.id,))
    world.clients["c-2"] = world.clients["c-2"].model_copy(update={"consents": ()})
    page = world.signed_in().get("/clients/c-2/details").text
    for words in (
        "No consent is on file",
        "No session or form of this client was worked on",
        "Nothing is in work",
        "Nothing is stored",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("retention_ended", "its time was over"),
        ("ai_processing_consent_expired", "consent “Use of artificial intelligence to prepare notes” was ended"),
        ("something_new", "something new"),
        ("", "not recorded"),
    ],
)
def test_a_reason_is_told_in_words(reason, words):
    assert why(reason) == words


def test_an_intake_form_stands_there_as_one(world):
    give(world, consent(world))
    record = world.store.drafts.get(world.draft_id)
    intake = replace(record, id="drf_intake", workflow="intake", format="intake", appointment_id="", source_ref="d-9")
    world.store.drafts.claim(intake)
    page = world.signed_in().get("/clients/c-1/details").text
    assert ">Intake form<" in page
    assert "INTAKE" not in page
    assert "intake form of " in page
