"""Commands that start, show and deploy the system."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from therapyflows.app.cli.console import err, fail, out, plain_errors, print_json, print_table


def init(file: Annotated[Path, typer.Argument(help="The settings file to write.")]) -> None:
    """Write a settings file with fresh keys, for a practice to fill in.

    Example: therapyflows init /etc/therapyflows.env
    """
    from therapyflows.app.keys import new_secrets, write_env_file

    with plain_errors():
        placeholders = {
            "THERAPYFLOWS_EHR__BASE_URL": "https://ehr.example.com",
            "THERAPYFLOWS_EHR__CLIENT_ID": "",
            "THERAPYFLOWS_EHR__CLIENT_SECRET": "",
        }
        write_env_file(file, {**placeholders, **new_secrets()})
    out.print(f"Written to {file} (readable by you alone). Keep a copy of its keys apart: without them the store")
    out.print(f"cannot be read. Fill in the EHR's values, then: THERAPYFLOWS_ENV_FILE={file} therapyflows up")


def up() -> None:
    """Start Prefect server, worker, gateway and review application, and keep them running.

    Reads its settings from the environment and from the file that THERAPYFLOWS_ENV_FILE names.  Ctrl+C ends everything.

    Example: THERAPYFLOWS_ENV_FILE=/etc/therapyflows.env therapyflows up
    """
    from therapyflows.app.keys import check_keys
    from therapyflows.app.running import Running
    from therapyflows.app.settings import load_settings

    with plain_errors():
        check_keys(load_settings())
    with plain_errors(), _until_told_to_end(), Running(load_settings(), tell=_tell) as running:
        running.start()
        _show_addresses()
        running.watch()


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demonstration keeps its data.")] = Path(".demo"),
    llm: Annotated[str | None, typer.Option(help="An OpenAI-compatible endpoint or a GGUF file.")] = None,
    llm_model: Annotated[str | None, typer.Option(help="Name of the model at the endpoint.")] = None,
    stay: Annotated[bool | None, typer.Option(help="Stay up afterwards; by default with a terminal.")] = None,
) -> None:
    """Play one session from the recording to the note in the (simulated) chart.

    With a terminal the demonstration stays up and you are the clinician; without, it plays the clinician too and exits
    with 0 only if every step really happened.

    Example: therapyflows demo --folder /tmp/demo --no-stay
    """
    from therapyflows.app.demo.play import play

    interactive = sys.stdin.isatty() and sys.stdout.isatty() if stay is None else stay
    with plain_errors(), _until_told_to_end():
        play(folder.resolve(), llm=llm, llm_model=llm_model, interactive=interactive, tell=_tell)


def deploy() -> None:
    """Register work pool, deployments, limits, blocks and automations with Prefect; run it after each update.

    Example: THERAPYFLOWS_ENV_FILE=/etc/therapyflows.env therapyflows deploy
    """
    from therapyflows.app.running import deploy as apply
    from therapyflows.app.settings import load_settings

    with plain_errors():
        apply(load_settings())
    out.print("Deployed. Start a worker with: prefect worker start --pool therapyflows")


def status(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show what runs, what waits and what failed; exit status 1 when something does not answer.

    Example: therapyflows status --json
    """
    from therapyflows.app.settings import load_settings
    from therapyflows.app.status import status_of

    with plain_errors():
        report = status_of(load_settings())
    if as_json:
        print_json(report)
    else:
        print_table("Services", ("service", "address", "answers"), report["services"])
        print_table("Events", ("state", "count"), list(report["events"].items()))
        print_table("Drafts", ("state", "count"), list(report["drafts"].items()))
    if not all(answers == "yes" for _, _, answers in report["services"]):
        fail("a service does not answer; its log is in the data directory under logs/")


def simulate(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 4290,
    data: Annotated[Path, typer.Option(help="Where it keeps its database and documents.")] = Path(".simulated-ehr"),
) -> None:
    """Start the simulated EHR alone; its addresses and logins are printed.

    Example: therapyflows simulate --port 4290
    """
    os.execv(  # noqa: S606  our own module, with this interpreter
        sys.executable, [sys.executable, "-m", "therapyflows.simulator", "--port", str(port), "--data", str(data)]
    )


_started = time.monotonic()


def _tell(line: str) -> None:
    """A line of progress with the seconds since the start, at once also when stdout is a pipe."""
    out.print(f"[{time.monotonic() - _started:5.1f} s] {line}", markup=False)
    sys.stdout.flush()


def _show_addresses() -> None:
    from therapyflows.app.settings import load_settings

    settings = load_settings()
    err.print(f"Review: {settings.review.base_url}   Prefect: {settings.prefect_ui_url}   Ctrl+C ends it.")


@contextmanager
def _until_told_to_end() -> Iterator[None]:
    """Ctrl+C and a polite kill end the block at any moment, and everything in it is closed on the way."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        err.print("Ended.")
