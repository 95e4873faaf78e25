"""Pieces, levels and silence."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.integrations.speech.activity import (
    FRAME,
    TARGET_LEVEL,
    Region,
    frame_levels,
    gain_for,
    normalised,
    pieces,
    speech_in,
    speech_level,
)
from therapyflows.integrations.speech.decode import RATE


@given(st.integers(0, 3_000 * RATE), st.integers(0, 2**32 - 1), st.floats(1, 600))
def test_pieces_cover_everything_and_none_is_too_long(total: int, seed: int, max_s: float) -> None:
    levels = np.random.default_rng(seed).random(total // FRAME).astype(np.float32)
    found = pieces(levels, total, max_s=max_s)
    assert found[0].start == 0
    assert found[-1].end == total
    assert all(a.end == b.start for a, b in itertools.pairwise(found))
    assert all(p.end - p.start <= max_s * RATE for p in found)
    assert all(p.end > p.start for p in found) or total == 0


def test_pieces_are_cut_at_silences() -> None:
    levels = np.ones(1000 * RATE // FRAME, dtype=np.float32)
    silence = slice(560 * RATE // FRAME, 562 * RATE // FRAME)
    levels[silence] = 0
    first, _ = pieces(levels, 1000 * RATE)
    assert 560 * RATE < first.end < 562 * RATE


@given(st.floats(1e-3, 1.0))
def test_any_level_is_brought_to_the_same(level: float) -> None:
    samples = (level * np.sin(np.arange(4 * RATE) / 5)).astype(np.float16)
    gain = gain_for(speech_level(frame_levels(samples)))
    signal = normalised(samples, Region(0, len(samples)), gain)
    assert abs(float(np.sqrt(np.mean(signal**2))) - TARGET_LEVEL) < 0.1 * TARGET_LEVEL


def test_silence_is_not_amplified() -> None:
    assert gain_for(speech_level(frame_levels(np.zeros(RATE, np.float16)))) == 1.0


def test_nobody_speaks_in_silence_or_noise() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 20 * RATE).astype(np.float32)
    assert speech_in(np.zeros(20 * RATE, np.float32)) == []
    assert speech_in(noise) == []


def test_speech_is_found_where_it_is(jfk) -> None:  # type: ignore[no-untyped-def]
    padded = np.concatenate([np.zeros(20 * RATE, np.float32), jfk, np.zeros(20 * RATE, np.float32)])
    regions = speech_in(padded, offset=RATE)
    assert regions[0].start > 20 * RATE
    assert regions[-1].end < (20 + 11 + 2) * RATE
    assert sum(r.end - r.start for r in regions) > 7 * RATE
