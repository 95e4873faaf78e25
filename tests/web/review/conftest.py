"""The review application on a real store and a real socket, one realistic session of made-up people waiting in it."""

import itertools
import os
import shutil
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from starlette.types import ASGIApp
from tests.stores import open_test_store
from tests.web.review.fakes import (
    PEOPLE,
    FakeChart,
    FakeClock,
    FakeNotice,
    FakeReads,
    FakeRuns,
    FakeSignIn,
    FakeTasks,
    everybody,
)
from tests.web.review.practice import (
    CLIENTS,
    CLINICIAN,
    appointment,
    hostile_session,
    seed_draft,
)

from therapyflows.app.intake import rechecking
from therapyflows.app.review import waveform_of
from therapyflows.core.chart import Appointment, Client, User
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound
from therapyflows.core.intake.examining import Beside, Greeting
from therapyflows.core.intake.record import identity_of_client
from therapyflows.core.intake.review import Recheck
from therapyflows.core.intake.welcome import default_template
from therapyflows.core.ports import Runs
from therapyflows.core.session_note.model import DRAFT, Draft, Statement, StatementKind, Transcript
from therapyflows.core.session_note.speakers import swap_speakers
from therapyflows.governance.access.cosign import default_rules
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.model import Grade, Speaker
from therapyflows.integrations.store import Store
from therapyflows.web.review.app import create_review_app
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.tour import tours


@dataclass
class World:
    """Everything a test reaches for."""

    store: Store
    deps: ReviewDeps
    base_url: str
    clock: FakeClock
    sign_in: FakeSignIn
    runs: FakeRuns
    users: dict[str, User]
    clients: dict[str, Client]
    chart: FakeChart = field(default_factory=FakeChart)
    reads: FakeReads = field(default_factory=FakeReads)
    draft_id: str = ""
    people: dict[int, str] = field(default_factory=dict)

    def record(self) -> DraftRecord:
        return self.store.drafts.get(self.draft_id)

    def working(self) -> Draft:
        record = self.record()
        return DRAFT.validate_json(self.store.contents.get(record.edited_content_id or record.draft_content_id or ""))

    def actions(self, action: Action) -> list[str]:
        """Outcome of every entry with this action."""
        return [found.entry.outcome for found in self.store.audit.search() if found.entry.action == action]

    def details(self, action: Action) -> list[dict[str, object]]:
        """What every entry with this action tells."""
        return [dict(found.entry.details) for found in self.store.audit.search() if found.entry.action == action]

    def put_machine_draft(self, draft: Draft) -> None:
        """As if the machine had written this."""
        content_id = self.record().draft_content_id or ""
        self.store.contents.put(self.record().client_id, "draft", DRAFT.dump_json(draft), content_id=content_id)

    @staticmethod
    def wait_until(is_true: Callable[[], object], *, seconds: float = 20) -> None:
        """Poll with a deadline."""
        until = time.monotonic() + seconds
        while not is_true():
            assert time.monotonic() < until, "it did not happen in time"
            time.sleep(0.05)

    @property
    def path(self) -> str:
        return f"/drafts/{self.draft_id}"

    def seed(self, number: int, client_id: str, **changes: object) -> str:
        """One more draft in review."""
        self.runs.states[f"run-{number}"] = "PAUSED"
        return seed_draft(self.store, number, client_id, self.clock(), **changes)

    hostile = staticmethod(hostile_session)

    def signed_in(self, user_id: str = CLINICIAN.id) -> httpx.Client:
        """A client of this user: cookies, and the token and origin of a page of ours."""
        self.sign_in.user_id = user_id
        client = httpx.Client(base_url=self.base_url, follow_redirects=True, timeout=20)
        self.people[id(client)] = user_id
        page = client.get("/login/start")
        marker = 'name="csrf" content="'
        if marker in page.text:
            token = page.text.split(marker)[1].split('"')[0]
            client.headers.update({"X-CSRF-Token": token, "Origin": self.base_url})
        return client

    def post(self, client: httpx.Client, path: str, **fields: str | list[str]) -> httpx.Response:
        """POST to the draft with its present version, as its page would without a script."""
        data = {"version": str(self.record().version)} | fields
        return client.post(f"{self.path}/{path}", data=data, follow_redirects=False)

    def confirm(self, client: httpx.Client, next_page: str = "/emergency") -> httpx.Response:
        """The person enters the password again and goes on."""
        self.sign_in.user_id = self.people[id(client)]
        page = client.get(f"/confirm/start?next={next_page}")
        client.headers["X-CSRF-Token"] = page.text.split('name="csrf" content="')[1].split('"')[0]
        return page

    def settle_all(self, client: httpx.Client) -> None:
        """Keep the two doubtful statements of the session, so that nothing stands in the way of approval."""
        for statement in ("st5", "st9"):
            assert self.post(client, f"statements/{statement}/keep").status_code == 303


def recheck(draft: Draft, transcript: Transcript) -> Draft:
    """A checker whose rule can be seen: what rests on the therapist's words is contradicted unless it is the plan."""

    def graded(s: Statement) -> Statement:
        heard = [transcript.segment(span.segment_id) for span in s.evidence]
        wrong = s.kind == StatementKind.REPORTED and any(t is not None and t.speaker != Speaker.CLIENT for t in heard)
        return replace(s, grade=Grade.CONTRADICTED, reasons=("said by the therapist",)) if wrong else s

    return replace(draft, statements=tuple(graded(s) for s in draft.statements))


def lookup(table: dict[str, object]) -> Callable[[str], object]:
    async def find(key: str) -> object:
        if key not in table:
            raise NotFound("unknown")
        return table[key]

    return find


async def find_appointment(appointment_id: str) -> Appointment:
    return appointment(appointment_id)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_test_store(tmp_path)
    yield opened
    opened.close()


@contextmanager
def serving(make_app: Callable[[str], ASGIApp]) -> Iterator[str]:
    """The application that ``make_app`` makes for its address, on a free loopback port; yields the address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(make_app(base_url), log_level="warning", access_log=False, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        World.wait_until(lambda: server.started)
        try:
            yield base_url
        finally:
            server.should_exit = True
            thread.join(timeout=20)


@contextmanager
def serving_world(
    store: Store,
    seeds: Mapping[str, object] | None = None,
    around: Callable[[ASGIApp], ASGIApp] | None = None,
    **changes: object,
) -> Iterator[World]:
    """The review application over this store.

    ``seeds`` go to ``seed_draft``; ``changes`` replace fields of its ``ReviewDeps``.
    """
    made: list[World] = []

    def make_app(base_url: str) -> ASGIApp:
        world = make_world(store, base_url, seeds)
        world.deps = replace(world.deps, **changes)
        made.append(world)
        app = create_review_app(world.deps)
        return around(app) if around else app

    with serving(make_app):
        yield made[0]


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    """The application, serving on a free loopback port."""
    with serving_world(store) as made:
        yield made


def make_deps(store: Store, base_url: str, runs: Runs) -> ReviewDeps:
    return ReviewDeps(
        sign_in=FakeSignIn(),
        users=lookup({user.id: user for user in PEOPLE}),
        ehr_client=lookup({client.id: client for client in CLIENTS}),
        appointments=find_appointment,
        chart=FakeChart(),
        chart_reads=FakeReads(),
        drafts=store.drafts,
        history=store.history,
        decisions=store.decisions,
        queue=store.queue,
        contents=store.contents,
        recordings=store.recordings,
        audit=store.audit,
        runs=runs,
        review_sessions=store.review_sessions,
        emergencies=store.emergencies,
        figures=store.figures,
        attention=store.attention,
        training=store.training,
        tours=store.tours,
        tell_emergency=FakeNotice(),
        waveform=waveform_of,
        colleagues=everybody({user.id: user for user in PEOPLE}),
        create_task=FakeTasks(),
        cosign=default_rules(),
        swap_speakers=swap_speakers,
        recheck=recheck,
        recheck_intake=rechecking_beside({client.id: client for client in CLIENTS}),
        session_key=b"k" * 32,
        base_url=base_url,
        prefect_ui_url="http://127.0.0.1:4200",
        clock=FakeClock(),
        sweep_every=timedelta(milliseconds=200),
        names_within=timedelta(seconds=10),
        undo_for=timedelta(),
    )


def rechecking_beside(clients: Mapping[str, Client]) -> Callable[[DraftRecord], Awaitable[Recheck]]:
    """The practice's checks, beside the clients as they are at that moment."""

    async def beside(record: DraftRecord) -> Beside:
        others = tuple(identity_of_client(client) for client in clients.values())
        return Beside(clients.get(record.client_id), CLINICIAN.name, others)

    return rechecking(beside, lambda: Greeting(default_template(), "Harbor Practice"))


def make_world(store: Store, base_url: str, seeds: Mapping[str, object] | None = None) -> World:
    """One draft in review; users and clients can be changed through the world."""
    runs = FakeRuns()
    users = {user.id: user for user in PEOPLE}
    clients = {client.id: client for client in CLIENTS}
    deps = replace(
        make_deps(store, base_url, runs),
        users=lookup(users),
        colleagues=everybody(users),
        ehr_client=lookup(clients),
        recheck_intake=rechecking_beside(clients),
    )
    world = World(store, deps, base_url, deps.clock, deps.sign_in, runs, users, clients, deps.chart, deps.chart_reads)
    for user_id, tour in itertools.product(users, tours()):
        store.tours.mark(user_id, tour, at=world.clock())
    world.draft_id = world.seed(1, "c-1", **seeds or {})
    return world


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = find_chromium()
    if found is None:
        message = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


expect.set_options(timeout=20_000)  # a loaded machine is slow, not wrong
ARGS = ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-background-networking"]
ARGS += ["--autoplay-policy=no-user-gesture-required", "--mute-audio"]


@contextmanager
def running_chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with running_chromium(chromium_path) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, world) -> Iterator[Page]:
    """A page of a signed-in clinician, its scripts at work; any script error or refused resource fails the test."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(45_000)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
    opened.goto(f"{world.base_url}/")
    opened.get_by_role("link", name="Sign in with the EHR").click()
    expect(opened.get_by_text("Menu", exact=True)).to_be_visible()
    opened.wait_for_load_state("domcontentloaded")
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def draft(page: Page, world) -> Page:
    """The draft of the session, its scripts at work: what stands on the page before that hears no key."""
    page.locator("a.card", has_text="Marigold Fernweh").click()
    expect(page.get_by_role("heading", name="Marigold Fernweh")).to_be_visible()
    page.wait_for_load_state("domcontentloaded")
    return page


def line(page: Page, statement_id: str) -> Locator:
    return page.locator(f"#st-{statement_id}")
