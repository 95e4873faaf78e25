"""Voice embeddings: the Resemblyzer speaker encoder in numpy, without torch.

Three LSTM layers of 256 units over 40 mel bands (25 ms windows, 10 ms steps), a linear layer, ReLU, unit length: two
windows of the same voice have a high dot product.  Source of architecture and weights: resemblyzer 0.1.4 (Apache-2.0).
"""

import pickle
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from therapyflows.core.errors import Invalid
from therapyflows.integrations.speech.decode import RATE

Array = NDArray[np.float32]

HOP = RATE // 100
"""Samples per mel frame."""
_FFT = RATE // 40
_MELS = 40
_UNITS = 256
_BATCH = 128
_FIRST_OUTPUT = 60
_OUTPUT_EVERY = 20
_POWER = 10 ** (-28 / 10)
"""Mean square of speech in the training data: utterances, with their pauses, were brought to -30 dBFS."""


@dataclass(frozen=True, slots=True)
class Window:
    """Mel frames to embed: the first one, how many (at least 60), and the factor to the training level."""

    start: int
    length: int
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class _Layer:
    """One LSTM layer.  The sigmoid gates' weights are halved, so that one tanh serves all four gates."""

    into: Array
    recurrent: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class VoiceEncoder:
    layers: tuple[_Layer, ...]
    linear: Array
    linear_bias: Array

    def embed(self, frames: Array, windows: Sequence[Window]) -> Array:
        """One unit vector per window: the mean of the encoder's outputs from 0.6 s to the window's end.

        One output at the end, as in training, is noisier on the short turns of a conversation.
        """
        # The first layer's input product is shared by overlapping windows.
        first = frames @ self.layers[0].into
        longest_first = sorted(range(len(windows)), key=lambda at: -windows[at].length)
        found = np.zeros((len(windows), _UNITS), dtype=np.float32)
        for begin in range(0, len(windows), _BATCH):
            batch = longest_first[begin : begin + _BATCH]
            found[batch] = self._embed_batch(first, [windows[at] for at in batch])
        return found

    def _embed_batch(self, first: Array, windows: Sequence[Window]) -> Array:
        starts = np.array([w.start for w in windows])
        scales = np.array([[w.scale] for w in windows], dtype=np.float32)
        lengths = np.array([w.length for w in windows])
        hidden = [np.zeros((len(windows), _UNITS), dtype=np.float32) for _ in self.layers]
        cell = [np.zeros_like(h) for h in hidden]
        total = np.zeros((len(windows), _UNITS), dtype=np.float32)
        for step in range(int(lengths[0])):
            n = int(np.searchsorted(-lengths, -step, side="left"))  # the windows that are not over yet
            gates = first[starts[:n] + step] * scales[:n] + self.layers[0].bias
            for depth, layer in enumerate(self.layers):
                if depth:
                    gates = hidden[depth - 1][:n] @ layer.into + layer.bias
                gates += hidden[depth][:n] @ layer.recurrent
                _advance(gates, hidden[depth][:n], cell[depth][:n])
            if step + 1 >= _FIRST_OUTPUT and (step + 1) % _OUTPUT_EVERY == 0:
                total[:n] += _unit(np.maximum(hidden[-1][:n] @ self.linear + self.linear_bias, 0))
        return _unit(total)


def _unit(vectors: Array) -> Array:
    return cast(Array, vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def _advance(gates: Array, hidden: Array, cell: Array) -> None:
    """One LSTM step in place; gates in torch's order: input, forget, candidate, output."""
    np.tanh(gates, out=gates)
    u = _UNITS
    gates[:, : 2 * u] *= 0.5
    gates[:, : 2 * u] += 0.5
    gates[:, 3 * u :] *= 0.5
    gates[:, 3 * u :] += 0.5
    cell *= gates[:, u : 2 * u]
    cell += gates[:, :u] * gates[:, 2 * u : 3 * u]
    np.multiply(np.tanh(cell), gates[:, 3 * u :], out=hidden)


def mel_frames(signal: Array) -> Array:
    """Mel power spectrum, one row per 10 ms, (librosa's defaults, which the weights expect)."""
    padded = np.pad(signal, _FFT // 2)
    count = 1 + (len(padded) - _FFT) // HOP
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    mels = np.empty((count, _MELS), dtype=np.float32)
    for at in range(0, count, 6000):
        upto = min(count, at + 6000)
        view = np.lib.stride_tricks.sliding_window_view(padded[at * HOP : (upto - 1) * HOP + _FFT], _FFT)[::HOP]
        spectrum = np.fft.rfft(view * window, axis=1)
        mels[at:upto] = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _mel_bank()
    return mels


def training_scale(signal: Array) -> float:
    """The factor on mel power that brings a stretch of signal to the level of the training data."""
    power = float(np.mean(np.square(signal))) if len(signal) else 0.0
    return _POWER / power if power > 0 else 1.0


@lru_cache(maxsize=1)
def _mel_bank() -> Array:
    """Slaney's mel filters, 0-8 kHz, each of unit area: linear to 1 kHz, logarithmic above."""
    log_step = np.log(6.4) / 27.0
    top = 15.0 + np.log(RATE / 2 / 1000.0) / log_step
    mel = np.linspace(0.0, top, _MELS + 2)
    edges = np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * np.exp(log_step * (mel - 15.0)))
    bins = np.linspace(0, RATE / 2, 1 + _FFT // 2)
    rising = (bins[:, None] - edges[None, :-2]) / np.diff(edges)[None, :-1]
    falling = (edges[None, 2:] - bins[:, None]) / np.diff(edges)[None, 1:]
    bank = np.maximum(0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))
    return bank.astype(np.float32)


@lru_cache(maxsize=1)
def load_encoder() -> VoiceEncoder:
    """The packaged weights, loaded once per process."""
    package = find_spec("resemblyzer")  # found, not imported: importing it needs torch
    if package is None or not package.submodule_search_locations:
        raise Invalid("voice_model_missing", "the package resemblyzer is not installed")
    with (Path(package.submodule_search_locations[0]) / "pretrained.pt").open("rb") as source:
        tensors = _read_tensors(source)
    halves = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], dtype=np.float32), _UNITS)
    layers = tuple(
        _Layer(
            into=np.ascontiguousarray((tensors[f"lstm.weight_ih_l{n}"] * halves[:, None]).T),
            recurrent=np.ascontiguousarray((tensors[f"lstm.weight_hh_l{n}"] * halves[:, None]).T),
            bias=(tensors[f"lstm.bias_ih_l{n}"] + tensors[f"lstm.bias_hh_l{n}"]) * halves,
        )
        for n in range(3)
    )
    return VoiceEncoder(layers, np.ascontiguousarray(tensors["linear.weight"].T), tensors["linear.bias"])


@dataclass
class _Storage:
    """A tensor's numbers, read after the pickles."""

    key: str
    numbers: Array | None = None


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> Array:
        if self.storage.numbers is None:
            raise Invalid("voice_model_damaged", "the packaged voice model is damaged: reinstall resemblyzer")
        strides = tuple(4 * s for s in self.stride)
        return np.lib.stride_tricks.as_strided(self.storage.numbers[self.offset :], self.shape, strides).copy()


class _TensorsOnly(pickle.Unpickler):
    """Reads torch's legacy checkpoints.  Any other class than a tensor is refused: a pickle may not run code here."""

    def __init__(self, source: BinaryIO, storages: dict[str, _Storage]) -> None:
        super().__init__(source)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        allowed: dict[tuple[str, str], Callable[..., Any]] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, stride, *_: _Tensor(
                storage, offset, shape, stride
            ),
            ("torch", "FloatStorage"): _Storage,
        }
        if (module, name) not in allowed:
            raise Invalid("voice_model_damaged", "the packaged voice model holds something that is not a tensor")
        return allowed[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        return self._storages.setdefault(pid[2], _Storage(pid[2]))


def _read_tensors(source: BinaryIO) -> dict[str, Array]:
    """The tensors of a torch checkpoint in the format before zip files: five pickles, then the raw storages."""
    storages: dict[str, _Storage] = {}
    _, _, _, checkpoint, keys = (_TensorsOnly(source, storages).load() for _ in range(5))
    for key in keys:
        count = int(np.frombuffer(source.read(8), dtype="<i8")[0])
        storages.setdefault(key, _Storage(key)).numbers = np.frombuffer(source.read(4 * count), dtype="<f4")
    return {name: tensor.array() for name, tensor in checkpoint["model_state"].items()}
