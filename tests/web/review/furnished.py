"""A practice in which every page has something to show, and who looks at which page.

``VISITS`` is the one list of pages: accessibility, screenshots, hostile text and weights go through it, and a test
compares it with the routes of the application.  A new page is added here, with what it needs in :func:`furnish`.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import httpx
from tests.stores import open_test_store
from tests.web.review.charted import fill_chart
from tests.web.review.conftest import World, serving_world
from tests.web.review.model_call import seed_model_call
from tests.web.review.practice import (
    BILLER,
    CLINICIAN,
    COLLEAGUE,
    MANAGER,
    SUPERVISOR,
    session_draft,
    session_transcript,
)
from tests.web.review.test_intake import intake_draft, seed_intake
from tests.web.review.test_quality import REPORT

from therapyflows.core.chart import Consent, Note, NoteSection, NoteStatus
from therapyflows.core.disclosure.model import DisclosureRequest
from therapyflows.core.disclosure.steps import DisclosurePorts, disclose_client_record
from therapyflows.core.drafts.deciding import decision_on, record_decision
from therapyflows.core.drafts.model import Decision, DraftState, Verdict
from therapyflows.core.intake.quality import keep_report
from therapyflows.core.operations.model import ReviewFigures
from therapyflows.core.session_note.model import DRAFT
from therapyflows.core.style import keeping
from therapyflows.core.style.model import Added, Choices, Dropped, HabitKind, Learned, Wording
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.evidence.model import Span
from therapyflows.governance.evidence.whole.model import NoteFinding
from therapyflows.integrations.ehr.memory import MemoryEhr

T = TypeVar("T")
Change = Callable[[T], T]
"""Done to everything that a person or the EHR can set, before it is put into the practice."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One page as one person sees it."""

    name: str
    address: str
    """With the names of things in braces, see :func:`furnish`."""
    user: str | None = CLINICIAN.id
    status: int = 200


VISITS = (
    Visit("login", "/login?next=/drafts/x", user=None),
    Visit("signed-out", "/signed-out", user=None),
    Visit("confirm", "/confirm?next=/emergency"),
    Visit("help", "/help"),
    Visit("queue", "/"),
    Visit("queue-with-the-tour", "/", user=SUPERVISOR.id),
    Visit("queue-refused", "/", user=BILLER.id, status=403),
    Visit("queue-of-a-workflow", "/queues/intake"),
    Visit("hand-over", "/drafts/{note}/hand-over"),
    Visit("cosign", "/drafts/{unsigned}/cosign", user=SUPERVISOR.id),
    Visit("draft", "/drafts/{note}"),
    Visit("rewrite", "/drafts/{note}/rewrite/{line}"),
    Visit("proposal", "/drafts/{note}/proposals/{proposal}"),
    Visit("draft-in-an-emergency", "/drafts/{note}", user=COLLEAGUE.id),
    Visit("draft-being-prepared", "/drafts/{preparing}"),
    Visit("draft-posted", "/drafts/{posted}"),
    Visit("draft-rejected", "/drafts/{rejected}"),
    Visit("draft-of-nobody", "/drafts/drf_none", status=404),
    Visit("draft-made", "/drafts/{note}/made"),
    Visit("draft-as-it-was-sent", "/drafts/{note}/made/{call}"),
    Visit("draft-beside-the-previous-note", "/drafts/{note}/previous"),
    Visit("snippets", "/snippets"),
    Visit("snippets-of-the-practice", "/snippets", user=MANAGER.id),
    Visit("snippets-refused", "/snippets", user=BILLER.id, status=403),
    Visit("intake", "/intakes/{intake}"),
    Visit("intake-of-somebody-new", "/intake-forms"),
    Visit("sessions", "/sessions"),
    Visit("session-prep", "/clients/c-1/prep"),
    Visit("session-prep-in-an-emergency", "/clients/c-1/prep", user=COLLEAGUE.id),
    Visit("client", "/clients/c-1"),
    Visit("client-details", "/clients/c-1/details"),
    Visit("disclosures", "/clients/c-1/disclosures", user=MANAGER.id),
    Visit("emergency-ask", "/emergency", user=COLLEAGUE.id),
    Visit("emergency-open", "/emergency/{access}", user=COLLEAGUE.id),
    Visit("emergency-reviews", "/emergency-reviews", user=MANAGER.id),
    Visit("quality", "/quality", user=MANAGER.id),
    Visit("operations", "/operations", user=MANAGER.id),
    Visit("attention", "/attention"),
    Visit("attention-of-all", "/attention", user=MANAGER.id),
    Visit("training", "/training"),
    Visit("training-exercise", "/training/{exercise}"),
    Visit("training-result", "/training/{trained}"),
    Visit("operations-refused", "/operations", status=403),
    Visit("style", "/style"),
    Visit("style-refused", "/style", user=BILLER.id, status=403),
    Visit("audit", "/audit", user=MANAGER.id),
    Visit("audit-check", "/audit/verification/state", user=MANAGER.id),
)

NO_PAGES = {
    "/login/start": "leads on to the EHR",
    "/confirm/start": "leads on to the EHR",
    "/auth/callback": "leads on to where one wanted to go",
    "/queues/{queue}/state": "JSON for the page's script",
    "/drafts/{draft_id}/state": "JSON for the page's script",
    "/drafts/{draft_id}/company": "JSON for the page's script",
    "/drafts/{draft_id}/note": "JSON for the page's script",
    "/drafts/{draft_id}/snippets": "JSON for the page's script",
    "/drafts/{draft_id}/waveform": "JSON for the page's script",
    "/drafts/{draft_id}/words": "JSON for the page's script",
    "/drafts/{draft_id}/recording": "sound",
    "/intakes/{draft_id}/pages/{number}": "an image",
    "/healthz": "JSON for a monitor",
}
"""Addresses that show no page, with what they are instead."""


def as_it_is(value: T) -> T:
    return value


@dataclass
class Practice:
    """The world and how its things are called."""

    world: World
    things: dict[str, str]
    people: dict[str, httpx.Client]

    def address(self, visit: Visit) -> str:
        return self.world.base_url + visit.address.format(**self.things)

    def cookies_of(self, user: str | None) -> list[dict[str, str]]:
        """For a browser: this person is signed in and has entered the password a moment ago."""
        if user is None:
            return []
        return [{"name": n, "value": v, "url": self.world.base_url} for n, v in self.signed_in(user).cookies.items()]

    def signed_in(self, user: str) -> httpx.Client:
        if user not in self.people:
            self.people[user] = self.world.signed_in(user)
            self.world.confirm(self.people[user], "/")
        return self.people[user]


@contextmanager
def furnished(change: Change = as_it_is) -> Iterator[Practice]:
    """Serves a practice of its own; nothing in it is slowed down and nobody idles out."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_test_store(Path(folder))
        seeds = {"draft": change(session_draft()), "transcript": change(session_transcript())}
        try:
            with serving_world(
                store, seeds=seeds, lockout_after=10**9, idle_timeout=timedelta(hours=8), training_for=None
            ) as world:
                yield furnish(world, change)
        finally:
            store.close()


def furnish(world: World, change: Change) -> Practice:
    practice = Practice(world, {"note": world.draft_id}, {})
    for people in (world.users, world.clients):
        people.update({key: change(value) for key, value in people.items()})
    fill_chart(world, change=change)
    world.store.tours.forget(SUPERVISOR.id)
    chart = (
        _consents,
        _findings,
        _snippets,
        _edits,
        _proposal,
        _model_call,
        _outcomes,
        _cosigning,
        _intake,
        _disclosure,
    )
    for step in (*chart, _emergencies, _quality, _figures, _training, _style, _verification):
        step(practice, change)
    return practice


def _consents(practice: Practice, change: Change) -> None:
    at = practice.world.clock() - timedelta(days=40)
    consents = (
        Consent(id="k-1", kind="recording", status="granted", statement="I agree.", granted_at=at),
        Consent(id="k-2", kind="ai_processing", status="withdrawn", statement="I agree.", withdrawn_at=at),
    )
    known = {"consents": tuple(change(c) for c in consents), "assigned_clinicians": (CLINICIAN.id,)}
    practice.world.clients["c-1"] = practice.world.clients["c-1"].model_copy(update=known)


def _snippets(practice: Practice, change: Change) -> None:
    """One of each kind, and words that somebody has not put into the note yet."""
    own = practice.signed_in(CLINICIAN.id)
    own.post("/snippets/own", data={"name": "sleep-diary", "text": change("Keeps a sleep diary for {client}.")})
    text = change("Ended on time.")
    practice.signed_in(MANAGER.id).post("/snippets/practice", data={"name": "end", "text": text})
    typed = {"place": "statement:st11", "text": change("She will keep the")}
    own.post(f"{practice.world.path}/words", data=typed)


def _model_call(practice: Practice, change: Change) -> None:
    practice.things["call"] = seed_model_call(practice.world, user=change("Transcript of [CLIENT]: I slept badly."))


def _findings(practice: Practice, change: Change) -> None:
    """An omission that can be added, minutes that are not those of the chart, and an earlier note."""
    world = practice.world
    omitted = NoteFinding(
        "omitted_homework",
        change("The source speaks of homework or an agreed task here; the note does not."),
        spans=(Span("s20", 114.0, 119.6, change("one task")),),
    )
    world.put_machine_draft(replace(world.working(), findings=(omitted,)))
    said = "Denies panic attacks. Client takes sertraline 25 mg daily without missed doses."
    earlier = Note(
        id="n-0",
        client_id="c-1",
        clinician_id=CLINICIAN.id,
        status=NoteStatus.SIGNED,
        draft_content=(NoteSection(name="Subjective", text=change(said)),),
    )
    world.chart.change = lambda context: replace(
        context,
        appointment=context.appointment.model_copy(update={"actual_minutes": 31}),
        previous_note=earlier,
    )


def _edits(practice: Practice, change: Change) -> None:
    world, client = practice.world, practice.signed_in(CLINICIAN.id)
    world.post(client, "statements/st3/edit", text=change("She describes two such episodes."))
    world.post(client, "statements/st9/keep")
    world.post(client, "statements/st4/remove")
    world.post(client, "statements", section="plan", text=change("Bring the sleep diary."))
    world.post(client, "turns/s2/off-record")


def _style(practice: Practice, change: Change) -> None:
    """Habits that were learned, one of them not used, and one of the clinician's own."""
    said = Wording("reports that", change("endorses"), HabitKind.PHRASE, seen=41, of=52, clients=9)
    named = Wording("client", "Ct.", HabitKind.ABBREVIATION, seen=88, of=90, clients=11)
    added = (Added("plan", change("Continue sessions as planned."), 6, 4),)
    dropped = (Dropped("quotation", 51, 56, 11),)
    learned = Learned((named, said), dropped, added, words_a_line=14, lines_a_note=12, notes=17, clients=11)
    keeping.keep_learned(practice.world.store.contents, CLINICIAN.id, learned)
    choices = Choices(1, off=(said.key,), own=(Wording("therapist", change("this writer"), HabitKind.PERSON),))
    keeping.keep_choices(practice.world.store.contents, CLINICIAN.id, choices)


def _proposal(practice: Practice, change: Change) -> None:
    """Other words for a line that rests on what the client said."""
    world, client = practice.world, practice.signed_in(CLINICIAN.id)
    for statement in world.working().statements:
        answer = world.post(client, f"rewrite/{statement.id}", how="clients_words")
        if answer.status_code == 303:
            practice.things |= {"line": statement.id, "proposal": answer.headers["location"].rpartition("/")[2]}
            return
    raise AssertionError("no line of the session rests on the client's words")


def _outcomes(practice: Practice, change: Change) -> None:
    world, client = practice.world, practice.signed_in(CLINICIAN.id)
    for number, name in ((2, "preparing"), (3, "posted"), (4, "rejected"), (5, "other"), (6, "failed")):
        practice.things[name] = world.seed(number, "c-2" if name == "other" else "c-1")
    move, in_review = world.store.drafts.move, [DraftState.IN_REVIEW]
    move(practice.things["preparing"], expected=in_review, to=DraftState.PREPARING)
    move(practice.things["posted"], expected=in_review, to=DraftState.POSTED, ehr_note_id="n-1")
    move(practice.things["failed"], expected=in_review, to=DraftState.FAILED, failure_code="ehr_rejected")
    rejected = practice.things["rejected"]
    fields = {"version": str(world.store.drafts.get(rejected).version), "reason_code": "not_needed"}
    client.post(f"/drafts/{rejected}/reject", data=fields | {"words": change("Written by hand.")})


def _cosigning(practice: Practice, change: Change) -> None:
    """Approved, and a supervisor's signature is missing."""
    store, now = practice.world.store, practice.world.clock()
    seeds = {"draft": change(session_draft()), "transcript": change(session_transcript())}
    record = store.drafts.get(practice.world.seed(7, "c-2", **seeds))
    raw = DRAFT.dump_json(change(session_draft()))
    store.contents.put("c-2", "approved_draft", raw, content_id="cnt_unsigned", draft_id=record.id)
    approval = decision_on(
        record, Verdict.APPROVE, Actor("person", CLINICIAN.id, "Clinician"), now, content_id="cnt_unsigned"
    )
    record_decision(approval, drafts=store.drafts, decisions=store.decisions, audit=store.audit, cosignature=True)
    practice.things["unsigned"] = record.id


def _intake(practice: Practice, change: Change) -> None:
    world = practice.world
    practice.things["intake"] = seed_intake(world, draft=change(intake_draft(world))).id
    world.clients["c-77"] = change(world.clients["c-77"])


def _disclosure(practice: Practice, change: Change) -> None:
    world, store = practice.world, practice.world.store
    ehr = MemoryEhr([world.clients["c-1"], world.users[CLINICIAN.id]])
    worker = Actor("service", "worker")
    ports = DisclosurePorts(ehr, store.drafts, store.decisions, store.contents, store.audit, worker, world.clock)
    request = DisclosureRequest("c-1", change("Dr. Vesper Lindqvist"), "treatment", None, CLINICIAN.id)
    with ThreadPoolExecutor(1) as beside:  # Playwright has a loop running in this thread
        beside.submit(asyncio.run, disclose_client_record(ports, request)).result()


def _emergencies(practice: Practice, change: Change) -> None:
    """One that is open, and one that an administrator has judged."""
    colleague, manager = practice.signed_in(COLLEAGUE.id), practice.signed_in(MANAGER.id)
    asked = {"reason_code": "crisis", "words": change("Called the front desk in despair.")}
    for client_id, name in (("c-2", "judged"), ("c-1", "access")):
        answer = colleague.post("/emergency", data=asked | {"client_id": client_id})
        practice.things[name] = answer.url.path.rpartition("/")[2]
    colleague.post(f"/emergency/{practice.things['judged']}/end")
    comment = {"verdict": "justified", "comment": change("Rightly so.")}
    manager.post(f"/emergency-reviews/{practice.things['judged']}", data=comment)


def _quality(practice: Practice, change: Change) -> None:
    """Statistics hold nothing that anybody wrote, so nothing of them is changed."""
    keep_report(practice.world.store.contents, REPORT)


def _figures(practice: Practice, change: Change) -> None:
    """A month of decisions by two people, one of whom does not read."""
    store, now = practice.world.store, practice.world.clock()
    for number in range(60):
        by, at = (CLINICIAN, COLLEAGUE)[number % 2].id, now - timedelta(hours=11 * number + 1)
        verdict = Verdict.REJECT if number % 9 == 8 else Verdict.APPROVE
        decision = Decision(f"dec_{number}", f"drf_{number}", verdict, by, "Clinician", at, None, edits=number % 4)
        careful = {"active_s": 200 + number, "unseen": 0}
        read = careful if by == CLINICIAN.id else {"active_s": 9, "unseen": 6}
        waited = 3600 * (number % 7 + 1)
        store.decisions.record(decision, ReviewFigures("session-note", by, waited, statements=20, words=400, **read))


def _training(practice: Practice, change: Change) -> None:
    """One exercise that is finished and one that is not."""
    client = practice.signed_in(CLINICIAN.id)
    for name in ("trained", "exercise"):
        practice.things[name] = client.post("/training").url.path.rpartition("/")[2]
        if name == "trained":
            client.post(f"/training/{practice.things[name]}", data={"wrong": ["x", "l0"]})


def _verification(practice: Practice, change: Change) -> None:
    manager = practice.signed_in(MANAGER.id)
    manager.post("/audit/verification")
    practice.world.wait_until(lambda: "Verifying" not in manager.get("/audit/verification/state").text)
