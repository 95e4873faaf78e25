"""Verification of files: an export, and the checkpoints that were kept apart from it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from therapyflows.governance.audit import checkpoint, handover
from therapyflows.governance.audit.findings import MAX_PROBLEMS, Problem, ProblemKind, VerificationReport
from therapyflows.governance.audit.verify import Vouchers, verify_lines

Progress = Callable[[int], None]


def verify_export(
    export_path: Path,
    kept_apart: Sequence[Path],
    public_key: bytes,
    *,
    on_progress: Progress = lambda _: None,
) -> VerificationReport:
    """Verify an export (JSON lines) with checkpoint files, or folders of such files, and the public key alone.

    The export's first line is itself a checkpoint of its last entry, so a shortened export is noticed.
    Raises OSError when a file cannot be read.
    """
    unreadable: list[Problem] = []
    apart = read_vouchers(kept_apart, unreadable)
    with export_path.open("rb") as export:
        header = _parse([export.readline()], unreadable, "the export")
        report = verify_lines(
            export,
            _joined(header, apart),
            public_key,
            end=header.checkpoints[0].seq if header.checkpoints else None,
            first_line=2,
            on_progress=on_progress,
        )
    return with_problems(unreadable, report)


def verify_trail(
    lines: Iterable[bytes], kept_apart: Sequence[Path], public_key: bytes, *, on_progress: Progress = lambda _: None
) -> VerificationReport:
    """Verify lines from the database itself with the checkpoint files or folders, which may not exist yet."""
    unreadable: list[Problem] = []
    vouchers = read_vouchers([path for path in kept_apart if path.exists()], unreadable)
    return with_problems(unreadable, verify_lines(lines, vouchers, public_key, on_progress=on_progress))


def with_problems(found: Sequence[Problem], report: VerificationReport) -> VerificationReport:
    """The report with what was found beside the walk along the chain."""
    return replace(report, problems=(*found, *report.problems)[:MAX_PROBLEMS])


def read_vouchers(paths: Sequence[Path], unreadable: list[Problem]) -> Vouchers:
    """Checkpoints and hand-overs of these files and of the ``*.jsonl`` files in these folders."""
    files = [file for path in paths for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    found = Vouchers()
    for file in files:
        found = _joined(found, _parse(file.read_bytes().splitlines(keepends=True), unreadable, file.name))
    return found


def _joined(one: Vouchers, other: Vouchers) -> Vouchers:
    return Vouchers(one.checkpoints + other.checkpoints, one.handovers + other.handovers)


def _parse(lines: Iterable[bytes], unreadable: list[Problem], source: str) -> Vouchers:
    checkpoints, handovers = [], []
    for number, line in enumerate(lines, start=1):
        try:
            if not line.endswith(b"\n"):
                raise ValueError("the line is cut off")
            if handover.KIND.encode() in line:
                handovers.append(handover.from_line(line[:-1]))
            else:
                checkpoints.append(checkpoint.from_line(line[:-1]))
        except ValueError:
            message = f"line {number} of {source} is not a checkpoint"
            unreadable.append(Problem(ProblemKind.UNREADABLE, number, message))
    return Vouchers(tuple(checkpoints), tuple(handovers))
