"""Set the stage, start the system, play the story; with a terminal stay up and let the person be the clinician."""

import os
from collections.abc import Callable
from pathlib import Path

from therapyflows.app.demo.clinician import Login
from therapyflows.app.demo.stage import Stage, set_stage, simulator_process
from therapyflows.app.running import Running, Tell
from therapyflows.app.settings import load_settings
from therapyflows.core.errors import Invalid


def play(folder: Path, *, llm: str | None, llm_model: str | None, interactive: bool, tell: Tell) -> None:
    """Raises StoryBroke when a step did not happen, NotReady when a process did not start."""
    stage = set_stage(folder, _llm_overrides(llm, llm_model))
    os.environ["THERAPYFLOWS_ENV_FILE"] = str(stage.env_file)
    settings = load_settings()
    tell("Starting the simulated EHR, Prefect, gateway, review application and worker")
    with Running(settings, tell=tell) as running:
        running.start(extra=(simulator_process(stage),))
        tell("Ready.")
        from therapyflows.app.demo.story import CLINICIAN, Story  # heavy, and nothing waits for it before

        story = Story(stage, settings, tell)
        draft = story.follow_to_review(story.end_session())
        if interactive:
            show_the_way(stage, CLINICIAN, tell)
            running.watch(also=story.tell_the_end_of(draft.id))
        story.play_clinician(draft.id)
        story.follow_to_chart(draft.id, seconds=120)
        story.verify_audit()
    tell("The demonstration is complete: every step happened.")


def show_the_way(stage: Stage, clinician: Login, tell: Callable[[str], None]) -> None:
    """Addresses and logins for the person at the terminal."""
    settings = load_settings()
    for line in (
        "",
        "You are the clinician now. Correct the draft and approve it:",
        f"  review application  {settings.review.base_url}   login {clinician.name} / {clinician.password}",
        f"  the EHR's own pages {stage.ehr_url}/ui/login   the same login: the note appears as a Draft, sign it there",
        f"  runs in Prefect     {settings.prefect_ui_url}/runs",
        f"  audit trail         THERAPYFLOWS_ENV_FILE={stage.env_file} therapyflows audit show",
        "  other logins: bianca.moss / demo-bianca (Billing Manager: sees no draft), greta.lind / demo-greta",
        "Ctrl+C ends everything.",
    ):
        tell(line)


def _llm_overrides(llm: str | None, model: str | None) -> dict[str, str]:
    if not llm:
        return {}
    if llm.startswith(("http://", "https://")):
        return {
            "THERAPYFLOWS_LLM__PROVIDER": "openai",
            "THERAPYFLOWS_LLM__ENDPOINT": llm,
            "THERAPYFLOWS_LLM__MODEL": model or "default",
            "THERAPYFLOWS_LLM__API_KEY": os.environ.get("OPENAI_API_KEY", "none"),
        }
    path = Path(llm).expanduser().resolve()
    if not path.is_file():
        raise Invalid("llm_not_found", f"There is no file {path}; give a GGUF file or an http(s) endpoint.")
    return {"THERAPYFLOWS_LLM__PROVIDER": "local", "THERAPYFLOWS_LLM__GGUF_PATH": str(path)}
