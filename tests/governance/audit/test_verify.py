import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from therapyflows.governance.audit import chain, checkpoint
from therapyflows.governance.audit.checkpoint import Checkpoint, Signer
from therapyflows.governance.audit.files import verify_export
from therapyflows.governance.audit.findings import MAX_PROBLEMS, ProblemKind, VerificationReport
from therapyflows.governance.audit.model import Action, Actor, AuditEntry, ChainedEntry
from therapyflows.governance.audit.verify import PROGRESS_EVERY, verify

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SIGNER = Signer(b"signing key for the tests only..")
LENGTH = 12


def trail(length: int = LENGTH, *, actor: str = "u-1") -> list[ChainedEntry]:
    found: list[ChainedEntry] = []
    for seq in range(1, length + 1):
        entry = AuditEntry(Action.DRAFT_VIEWED, Actor("person", actor), f"draft/drf_{seq}", details={"n": seq})
        found.append(chain.link(seq, AT, entry, found[-1].hash if found else chain.GENESIS))
    return found


TRAIL = trail()
CHECKPOINTS = [SIGNER.checkpoint(seq, TRAIL[seq - 1].hash, AT) for seq in (5, 10)]


def check(entries: list[ChainedEntry], checkpoints: list[Checkpoint] = CHECKPOINTS) -> VerificationReport:
    return verify(entries, checkpoints, SIGNER.public_key)


def found(report: VerificationReport) -> list[tuple[ProblemKind, int]]:
    return [(problem.kind, problem.seq) for problem in report.problems]


def test_an_untouched_trail_verifies() -> None:
    report = check(TRAIL)
    assert (report.ok, report.entries, report.last_seq, report.checkpoints, report.covered_until) == (
        True,
        12,
        12,
        2,
        10,
    )


def test_an_altered_entry_is_named() -> None:
    other = replace(TRAIL[3], entry=replace(TRAIL[3].entry, outcome="refused"))
    assert found(check([*TRAIL[:3], other, *TRAIL[4:]])) == [(ProblemKind.ALTERED, 4)]


def test_an_entry_that_was_altered_with_its_hash_breaks_the_link_to_the_next() -> None:
    other = chain.link(4, AT, replace(TRAIL[3].entry, outcome="refused"), TRAIL[3].prev_hash)
    assert found(check([*TRAIL[:3], other, *TRAIL[4:]])) == [(ProblemKind.BROKEN_LINK, 5)]


def test_a_deleted_entry_is_named() -> None:
    assert found(check([*TRAIL[:3], *TRAIL[4:]])) == [(ProblemKind.DELETED, 4)]


def test_a_deleted_beginning_is_named() -> None:
    assert found(check(TRAIL[2:])) == [(ProblemKind.DELETED, 1)]


def test_an_inserted_entry_is_named() -> None:
    assert (ProblemKind.INSERTED, 4) in found(check([*TRAIL[:4], TRAIL[3], *TRAIL[4:]]))


def test_reordered_entries_are_named() -> None:
    assert (ProblemKind.REORDERED, 4) in found(check([*TRAIL[:3], TRAIL[4], TRAIL[3], *TRAIL[5:]]))


def test_a_tail_cut_off_before_a_checkpoint_is_named() -> None:
    assert found(check(TRAIL[:8])) == [(ProblemKind.TRUNCATED, 10)]
    assert found(check([])) == [(ProblemKind.TRUNCATED, 5), (ProblemKind.TRUNCATED, 10)]


def test_a_trail_rewritten_as_a_whole_contradicts_the_checkpoints() -> None:
    assert found(check(trail(actor="u-2"))) == [(ProblemKind.REWRITTEN, 5), (ProblemKind.REWRITTEN, 10)]


def test_a_trail_without_any_checkpoint_is_not_vouched_for() -> None:
    assert found(check(TRAIL, [])) == [(ProblemKind.NO_CHECKPOINT, 12)]
    assert check([], []).ok


def test_a_checkpoint_of_another_key_is_named_and_vouches_for_nothing() -> None:
    other = Signer(bytes(32)).checkpoint(5, TRAIL[4].hash, AT)
    report = check(TRAIL, [other])
    assert found(report) == [(ProblemKind.CHECKPOINT_KEY, 5), (ProblemKind.NO_CHECKPOINT, 12)]


def test_a_checkpoint_of_another_key_under_our_name_does_not_pass() -> None:
    other = replace(Signer(bytes(32)).checkpoint(5, TRAIL[4].hash, AT), key_id=SIGNER.key_id)
    assert (ProblemKind.CHECKPOINT_SIGNATURE, 5) in found(check(TRAIL, [*CHECKPOINTS, other]))


@pytest.mark.parametrize("change", [{"seq": 4}, {"hash": "0" * 64}, {"at": AT.replace(year=2025)}, {"signature": "!"}])
def test_a_changed_checkpoint_is_named(change: dict[str, object]) -> None:
    other = replace(CHECKPOINTS[0], **change)
    assert ProblemKind.CHECKPOINT_SIGNATURE in [kind for kind, _ in found(check(TRAIL, [other, CHECKPOINTS[1]]))]


def later(seq: int, **by: float) -> list[ChainedEntry]:
    """The trail as a clock would have made it that jumped before this entry."""
    made: list[ChainedEntry] = []
    for old in TRAIL:
        at = AT + timedelta(**by) if old.seq >= seq else AT
        made.append(chain.link(old.seq, at, old.entry, made[-1].hash if made else chain.GENESIS))
    return made


def test_a_clock_that_went_backwards_is_named() -> None:
    backwards = later(7, hours=-1)
    signed = [SIGNER.checkpoint(12, backwards[-1].hash, AT)]
    assert found(check(backwards, signed)) == [(ProblemKind.BACKDATED, 7)]


def test_a_checkpoint_signed_before_its_entry_was_made_is_named() -> None:
    ahead = later(7, hours=1)
    signed = [SIGNER.checkpoint(seq, ahead[seq - 1].hash, AT) for seq in (5, 12)]
    assert found(check(ahead, signed)) == [(ProblemKind.BACKDATED, 12)]


def test_two_histories_under_one_key_are_named() -> None:
    """One trail for the practice, another for the auditor: their checkpoints tell."""
    other = trail(actor="u-2")
    signed_too = SIGNER.checkpoint(10, other[9].hash, AT)
    report = check(TRAIL, [*CHECKPOINTS, signed_too])
    assert found(report) == [(ProblemKind.FORKED, 10), (ProblemKind.REWRITTEN, 10)]


def test_a_trail_continued_in_two_ways_is_named() -> None:
    other = [*TRAIL[:8]]
    for old in TRAIL[8:]:
        entry = replace(old.entry, outcome="other")
        other.append(chain.link(old.seq, AT, entry, other[-1].hash))
    assert found(check(other)) == [(ProblemKind.REWRITTEN, 10)]


def test_an_entry_put_between_two_others_is_named() -> None:
    extra = chain.link(5, AT, TRAIL[0].entry, TRAIL[3].hash)
    assert (ProblemKind.INSERTED, 5) in found(check([*TRAIL[:4], extra, *TRAIL[4:]]))


def test_the_same_checkpoint_kept_in_two_places_counts_once() -> None:
    assert check(TRAIL, CHECKPOINTS * 2).checkpoints == 2


def test_a_trail_wrong_everywhere_is_reported_up_to_a_limit() -> None:
    long = trail(3 * MAX_PROBLEMS)
    wrong = [replace(each, entry=replace(each.entry, outcome="x")) for each in long]
    report = check(wrong, [SIGNER.checkpoint(5, long[4].hash, AT)])
    assert len(report.problems) == MAX_PROBLEMS


# --- exports ------------------------------------------------------------------------------------------------------


def export_of(entries: list[ChainedEntry]) -> bytes:
    header = SIGNER.checkpoint(entries[-1].seq, entries[-1].hash, AT)
    return b"".join(line + b"\n" for line in (checkpoint.to_line(header), *map(chain.to_line, entries)))


EXPORT = export_of(TRAIL)


@pytest.fixture
def verified(tmp_path: Path) -> Callable[[bytes], VerificationReport]:
    """Verify these bytes as an export, with the checkpoints that were kept apart."""
    kept_apart = tmp_path / "checkpoints"
    kept_apart.mkdir()
    (kept_apart / "a.jsonl").write_bytes(b"".join(checkpoint.to_line(c) + b"\n" for c in CHECKPOINTS))

    def verified(export: bytes) -> VerificationReport:
        (tmp_path / "export.jsonl").write_bytes(export)
        return verify_export(tmp_path / "export.jsonl", [kept_apart], SIGNER.public_key)

    return verified


Verified = Callable[[bytes], VerificationReport]
several = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_an_untouched_export_verifies(verified: Verified) -> None:
    report = verified(EXPORT)
    assert (report.ok, report.entries, report.covered_until) == (True, 12, 12)


@given(place=st.integers(0, len(EXPORT) - 1), mask=st.integers(1, 255))
@several
def test_any_changed_byte_of_an_export_is_found(verified: Verified, place: int, mask: int) -> None:
    changed = bytearray(EXPORT)
    changed[place] ^= mask
    assert not verified(bytes(changed)).ok


@given(end=st.integers(0, len(EXPORT) - 1))
@several
def test_any_shortened_export_is_found(verified: Verified, end: int) -> None:
    assert not verified(EXPORT[:end]).ok


@given(order=st.lists(st.integers(0, LENGTH), max_size=LENGTH + 3).filter(lambda o: o != list(range(LENGTH + 1))))
@several
def test_any_other_selection_or_order_of_lines_is_found(verified: Verified, order: list[int]) -> None:
    lines = EXPORT.splitlines(keepends=True)
    assert not verified(b"".join(lines[i] for i in order)).ok


@given(entry=st.integers(0, LENGTH - 1), field=st.sampled_from(["outcome", "client_id", "resource", "sent_digest"]))
@several
def test_any_altered_field_is_found_even_with_every_later_hash_made_anew(
    verified: Verified, entry: int, field: str
) -> None:
    forged = list(TRAIL)
    forged[entry] = replace(forged[entry], entry=replace(forged[entry].entry, **{field: "forged"}))
    for i in range(entry, LENGTH):
        forged[i] = chain.link(i + 1, AT, forged[i].entry, forged[i - 1].hash if i else chain.GENESIS)
    header = EXPORT.splitlines(keepends=True)[0]
    assert not verified(header + b"".join(chain.to_line(e) + b"\n" for e in forged)).ok


def test_entries_added_after_the_signed_end_are_found(verified: Verified) -> None:
    extra = chain.link(13, AT, TRAIL[0].entry, TRAIL[-1].hash)
    assert (ProblemKind.INSERTED, 13) in found(verified(EXPORT + chain.to_line(extra) + b"\n"))


LINES = EXPORT.splitlines(keepends=True)
ACTION = b'"action":"draft.viewed",'
SWAPPED = LINES[4].replace(ACTION, b"").replace(b'"at"', ACTION + b'"at"')


@pytest.mark.parametrize(
    "line",
    [LINES[4][:-5], LINES[4][:-1], SWAPPED, LINES[4].replace(b":", b": "), b"\n", b"{}\n"],
    ids=["cut off", "without its end", "keys swapped", "with blanks", "empty", "something else"],
)
def test_a_line_in_another_form_is_named_by_the_entry_that_should_stand_there(verified: Verified, line: bytes) -> None:
    report = verified(b"".join([*LINES[:4], line, *LINES[5:]]))
    assert (ProblemKind.UNREADABLE, 4) in found(report)
    assert "line 5 " in report.problems[0].message


def test_a_checkpoint_file_that_was_exchanged_for_another_trails_is_found(verified: Verified, tmp_path: Path) -> None:
    other = trail(actor="u-2")
    lines = [checkpoint.to_line(SIGNER.checkpoint(seq, other[seq - 1].hash, AT)) for seq in (5, 10)]
    (tmp_path / "checkpoints" / "a.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    assert found(verified(EXPORT)) == [(ProblemKind.REWRITTEN, 5), (ProblemKind.REWRITTEN, 10)]


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[int] = []
    (tmp_path / "export.jsonl").write_bytes(export_of(trail(PROGRESS_EVERY)))
    verify_export(tmp_path / "export.jsonl", [], SIGNER.public_key, on_progress=told.append)
    assert told == [PROGRESS_EVERY]


def test_an_older_export_is_found_by_a_later_checkpoint(verified: Verified) -> None:
    assert found(verified(export_of(TRAIL[:8]))) == [(ProblemKind.TRUNCATED, 10)]


def test_the_header_holds_nothing_but_the_checkpoint() -> None:
    header = json.loads(EXPORT.splitlines()[0])
    assert set(header) == {"kind", "version", "seq", "hash", "at", "key_id", "signature"}


def test_a_file_of_something_else_is_told_not_crashed_on(verified: Verified) -> None:
    for rubbish in (b"", b"\n", b"\x00\xff\n\n", b"{}\n[]\n", b"[" * 50_000 + b"\n"):
        assert not verified(rubbish).ok
