"""What the pages say holds: settings, flows, commands and links exist, and the examples run."""

import json
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from pydantic import BaseModel

from therapyflows.app.checking import check_line
from therapyflows.app.cli.drafting import as_document
from therapyflows.app.cli.main import app
from therapyflows.app.cli.scoring import as_document as score_document
from therapyflows.app.drafting import draft_file
from therapyflows.app.redacting import redactor
from therapyflows.app.settings import ReviewSettings, Settings
from therapyflows.app.wiring import WEBHOOK_EVENTS
from therapyflows.core.measures.answers import parse_answers
from therapyflows.core.measures.catalogue import measure_named
from therapyflows.core.measures.change import change_since
from therapyflows.core.measures.scoring import score
from therapyflows.core.session_note import templates
from therapyflows.governance.access.policy import ROLES, Relation, load_policy
from therapyflows.governance.audit.findings import ProblemKind
from therapyflows.governance.evidence.model import Grade
from therapyflows.governance.phi import ChartIdentifiers, PhiBoundary
from therapyflows.governance.phi.leaving import Form, Leave, Material, Place, may_leave
from therapyflows.governance.phi.minimum_necessary import fields_by_purpose
from therapyflows.integrations.ehr.therapynotes._settings import DEFAULT_SCOPES
from therapyflows.integrations.llm.scripted import ScriptedModel
from therapyflows.web.review.help import sections
from therapyflows.web.review.keys import SHORTCUTS
from therapyflows.web.review.view import BADGES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "benchmarks/README.md", *sorted(ROOT.glob("docs/**/*.md"))]
NOT_SETTINGS = {"ENV_FILE", "TRACEBACK", "DATA", "TEST_SIZE"}
"""Environment variables of the command line and the tests."""


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def example(name: str, source: str) -> str:
    """The fenced block behind ``<!-- tested: name -->``."""
    found = re.search(rf"<!-- (?:tested|checked): {name} -->\n```\w*\n(.*?)```", page(source), re.DOTALL)
    assert found, f"{source} has no example {name}"
    return found[1]


# --- settings ---


def leaves(model: Any, prefix: str = "") -> Iterator[str]:
    """Names of all settings as environment variables have them, without the prefix of the product."""
    fields = model.model_fields if issubclass(model, BaseModel) else model.__dataclass_fields__
    for name, field in fields.items():
        kind = field.annotation if issubclass(model, BaseModel) else field.type
        if isinstance(kind, type) and (issubclass(kind, BaseModel) or is_dataclass(kind)):
            yield from leaves(kind, f"{prefix}{name}__".upper())
        else:
            yield f"{prefix}{name}".upper()


def named_settings(text: str) -> set[str]:
    """``THERAPYFLOWS_A__B``, and ``__C`` behind it as ``A__C``."""
    found, group = set(), ""
    for full, short in re.findall(r"\bTHERAPYFLOWS_([A-Z_]+[A-Z])|`__([A-Z_]+[A-Z])`", text):
        name = full or f"{group}__{short}"
        group = name.split("__")[0] if full and "__" in name else group
        found.add(name)
    return found - NOT_SETTINGS


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_settings_that_are_named_exist(path: Path) -> None:
    assert named_settings(path.read_text("utf-8")) <= set(leaves(Settings))


def test_every_setting_is_in_the_operators_table() -> None:
    rows = [line for line in page("docs/operators.md").splitlines() if line.startswith("| `THERAPYFLOWS_")]
    assert named_settings("\n".join(rows)) == set(leaves(Settings))


def test_the_defaults_of_the_table_are_the_programs() -> None:
    settings = Settings.model_construct()
    table = page("docs/operators.md")
    periods, waiting = settings.retention, settings.waiting
    review = ReviewSettings.model_fields
    for expected in (
        f"| {periods.recording_days}, {periods.transcript_days}, {periods.prompt_days} |",
        f"| {waiting.remind_after_hours}, {waiting.escalate_after_hours}, {waiting.expire_after_days} |",
        f"| {settings.llm.context_tokens}, {settings.llm.timeout_s:.0f}, {settings.llm.threads} |",
        f"| {settings.sync_minutes:.0f} |",
        f"| {review['idle_timeout_minutes'].default}, {review['session_hours'].default} |",
        f"| {review['lockout_after'].default}, {review['lockout_minutes'].default} |",
        f"| {review['emergency_hours'].default}, {review['emergency_review_days'].default} |",
        f"| {review['confirm_minutes'].default} |",
        f"again; at most 300 | {review['roles_cache_s'].default} |",
        f"| `{settings.gateway_url}` |",
        f"| `{settings.prefect_ui_url}` |",
        f"| `{settings.note_format}` |",
    ):
        assert expected in table


# --- names ---


def test_the_flow_table_of_the_readme_is_prefect_yaml() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| `([\w/-]+)` \|", page("README.md"), re.MULTILINE)
    deployments = yaml.safe_load(page("prefect.yaml"))["deployments"]
    assert rows == [
        (entry["name"], f"{entry['entrypoint'].split('.')[-1].replace('_', '-')}/{entry['name']}")
        for entry in deployments
    ]


def commands() -> set[str]:
    root = typer.main.get_command(app)
    found = set()
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        found |= {name, *(f"{name} {sub}" for sub in getattr(command, "commands", {}))}
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_commands_that_are_named_exist(path: Path) -> None:
    called = re.findall(
        r"(?:^|[\s`/])therapyflows ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*)\b(?![\w./]))?",
        code_of(path.read_text("utf-8")),
        re.MULTILINE,
    )
    groups = {name.split()[0] for name in commands() if " " in name}
    for name, sub in called:
        assert (f"{name} {sub}" if name in groups else name) in commands()


def code_of(text: str) -> str:
    """Code blocks and code spans, a line each; prose about "therapyflows" is none."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_files_that_are_named_exist(path: Path) -> None:
    """Paths from the top of the repository, in code spans."""
    named = re.findall(r"`((?:src|tests|benchmarks|docs)/[\w./*-]+)`", path.read_text("utf-8"))
    assert [name for name in named if not any(ROOT.glob(name.rstrip("/")))] == []


def test_files_that_contributors_are_sent_to_exist() -> None:
    table = page("docs/contributors.md").split("## I want to change")[1].split("\n## ")[0]
    package = ROOT / "src/therapyflows"
    named = re.findall(
        r"`([\w/]+(?:/|\.\w+))`", table.replace("templates/*.yaml", "templates/").replace("prompts/*.yaml", "prompts/")
    )
    assert len(named) > 40
    assert [n for n in named if not any(package.rglob(n.rstrip("/"))) and not (ROOT / n).exists()] == []


def heading_anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if re.match(r"https?://", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        assert not anchor or anchor in heading_anchors(found), target


def test_scopes_events_and_roles_are_the_programs() -> None:
    integrators = page("docs/integrators.md")
    assert tuple(example("scopes", "docs/integrators.md").split()) == DEFAULT_SCOPES
    assert all(f"`{event}`" in integrators for event in WEBHOOK_EVENTS)
    assert all(f"`{role}`" in integrators for role in ROLES)


CARE = "session-note, intake, message-triage, treatment-plan, treatment-plan-review, risk-watch, assessments, check-ins"


def policy_table() -> str:
    """The access policy as a page shows it: rows of a kind that say the same are one."""
    policy = load_policy()
    rows: dict[tuple[str, tuple[frozenset[Relation], ...]], list[str]] = {}
    for (kind, deed), needed in policy.rows.items():
        workflows = ", ".join(name for name, kinds in policy.workflows.items() if kind in kinds)
        rows.setdefault((workflows.replace(CARE, "care"), tuple(needed[role] for role in ROLES)), []).append(
            f"`{deed}`"
        )
    lines = [f"| workflow | may | {' | '.join(ROLES)} |", "|---" * (2 + len(ROLES)) + "|"]
    for (workflows, cells), deeds in rows.items():
        lines.append(f"| {workflows} | {', '.join(deeds)} | {' | '.join(map(in_words, cells))} |")
    return "\n".join(lines)


def in_words(needed: frozenset[Relation]) -> str:
    if Relation.NONE in needed:
        return "any client"
    return ", ".join(relation.value for relation in Relation if relation in needed) or "-"


def test_the_policy_table_is_the_programs() -> None:
    text = page("docs/compliance.md")
    assert policy_table() in text, f"docs/compliance.md must hold this table:\n{policy_table()}"
    assert CARE in text.replace("\n", " ")
    assert f"in force since {load_policy().in_force}" in text


def test_the_fields_that_may_leave_are_the_tables() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", page("docs/compliance.md"), re.MULTILINE)
    documented = {purpose: frozenset(re.findall(r"`(\w+)`", fields)) for purpose, fields in rows}
    assert {purpose: documented.get(purpose) for purpose in fields_by_purpose()} == dict(fields_by_purpose())


def test_the_leaving_table_is_the_policys() -> None:
    def words(leave: Leave) -> str:
        return {Form.CLEAR: "clear text", Form.REDACTED: "redacted", Form.NEVER: "never"}[leave.form]

    for row, material, objection in (
        ("ordinary", Material.ORDINARY, None),
        ("of a Part 2 program, consent on file", Material.PART2, None),
        ("of a Part 2 program, no consent that covers it now", Material.PART2, "part2_tpo_consent_missing"),
        ("psychotherapy notes", Material.PSYCHOTHERAPY_NOTE, None),
        ("words off the record", Material.OFF_RECORD, None),
    ):
        cells = " | ".join(words(may_leave([material], place, part2_objection=objection)) for place in Place)
        assert f"| {row} | {cells} |" in page("docs/compliance.md")


def test_marks_and_findings_are_explained() -> None:
    assert all(f"| {words} |" in page("docs/clinicians.md") for words in BADGES.values())
    assert all(f"`{kind}`" in page("docs/compliance.md") for kind in ProblemKind)
    assert all(f"`{grade}`" in page("docs/integrators.md") for grade in Grade)


def test_keys_of_the_review_page_are_the_pages() -> None:
    told = re.findall(r"`([^`]+)`", page("docs/clinicians.md").split("| key | does |")[1].split("\n\n")[0])
    assert set(told) == {key for shortcut in SHORTCUTS for chord in shortcut.chords for key in chord}


def test_what_the_help_page_says_is_what_the_clinicians_page_says() -> None:
    told = " ".join(page("docs/clinicians.md").replace("**", "").split())
    assert [line for section in sections() for line in section.lines if line not in told] == []


# --- examples ---


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    file = tmp_path / "session.vtt"
    file.write_text(example("source", "docs/integrators.md"))
    return file


def shape(value: Any) -> Any:
    """Keys all the way down; of a list what all its entries have."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(entry) for entry in value[:1]]
    return type(value).__name__


def test_the_json_example_is_what_the_program_prints(transcript: Path) -> None:
    documented = json.loads(example("document", "docs/integrators.md"))
    result = draft_file(transcript, "soap")
    printed = json.loads(json.dumps(as_document(result.transcript, result.draft)))

    assert printed["transcript"] == documented["transcript"]
    assert shape(printed) == shape(documented)
    assert [s for s in printed["draft"]["statements"] if s["kind"] == "risk"] == [
        s for s in documented["draft"]["statements"] if s["kind"] == "risk"
    ]


def test_the_example_of_a_checked_note_is_what_the_program_answers() -> None:
    documented = json.loads(example("many-out", "docs/integrators.md"))
    answered: Any = check_line(example("many-in", "docs/integrators.md"))
    for printed, shown in zip(answered["results"], documented["results"], strict=True):
        assert set(printed) == set(shown)
        assert (printed["grade"], printed["span"]) == (shown["grade"], shown["span"])
    assert answered["results"][1]["reasons"][0] == documented["results"][1]["reasons"][0]
    for key in documented["results"][0]:
        assert f"| `{key}" in page("docs/integrators.md")


def test_every_field_of_the_json_is_explained() -> None:
    documented = json.loads(example("document", "docs/integrators.md"))
    text = page("docs/integrators.md")
    for key in (*documented["transcript"], *documented["draft"], *documented["draft"]["statements"][0]):
        assert re.search(rf"`[\w.\[\]]*\b{key}\b[\w.\[\]]*`", text), key


def test_the_note_template_drafts_a_note(transcript: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = example("template", "docs/integrators.md")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "pirp.yaml").write_text(text)
    monkeypatch.setattr(templates, "files", lambda package: folder)
    templates.template_keys.cache_clear()
    try:
        draft = draft_file(transcript, "pirp").draft
    finally:
        templates.template_keys.cache_clear()
        templates.load_template.cache_clear()

    assert len(text.splitlines()) <= 10
    assert draft.statements[0].section == "problem"
    assert {s.section for s in draft.statements} == {"problem", "intervention", "response", "plan"}


def test_the_templates_topics_are_all_there_are() -> None:
    accepted = {
        topic
        for section in yaml.safe_load(example("template", "docs/integrators.md"))["sections"]
        for topic in section["accepts"]
    }
    known = {
        topic
        for key in templates.template_keys()
        for section in templates.load_template(key).sections
        for topic in section.accepts
    }
    assert accepted == known


def test_the_lines_of_redact_are_what_the_program_answers(tmp_path: Path) -> None:
    chart = tmp_path / "chart.json"
    chart.write_text(example("chart", "docs/integrators.md"))
    asked, answered = (example(f"redact-{way}", "docs/integrators.md") for way in ("in", "out"))
    answers = redactor(chart, ner=False).lines(asked.encode().splitlines())
    assert list(answers) == [json.loads(line) for line in answered.splitlines()]


def test_the_phi_detector_finds_its_identifier() -> None:
    code = example("detector", "docs/integrators.md")
    exec(compile(code, "detector", "exec"), {})
    assert len(code.split("class ")[1].split("boundary =")[0].strip().splitlines()) <= 10


def test_a_model_joins_the_detectors_as_shown() -> None:
    model = ScriptedModel(['{"found": [{"kind": "person", "text": "blossom"}]}'])
    names: dict[str, Any] = {"PhiBoundary": PhiBoundary, "identifiers": ChartIdentifiers(), "model": model}
    exec(compile(example("model-detector", "docs/integrators.md"), "model-detector", "exec"), names)
    assert names["boundary"].redact("i met blossom").text == "i met [PERSON_1]"


def test_the_example_of_a_score_is_what_the_command_prints() -> None:
    measure = measure_named("phq9")
    result = score(measure, parse_answers(measure, "1,2,1,3,0,1,2,,1"))
    printed = score_document(measure, result, change_since(measure, 20, result.total or 0))
    assert json.loads(example("score", "docs/integrators.md")) == json.loads(json.dumps(printed))
