"""The packaged models."""

import hashlib
from pathlib import Path

from therapyflows.integrations.speech.weights import BASE_SHA256, model_path


def test_the_base_model_is_joined_once_and_is_what_it_should_be(tmp_path: Path) -> None:
    first = Path(model_path("base", tmp_path))
    written = (first / "model.bin").stat().st_mtime_ns
    assert hashlib.sha256((first / "model.bin").read_bytes()).hexdigest() == BASE_SHA256
    assert {p.name for p in first.iterdir()} == {"model.bin", "config.json", "tokenizer.json", "vocabulary.json"}
    assert model_path("base", tmp_path) == str(first)
    assert (first / "model.bin").stat().st_mtime_ns == written
    assert [p.name for p in tmp_path.iterdir()] == [first.name]


def test_a_half_written_model_is_joined_again(tmp_path: Path) -> None:
    path = Path(model_path("base", tmp_path)) / "model.bin"
    path.write_bytes(path.read_bytes()[:1000])
    assert Path(model_path("base", tmp_path)) / "model.bin" == path
    assert hashlib.sha256(path.read_bytes()).hexdigest() == BASE_SHA256


def test_the_fast_model_lies_in_its_package(tmp_path: Path) -> None:
    assert (Path(model_path("fast", tmp_path)) / "model.bin").is_file()


def test_any_other_name_is_left_to_faster_whisper(tmp_path: Path) -> None:
    assert model_path("large-v3-turbo", tmp_path) == "large-v3-turbo"
