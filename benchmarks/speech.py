"""Word error rate, speaker error, processor time and memory of the transcription step, beside plain faster-whisper.

    python benchmarks/speech.py            the three sample recordings
    python benchmarks/speech.py --long     and an hour of the first one
    python benchmarks/speech.py --json     for a machine

Each measurement runs in a fresh process, so that its peak memory is its own.  On a busy machine processor
time varies by a tenth from run to run: ``--repeat 3`` takes the best of three.  The model is loaded before the clock
starts, in both.  "plain" is ``WhisperModel.transcribe(vad_filter=True, word_timestamps=True)`` with the same model,
compute type, threads and beam on the file as it is (faster-whisper mixes channels to one); "plain/ch" is the same on
each channel of a stereo file, which is the least that gives speakers.

Text is compared in lower case without punctuation and hesitations (um, uh, mm, hmm, er, ah), hyphens as spaces,
contractions written out (it's -> it is) and numbers below 21 as digits, on both sides, as Whisper's own normaliser
does.
Speaker error: of the reference words aligned to a recognized word (equal or substituted), the share that stands under
the wrong speaker; "assigned" uses the roles as given, "best" the better of both ways to name the voices.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("THERAPYFLOWS_DATA", Path(__file__).parents[2] / "shared" / "data")) / "audio"
CACHE = Path(os.environ.get("THERAPYFLOWS_DATA_DIR", Path.home() / ".therapyflows")) / "models"
SAMPLES = {
    "annomi23_stereo.opus": "annomi23.json",
    "annomi23_mono.opus": "annomi23.json",
    "two_speakers.wav": "two_speakers.stm",
}
HESITATIONS = {"um", "uh", "umm", "uhh", "mm", "mmm", "mhm", "hm", "hmm", "er", "erm", "ah"}
NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
DIGITS = {word: str(value) for value, word in enumerate(NUMBERS)}
CONTRACTIONS = (
    (r"\bwon't\b", "will not"),
    (r"\bcan't\b", "can not"),
    (r"n't\b", " not"),
    (r"'re\b", " are"),
    (r"'ve\b", " have"),
    (r"'ll\b", " will"),
    (r"'d\b", " would"),
    (r"'m\b", " am"),
    (r"\b(it|that|there|he|she|what|who|how|where|here)'s\b", r"\1 is"),
    (r"\blet's\b", "let us"),
)


def normalised(text: str) -> list[str]:
    text = text.lower().replace("’", "'")
    for pattern, written_out in CONTRACTIONS:
        text = re.sub(pattern, written_out, text)
    words = re.sub(r"[^a-z0-9' ]", " ", text).replace("'", "").split()
    return [DIGITS.get(word, word) for word in words if word not in HESITATIONS]


def reference(name: str) -> list[tuple[str, str]]:
    """(word, speaker) in order."""
    path = DATA / SAMPLES[name]
    if path.suffix == ".json":
        turns = [(turn["speaker"], turn["text"]) for turn in json.loads(path.read_text("utf-8"))]
    else:
        turns = [(fields[2], fields[5]) for fields in (line.split(None, 5) for line in path.read_text().splitlines())]
    return [(word, speaker) for speaker, text in turns for word in normalised(text)]


def compare(name: str, heard: list[tuple[str, str]]) -> dict[str, float | None]:
    """WER and speaker error of (speaker, text) segments."""
    import jiwer

    expected = reference(name)
    found = [(word, speaker) for speaker, text in heard for word in normalised(text)]
    result = jiwer.process_words(" ".join(w for w, _ in expected), " ".join(w for w, _ in found) or "-")
    pairs: Counter[tuple[str, str]] = Counter()
    for chunk in result.alignments[0]:
        if chunk.type in ("equal", "substitute"):
            ours = range(chunk.hyp_start_idx, chunk.hyp_end_idx)
            for want, got in zip(range(chunk.ref_start_idx, chunk.ref_end_idx), ours, strict=True):
                pairs[expected[want][1], found[got][1]] += 1
    total = sum(pairs.values())
    names = sorted({speaker for _, speaker in expected})
    named = {"therapist", "client"} == set(names)
    wrong = sum(n for (want, got), n in pairs.items() if want != got)
    mappings = ({names[0]: a, names[1]: b} for a, b in (("therapist", "client"), ("client", "therapist")))
    best = min(sum(n for (want, got), n in pairs.items() if mapping[want] != got) for mapping in mappings)
    return {"wer": result.wer, "assigned": wrong / total if named else None, "best": best / total}


def ours(path: Path, config: dict[str, Any]) -> list[tuple[str, str]]:
    from therapyflows.integrations.speech import SpeechConfig, WhisperRecognizer
    from therapyflows.integrations.speech.whisper import load_model

    settings = SpeechConfig(**config)
    load_model(settings, CACHE)
    start_clock()
    transcript = WhisperRecognizer(settings, CACHE).transcribe(path)
    return [(segment.speaker.value, segment.text) for segment in transcript.segments]


def plain(path: Path, config: dict[str, Any], *, per_channel: bool = False) -> list[tuple[str, str]]:
    from faster_whisper import decode_audio

    from therapyflows.integrations.speech import SpeechConfig
    from therapyflows.integrations.speech.whisper import load_model

    model = load_model(SpeechConfig(**config), CACHE)
    start_clock()
    heard = []
    for audio in decode_audio(str(path), split_stereo=True) if per_channel else (str(path),):
        segments, _ = model.transcribe(
            audio,
            language=config["language"],
            beam_size=config["beam_size"],
            vad_filter=True,
            word_timestamps=True,
        )
        heard += [("unknown", segment.text) for segment in segments]
    return heard


_started = {"cpu": 0.0, "wall": 0.0}


def start_clock() -> None:
    _started.update(cpu=time.process_time(), wall=time.perf_counter())


def child(way: str, path: Path, config: dict[str, Any]) -> None:
    """One measurement, printed as JSON on the last line."""
    heard = ours(path, config) if way == "ours" else plain(path, config, per_channel=way == "plain/ch")
    report = {
        "heard": heard,
        "cpu_s": time.process_time() - _started["cpu"],
        "wall_s": time.perf_counter() - _started["wall"],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(report))


def measure(way: str, path: Path, config: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", way, "--file", str(path), "--config", json.dumps(config)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def seconds(path: Path) -> float:
    import av

    with av.open(str(path)) as container:
        return float(container.duration) / 1e6


def hour_of(path: Path, folder: Path) -> Path:
    """The sample repeated to 60 minutes, as FLAC at 16 kHz."""
    import av
    import numpy as np
    from faster_whisper import decode_audio

    once = np.stack(decode_audio(str(path), split_stereo=True))
    samples = (once * 32767).astype(np.int16).T.reshape(1, -1)
    target = folder / f"hour_of_{path.stem}.flac"
    with av.open(str(target), "w") as container:
        stream = container.add_stream("flac", rate=16_000, layout="stereo")
        written = 0
        while written < 3600 * 16_000:
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
            frame.sample_rate, frame.pts = 16_000, written
            container.mux(stream.encode(frame))
            written += samples.shape[1] // 2
        container.mux(stream.encode(None))
    return target


def row(name: str, way: str, length_s: float, report: dict[str, Any], scores: dict[str, float | None]) -> str:
    def percent(value: float | None) -> str:
        return "    -" if value is None else f"{100 * value:5.1f}"

    quality = " ".join(percent(scores.get(key)) for key in ("wer", "assigned", "best"))
    return (
        f"{name:24} {way:9} {quality} "
        f"{report['cpu_s'] / length_s:8.3f} {report['wall_s'] / length_s:8.3f} {report['peak_mb']:8.0f}"
    )


def run(names: list[str], config: dict[str, Any], *, long: bool, as_json: bool, repeat: int) -> None:
    results = []
    if not as_json:
        print(f"{'':34} WER %  speaker error %     real-time factor   peak")
        print(f"{'file':24} {'way':9}       given  best      CPU     wall       MB")
    with tempfile.TemporaryDirectory() as folder:
        files = [(name, DATA / name) for name in names]
        if long:
            hour = hour_of(DATA / names[0], Path(folder))
            files.append((hour.name, hour))
        for name, path in files:
            length_s = seconds(path)
            ways = ("ours", "plain", "plain/ch") if "stereo" in name and name in SAMPLES else ("ours", "plain")
            rounds = [{way: measure(way, path, config) for way in ways} for _ in range(repeat)]
            reports = {way: min((one[way] for one in rounds), key=lambda report: report["cpu_s"]) for way in ways}
            for way, report in reports.items():
                scores = compare(name, report.pop("heard")) if name in SAMPLES else {}
                if way != "ours":
                    scores = {"wer": scores.get("wer")} if way == "plain" else {}
                results.append({"file": name, "way": way, "length_s": length_s, **report, **scores})
                if not as_json:
                    print(row(name, way, length_s, report, scores), flush=True)
            ratio = reports["ours"]["cpu_s"] / reports["plain"]["cpu_s"]
            results.append({"file": name, "cpu_ratio": ratio})
            if not as_json:
                print(f"{'':24} processor time of ours / plain: {ratio:.2f}", flush=True)
    if as_json:
        print(json.dumps({"config": config, "results": results}, indent=2))


def main() -> None:
    from therapyflows.integrations.speech import SpeechConfig

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="also an hour of the first file")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeat", type=int, default=1, help="rounds; the one with the least processor time counts")
    parser.add_argument("--only", choices=SAMPLES, action="append", help="only this file (may be repeated)")
    parser.add_argument("--model", default="base")
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--config", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.file, arguments.config)
        return
    if not DATA.is_dir():
        sys.exit(f"no recordings in {DATA}: set THERAPYFLOWS_DATA")
    config = asdict(SpeechConfig(model=arguments.model, beam_size=arguments.beam))
    run(arguments.only or list(SAMPLES), config, long=arguments.long, as_json=arguments.json, repeat=arguments.repeat)


if __name__ == "__main__":
    main()
