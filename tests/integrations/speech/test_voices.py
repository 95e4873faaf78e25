"""Voice embeddings and telling two voices apart."""

import io
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapyflows.core.errors import Invalid
from therapyflows.governance.evidence.model import Word
from therapyflows.integrations.speech import diarize
from therapyflows.integrations.speech.decode import RATE, decode
from therapyflows.integrations.speech.one_thread import one_thread
from therapyflows.integrations.speech.voiceprint import Window, _read_tensors, load_encoder, mel_frames


def test_the_packaged_weights_have_the_published_shape() -> None:
    encoder = load_encoder()
    assert [layer.into.shape for layer in encoder.layers] == [(40, 1024), (256, 1024), (256, 1024)]
    assert encoder.linear.shape == (256, 256)


def test_a_checkpoint_that_wants_to_run_code_is_refused() -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return eval, ("1/0",)

    with pytest.raises(Invalid):
        _read_tensors(io.BytesIO(pickle.dumps(Evil()) * 5))


def test_windows_give_unit_vectors_that_do_not_depend_on_the_batch() -> None:
    frames = mel_frames(np.random.default_rng(1).normal(0, 0.03, 5 * RATE).astype(np.float32))
    windows = [Window(10 * n, 80 + 20 * (n % 5)) for n in range(30)]
    together = load_encoder().embed(frames, windows)
    alone = np.concatenate([load_encoder().embed(frames, [window]) for window in windows])
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_one_voice_is_nearer_to_itself_than_to_another(jfk, shared) -> None:  # type: ignore[no-untyped-def]
    with shared("two_speakers.wav").open("rb") as source:
        other = decode(source).channels[0].astype(np.float32)[14 * RATE : 25 * RATE]
    encoder = load_encoder()
    windows = [Window(start, 160) for start in range(100, 900, 100)]
    first, second = encoder.embed(mel_frames(jfk), windows), encoder.embed(mel_frames(other), windows)
    assert (first @ first.T).mean() > (first @ second.T).mean() + 0.1


def test_the_number_of_threads_is_put_back() -> None:
    from therapyflows.integrations.speech.one_thread import _thread_functions

    functions = _thread_functions()
    assert functions is not None
    before = functions[0]()
    with one_thread():
        assert functions[0]() == 1
    assert functions[0]() == before


def test_real_voices_are_told_apart(shared) -> None:  # type: ignore[no-untyped-def]
    """Words at the true times of the reference, so that this measures the voices alone."""
    with shared("two_speakers.wav").open("rb") as source:
        signal = decode(source).channels[0].astype(np.float32)
    words, truth = [], []
    for line in shared("two_speakers.stm").read_text().splitlines():
        _, _, name, begin, end, text = line.split(None, 5)
        spelled = text.split()
        edges = np.linspace(float(begin), float(end), len(spelled) + 1)
        words += [Word(w, a, b) for w, a, b in zip(spelled, edges[:-1], edges[1:], strict=True)]
        truth += [int(name == "Sheila")] * len(spelled)
    found = diarize.separate(diarize.embed(words, signal, 0.0))
    wrong = np.mean(np.array(found.voices) != truth)
    assert min(wrong, 1 - wrong) <= 0.12


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.floats(0, 4), st.floats(0, 1)), min_size=1, max_size=12), st.integers(0, 99))
def test_any_words_over_any_sound_get_a_voice(times: list[tuple[float, float]], seed: int) -> None:
    words = [Word("Well.", start, start + length) for start, length in sorted(times)]
    signal = np.random.default_rng(seed).normal(0, 0.02, 5 * RATE).astype(np.float32)
    found = diarize.separate(diarize.embed(words, signal, 0.0))
    assert len(found.voices) == len(words)
    assert set(found.voices) <= {0, 1}
    assert 0 <= found.distance <= 1
