"""Which of two voices said each word of a mono recording.

Words are grouped into utterances (sentence ends, pauses), utterances are embedded by voice, the embeddings are split
into two clusters, and a Viterbi pass over the words finds the most likely sequence of voices: changing the voice is
cheap after a question, a sentence or a pause and expensive inside an utterance.  Clusters and sequence are refined in
turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from therapyflows.governance.evidence.model import Word
from therapyflows.integrations.speech.activity import Signal
from therapyflows.integrations.speech.decode import RATE
from therapyflows.integrations.speech.one_thread import one_thread
from therapyflows.integrations.speech.turns import ends_sentence
from therapyflows.integrations.speech.voiceprint import HOP, Window, load_encoder, mel_frames, training_scale

Vectors = NDArray[np.float32]
Labels = NDArray[np.intp]

UTTERANCE_PAUSE_S = 0.25
_SHORTEST, _LONGEST, _STEP = 80, 160, 100
"""Windows of 0.8 to 1.6 s, one a second in a long utterance (in mel frames)."""
_MARGIN = 5
_TELLING_S = 0.5
"""Shorter utterances are labelled but do not shape the clusters."""
_EVIDENCE = 5.0
"""Log odds of the voice that one clear 0.8 s window gives."""
_REACH_S = 0.8
_ROUNDS = 6
_CHANGES = 3
"""Fewer changes of voice need a whole sentence on each side to be believed."""
# Costs of a change of voice, as negative log odds.
_AFTER_QUESTION, _BETWEEN_UTTERANCES, _INSIDE_UTTERANCE = 0.1, 0.6, 8.0


@dataclass(frozen=True, slots=True)
class Voices:
    """Utterances in order, and the embedded windows: vector, centre in seconds, index of the utterance."""

    utterances: tuple[tuple[Word, ...], ...]
    vectors: Vectors
    centres_s: NDArray[np.float64]
    owners: Labels


@dataclass(frozen=True, slots=True)
class Separation:
    """The voice (0 or 1) of each word, and how far apart the two voices are (cosine distance of the centres)."""

    voices: tuple[int, ...]
    distance: float


def utterances(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    found: list[list[Word]] = []
    for word in words:
        last = found[-1][-1] if found else None
        if last is None or ends_sentence(last) or word.start_s - last.end_s > UTTERANCE_PAUSE_S:
            found.append([])
        found[-1].append(word)
    return [tuple(u) for u in found]


def embed(words: Sequence[Word], signal: Signal, offset_s: float) -> Voices:
    """Voice embeddings of one piece's words; ``signal`` begins at ``offset_s`` of the recording."""
    spoken = utterances(words)
    padded = np.pad(signal, (0, (_LONGEST + 2 * _MARGIN) * HOP))
    scale = _training_scale(spoken, signal, offset_s)
    windows: list[Window] = []
    owners: list[int] = []
    for owner, utterance in enumerate(spoken):
        placed = _windows(utterance, len(padded), offset_s, scale)
        windows += placed
        owners += [owner] * len(placed)
    with one_thread():
        vectors = load_encoder().embed(mel_frames(padded), windows)
    centres = np.array([offset_s + (w.start + w.length / 2) * HOP / RATE for w in windows], dtype=np.float64)
    return Voices(tuple(spoken), vectors, centres, np.array(owners, dtype=np.intp))


def _training_scale(spoken: Sequence[tuple[Word, ...]], signal: Signal, offset_s: float) -> float:
    """One factor for all utterances: that one voice is nearer to the microphone helps to tell the two apart."""
    spans = [(int((u[0].start_s - offset_s) * RATE), int((u[-1].end_s - offset_s) * RATE)) for u in spoken]
    return training_scale(np.concatenate([signal[max(0, a) : b] for a, b in spans])) if spans else 1.0


def _windows(utterance: tuple[Word, ...], samples: int, offset_s: float, scale: float) -> list[Window]:
    per_s = RATE / HOP
    begin = (utterance[0].start_s - offset_s) * per_s - _MARGIN
    end = (utterance[-1].end_s - offset_s) * per_s + _MARGIN
    length = int(np.clip(end - begin, _SHORTEST, _LONGEST))
    count = max(1, int(np.ceil((end - begin - _LONGEST) / _STEP)) + 1)
    starts = np.linspace(begin, end - length, count) if count > 1 else [(begin + end - length) / 2]
    return [Window(int(np.clip(start, 0, samples // HOP - length)), length, scale) for start in starts]


def joined(parts: Sequence[Voices]) -> Voices:
    """The voices of all pieces of a recording."""
    shifts = np.cumsum([0, *(len(part.utterances) for part in parts)])
    return Voices(
        tuple(u for part in parts for u in part.utterances),
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.centres_s for part in parts]),
        np.concatenate([part.owners + shift for part, shift in zip(parts, shifts, strict=False)]),
    )


def separate(voices: Voices) -> Separation:
    """Give every word to one of two voices."""
    with one_thread():
        return _separate(voices)


def _separate(voices: Voices) -> Separation:
    count = sum(len(u) for u in voices.utterances)
    weights = _weights(voices)
    if count == 0 or np.count_nonzero(weights) < 2:
        return Separation((0,) * count, 0.0)
    centres = _two_means(voices.vectors, weights)
    if centres is None:
        return Separation((0,) * count, 0.0)
    labels = np.zeros(count, dtype=np.intp)
    nearest = _nearest_words(voices)
    for _ in range(_ROUNDS):
        labels = _sequence(voices, _scores(voices.vectors, *centres))
        refined = _centres(voices.vectors, weights, labels[nearest])
        if refined is None or np.allclose(refined, centres):
            break
        centres = refined
    if np.count_nonzero(np.diff(labels)) < _CHANGES and not _each_has_a_sentence(voices.utterances, labels):
        return Separation((0,) * count, 0.0)
    return Separation(tuple(int(label) for label in labels), 1.0 - _cosine(*centres))


def _each_has_a_sentence(spoken: Sequence[tuple[Word, ...]], labels: Labels) -> bool:
    """A second voice that only takes over in the middle of a sentence is the first one, changing its tone."""
    words = [word for utterance in spoken for word in utterance]
    ends = [at for at, word in enumerate(words[:-1], start=1) if ends_sentence(word)]
    alone = {int(part[0]) for part in np.split(labels, ends) if (part == part[0]).all()}
    return len(alone) == 2


def _weights(voices: Voices) -> Vectors:
    lengths = np.array([u[-1].end_s - u[0].start_s for u in voices.utterances], dtype=np.float32)
    if not len(lengths):
        return lengths
    telling = np.where(lengths >= _TELLING_S, np.minimum(1.0, lengths / 0.8), 0.0).astype(np.float32)
    if np.count_nonzero(telling) < 2:  # nothing but "yes" and "no": then they have to do
        telling = np.minimum(1.0, np.maximum(lengths, 0.05) / 0.8).astype(np.float32)
    return np.asarray(telling[voices.owners], dtype=np.float32)


def _two_means(vectors: Vectors, weights: Vectors) -> tuple[Vectors, Vectors] | None:
    """Weighted 2-means, started along each of the four main axes, balanced and not; the tightest split wins."""
    used = weights > 0
    points, mass = vectors[used], weights[used]
    centred = points - np.average(points, axis=0, weights=mass)
    _, _, axes = np.linalg.svd(centred * np.sqrt(mass)[:, None], full_matrices=False)
    best: tuple[float, tuple[Vectors, Vectors]] | None = None
    for axis in axes[:4]:
        along = centred @ axis
        for threshold in (0.0, *np.quantile(along, (0.25, 0.75))):
            found = _lloyd(points, mass, (along > threshold).astype(np.intp))
            if found is not None and (best is None or found[0] < best[0]):
                best = found
    return best[1] if best else None


def _lloyd(points: Vectors, mass: Vectors, labels: Labels) -> tuple[float, tuple[Vectors, Vectors]] | None:
    centres = _centres(points, mass, labels)
    for _ in range(30):
        if centres is None:
            return None
        fresh = (_scores(points, *centres) < 0).astype(np.intp)
        if (fresh == labels).all():
            break
        labels, centres = fresh, _centres(points, mass, fresh)
    if centres is None or min(mass[labels == 0].sum(), mass[labels == 1].sum()) < 0.05 * mass.sum():
        return None
    spread = float((mass * np.square(points - np.stack(centres)[labels]).sum(axis=1)).sum())
    return spread, centres


def _centres(vectors: Vectors, weights: Vectors, labels: Labels) -> tuple[Vectors, Vectors] | None:
    masses = [weights * (labels == voice) for voice in (0, 1)]
    if any(not mass.any() for mass in masses):
        return None
    first, second = (np.average(vectors, axis=0, weights=mass).astype(np.float32) for mass in masses)
    return first, second


def _scores(vectors: Vectors, first: Vectors, second: Vectors) -> Vectors:
    """+1 at the first centre, -1 at the second, along the line between them."""
    line = first - second
    return np.asarray(2 * ((vectors - (first + second) / 2) @ line) / max(float(line @ line), 1e-9), dtype=np.float32)


def _cosine(first: Vectors, second: Vectors) -> float:
    return float(first @ second / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-9))


def _middles(utterance: tuple[Word, ...]) -> NDArray[np.float64]:
    return np.array([(w.start_s + w.end_s) / 2 for w in utterance])


def _nearest_words(voices: Voices) -> Labels:
    """For each window, the index of the word at its centre."""
    firsts = np.cumsum([0, *(len(u) for u in voices.utterances)])
    return np.array(
        [
            firsts[owner] + int(np.argmin(np.abs(_middles(voices.utterances[owner]) - centre)))
            for owner, centre in zip(voices.owners, voices.centres_s, strict=True)
        ],
        dtype=np.intp,
    )


def _sequence(voices: Voices, scores: Vectors) -> Labels:
    """The most likely voice of every word (Viterbi, two states)."""
    odds = np.concatenate([_word_odds(voices, scores, owner) for owner in range(len(voices.utterances))])
    costs = _change_costs(voices.utterances)
    best = np.zeros((len(odds), 2))
    came_from = np.zeros((len(odds), 2), dtype=np.intp)
    best[0] = odds[0] / 2, -odds[0] / 2
    for at in range(1, len(odds)):
        for voice in (0, 1):
            stay, change = best[at - 1, voice], best[at - 1, 1 - voice] - costs[at]
            came_from[at, voice] = voice if stay >= change else 1 - voice
            best[at, voice] = max(stay, change) + (odds[at] / 2 if voice == 0 else -odds[at] / 2)
    labels = np.zeros(len(odds), dtype=np.intp)
    labels[-1] = int(np.argmax(best[-1]))
    for at in range(len(odds) - 1, 0, -1):
        labels[at - 1] = came_from[at, labels[at]]
    return labels


def _word_odds(voices: Voices, scores: Vectors, owner: int) -> NDArray[np.float64]:
    """Log odds of voice 0 for each word of an utterance, from its windows, nearer ones counting more."""
    begin, end = np.searchsorted(voices.owners, (owner, owner + 1))
    utterance = voices.utterances[owner]
    near = np.maximum(0.05, 1 - np.abs(_middles(utterance)[:, None] - voices.centres_s[begin:end]) / _REACH_S)
    heard = near @ scores[begin:end] / near.sum(axis=1)
    share = np.clip([w.end_s - w.start_s for w in utterance], 0.1, 0.8) / 0.8
    return np.asarray(_EVIDENCE * heard * share, dtype=np.float64)


def _change_costs(spoken: Sequence[tuple[Word, ...]]) -> list[float]:
    costs: list[float] = []
    for before, utterance in zip([None, *spoken], spoken, strict=False):
        asked = before is not None and before[-1].text.endswith("?")
        costs.append(_AFTER_QUESTION if asked else _BETWEEN_UTTERANCES)
        costs += [_INSIDE_UTTERANCE] * (len(utterance) - 1)
    return costs
