"""The script for auditors who do not trust this program says what this program says."""

import ast
import base64
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.governance.audit.test_handover import CHECKPOINTS, FIRST, HANDOVERS, THIRD
from tests.governance.audit.test_verify import AT, TRAIL, later, trail

from therapyflows.governance.audit import chain, checkpoint, handover
from therapyflows.governance.audit.checkpoint import Signer
from therapyflows.governance.audit.files import verify_export
from therapyflows.governance.audit.model import ChainedEntry

SCRIPT = Path(__file__).parents[2] / "docs" / "auditors" / "verify_audit.py"


@dataclass
class Bundle:
    """What an auditor was handed."""

    export: list[bytes]
    apart: list[bytes]
    public_key: bytes


def export_of(entries: list[ChainedEntry], signer: Signer = THIRD) -> list[bytes]:
    header = signer.checkpoint(entries[-1].seq, entries[-1].hash, max(AT, entries[-1].at))
    return [line + b"\n" for line in (checkpoint.to_line(header), *map(chain.to_line, entries))]


def kept_apart() -> list[bytes]:
    lines = [*map(checkpoint.to_line, CHECKPOINTS), *map(handover.to_line, HANDOVERS)]
    return [line + b"\n" for line in lines]


def bundle() -> Bundle:
    return Bundle(export_of(TRAIL), kept_apart(), FIRST.public_key)


def both(bundle: Bundle, folder: Path) -> tuple[bool, bool]:
    """(the script finds it intact, our program does)."""
    (folder / "export.jsonl").write_bytes(b"".join(bundle.export))
    apart = folder / "apart"
    apart.mkdir()
    (apart / "kept.jsonl").write_bytes(b"".join(bundle.apart))
    key = base64.b64encode(bundle.public_key).decode()
    script = subprocess.run(
        [sys.executable, "-I", SCRIPT, folder / "export.jsonl", key, apart], capture_output=True, text=True, check=False
    )
    assert script.stdout.startswith("intact" if script.returncode == 0 else "NOT INTACT"), script.stderr
    ours = verify_export(folder / "export.jsonl", [apart], bundle.public_key)
    return script.returncode == 0, ours.ok


def test_both_find_an_untouched_trail_intact(tmp_path: Path) -> None:
    assert both(bundle(), tmp_path) == (True, True)


def drop(index: int) -> Callable[[Bundle], None]:
    return lambda b: b.export.pop(index) and None


def replace_in(index: int, old: bytes, new: bytes) -> Callable[[Bundle], None]:
    def deed(b: Bundle) -> None:
        assert old in b.export[index]
        b.export[index] = b.export[index].replace(old, new)

    return deed


def forged(b: Bundle) -> None:
    b.export = export_of(trail(actor="u-2"))


def backwards(b: Bundle) -> None:
    b.export, b.apart = export_of(later(7, hours=-1), FIRST), []


def swapped(b: Bundle) -> None:
    b.export[3], b.export[4] = b.export[4], b.export[3]


TAMPERING: dict[str, Callable[[Bundle], None]] = {
    "altered": replace_in(4, b'"outcome":"ok"', b'"outcome":"no"'),
    "deleted": drop(5),
    "head cut off": drop(1),
    "tail cut off": drop(-1),
    "no header": drop(0),
    "reordered": swapped,
    "doubled": lambda b: b.export.insert(4, b.export[3]),
    "inserted behind the end": lambda b: b.export.append(b.export[-1].replace(b'"seq":12', b'"seq":13')),
    "another form": replace_in(4, b'"outcome":', b'"outcome": '),
    "cut in the middle of a line": lambda b: b.export.append(b.export.pop()[:-20]),
    "clock backwards": backwards,
    "rewritten": forged,
    "signed with another key": lambda b: b.export.__setitem__(0, export_of(TRAIL, Signer(bytes(32)))[0]),
    "another public key": lambda b: setattr(b, "public_key", Signer(bytes(32)).public_key),
    "a hand-over removed": lambda b: b.apart.pop() and None,
    "a hand-over changed": lambda b: b.apart.__setitem__(-1, b.apart[-1].replace(b'"seq":8', b'"seq":9')),
    "a checkpoint changed": lambda b: b.apart.__setitem__(0, b.apart[0].replace(b'"seq":2', b'"seq":3')),
    "an older export": lambda b: setattr(b, "export", export_of(TRAIL[:9])),
}


@pytest.mark.parametrize("deed", TAMPERING.values(), ids=TAMPERING.keys())
def test_both_find_what_was_tampered_with(tmp_path: Path, deed: Callable[[Bundle], None]) -> None:
    given = bundle()
    deed(given)
    assert both(given, tmp_path) == (False, False)


def test_the_script_needs_nothing_but_python_and_cryptography_and_can_be_read_at_one_sitting() -> None:
    code = SCRIPT.read_text()
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {n.module if isinstance(n, ast.ImportFrom) else n.names[0].name for n in imports}
    assert {name.split(".")[0] for name in names if name} - sys.stdlib_module_names == {"cryptography"}
    assert len(code.splitlines()) < 150
