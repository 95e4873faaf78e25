"""What an exception of a library says never reaches a log, whoever logs it."""

import subprocess
import sys

import pytest

SCRIPT = """
import logging
from therapyflows.app.logging import configure_logging
configure_logging("review")
try:
    raise ValueError("Quillhamster told me so")
except ValueError as error:
    logging.getLogger({name!r}).error("it failed: %s", error, exc_info=True)
"""


@pytest.mark.parametrize("name", ["therapyflows.review", "uvicorn.error", "asyncio", "somebody.elses"])
def test_the_text_of_an_exception_is_replaced_by_its_kind_and_place(name: str):
    ran = subprocess.run([sys.executable, "-c", SCRIPT.format(name=name)], capture_output=True, text=True, check=True)
    said = ran.stdout + ran.stderr
    assert "Quillhamster" not in said
    assert "ValueError at __main__" in said


@pytest.mark.parametrize("program", ["gateway", "review"])
def test_the_servers_bring_no_handlers_that_come_after_the_guard(program: str):
    from importlib.resources import files

    source = files("therapyflows").joinpath(f"web/{program}/__main__.py").read_text()
    assert "log_config=None" in source
    assert source.index("configure_logging(") < source.index("uvicorn.run(")
