"""Recordings made on the spot, the real model, and the shared sample recordings where they are."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from therapyflows.integrations.speech import SpeechConfig, WhisperRecognizer
from therapyflows.integrations.speech.decode import RATE, decode

DATA = Path(os.environ.get("THERAPYFLOWS_DATA", Path(__file__).parents[4] / "shared" / "data")) / "audio"

CONTAINERS = {
    "wav": ("wav", "pcm_s16le", RATE),
    "mp3": ("mp3", "libmp3lame", RATE),
    "m4a": ("ipod", "aac", RATE),
    "opus": ("ogg", "libopus", 48_000),
    "flac": ("flac", "flac", RATE),
    "webm": ("webm", "libopus", 48_000),
    "mp4": ("mp4", "aac", RATE),
}
"""Format, codec and rate by file ending; mp4 gets a picture track too."""

Encode = Callable[..., bytes]


def sample(name: str) -> Path:
    """A shared recording; the test is skipped where that data is not."""
    if not (DATA / name).exists():
        pytest.skip(f"no sample recording {name} in {DATA}")
    return DATA / name


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    return sample


@pytest.fixture(scope="session")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> WhisperRecognizer:
    """The default model, joined into a folder of this test run and loaded once."""
    return WhisperRecognizer(SpeechConfig(), tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def jfk() -> NDArray[np.float32]:
    """Eleven seconds of one speaker at 16 kHz."""
    with sample("jfk.flac").open("rb") as source:
        return decode(source).channels[0].astype(np.float32)


@pytest.fixture(scope="session")
def tone() -> NDArray[np.float32]:
    """Ten seconds that sound, without a word."""
    at = np.arange(10 * RATE) / RATE
    return (0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)


def _frames(samples: NDArray[np.float32], rate: int, layout: str) -> Any:
    pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16).T.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm), format="s16", layout=layout)
    frame.sample_rate, frame.pts = RATE, 0
    resampler = av.AudioResampler(format="s16", layout=layout, rate=rate)
    return [*resampler.resample(frame), *resampler.resample(None)]


def _add_picture(container: Any) -> tuple[Any, Any]:
    stream = container.add_stream("mpeg4", rate=1)
    stream.width = stream.height = 64
    stream.pix_fmt = "yuv420p"
    return stream, av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")


@pytest.fixture(scope="session")
def encode() -> Encode:
    """``encode(samples, "mp3")``: one or two channels (rows) of 16 kHz samples as a file's bytes."""

    def to_bytes(
        samples: NDArray[np.float32], ending: str = "wav", *, picture: bool = False, sound: bool = True
    ) -> bytes:
        kind, codec, rate = CONTAINERS[ending]
        rows = np.atleast_2d(samples)
        layout = "stereo" if len(rows) == 2 else "mono"
        target = io.BytesIO()
        with av.open(target, "w", format=kind) as container:
            video = _add_picture(container) if picture or ending == "mp4" else None
            audio = container.add_stream(codec, rate=rate, layout=layout) if sound else None
            if video is not None:
                for _ in range(3):
                    container.mux(video[0].encode(video[1]))
                container.mux(video[0].encode(None))
            if audio is not None:
                for frame in _frames(rows, rate, layout):
                    container.mux(audio.encode(frame))
                container.mux(audio.encode(None))
        return target.getvalue()

    return to_bytes
