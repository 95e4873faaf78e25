"""One system for all tests of this folder that do not break it."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Importlib import mode has no package for this folder; the helper module is loaded by its path.
_spec = importlib.util.spec_from_file_location("system", Path(__file__).with_name("system.py"))
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["system"] = _module
_spec.loader.exec_module(_module)

System = _module.System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator["System"]:
    with System(tmp_path_factory.mktemp("system")) as running:
        yield running


@pytest.fixture(scope="session")
def transcript_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short invented session as an uploaded transcript."""
    file = tmp_path_factory.mktemp("transcripts") / "session.txt"
    file.write_text(DIALOGUE)
    return file


DIALOGUE = """\
Therapist: How have you been since last week?
Client: It was a hard week. I had two panic attacks on the train and I slept about five hours a night.
Therapist: What did you do when the panic started?
Client: I used the breathing exercise and it was over in ten minutes.
Therapist: Have you had any thoughts of hurting yourself?
Client: No, nothing like that.
Therapist: For next week, please write down each panic attack in the log.
Client: Okay, I will do that.
"""
