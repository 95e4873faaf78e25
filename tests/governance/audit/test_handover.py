"""A signing key is exchanged: every key vouches for its own stretch, and an auditor may hold any of them."""

from dataclasses import replace

import pytest
from tests.governance.audit.test_verify import AT, TRAIL, found

from therapyflows.governance.audit import handover
from therapyflows.governance.audit.checkpoint import Checkpoint, Signer
from therapyflows.governance.audit.findings import ProblemKind, VerificationReport
from therapyflows.governance.audit.handover import Handover, hand_over
from therapyflows.governance.audit.verify import verify

FIRST, SECOND, THIRD, STRANGER = (Signer(bytes([n]) * 32) for n in (1, 2, 3, 9))


def at(seq: int, signer: Signer) -> Checkpoint:
    return signer.checkpoint(seq, TRAIL[seq - 1].hash, AT)


def over(old: Signer, new: Signer, seq: int) -> Handover:
    return hand_over(old, new, seq, TRAIL[seq - 1].hash, AT)


HANDOVERS = [over(FIRST, SECOND, 4), over(SECOND, THIRD, 8)]
CHECKPOINTS = [at(2, FIRST), at(4, FIRST), at(6, SECOND), at(12, THIRD)]


def check(
    signer: Signer, checkpoints: list[Checkpoint] = CHECKPOINTS, handovers: list[Handover] = HANDOVERS
) -> VerificationReport:
    return verify(TRAIL, checkpoints, signer.public_key, handovers)


@pytest.mark.parametrize("signer", [FIRST, SECOND, THIRD])
def test_whoever_holds_one_of_the_keys_can_verify_the_whole(signer: Signer) -> None:
    report = check(signer)
    assert (report.ok, report.checkpoints, report.covered_until) == (True, 4, 12)


def test_without_the_hand_over_another_key_vouches_for_nothing() -> None:
    report = check(FIRST, handovers=HANDOVERS[:1])
    assert found(report) == [(ProblemKind.CHECKPOINT_KEY, 12)]
    assert report.covered_until == 6


def test_a_retired_key_vouches_for_nothing_later() -> None:
    assert found(check(THIRD, [*CHECKPOINTS, at(9, FIRST)])) == [(ProblemKind.CHECKPOINT_KEY, 9)]


def test_a_new_key_vouches_for_nothing_earlier() -> None:
    assert found(check(FIRST, [*CHECKPOINTS, at(3, THIRD)])) == [(ProblemKind.CHECKPOINT_KEY, 3)]


def test_a_hand_over_that_only_one_of_the_two_signed_leads_nowhere() -> None:
    alone = replace(over(FIRST, STRANGER, 4), old_signature=STRANGER.sign(b"anything"))
    report = check(FIRST, [*CHECKPOINTS, at(12, STRANGER)], [*HANDOVERS, alone])
    assert found(report) == [(ProblemKind.CHECKPOINT_SIGNATURE, 4), (ProblemKind.CHECKPOINT_KEY, 12)]


def test_a_key_handed_over_twice_is_a_fork() -> None:
    report = check(FIRST, handovers=[*HANDOVERS, over(FIRST, STRANGER, 5)])
    assert (ProblemKind.FORKED, 5) in found(report)


@pytest.mark.parametrize("change", [{"seq": 5}, {"hash": "0" * 64}, {"new_key": STRANGER.public_key}, {"at": TRAIL}])
def test_a_changed_hand_over_is_found(change: dict[str, object]) -> None:
    change = {name: AT.replace(year=2025) if value is TRAIL else value for name, value in change.items()}
    report = check(FIRST, handovers=[replace(HANDOVERS[0], **change), HANDOVERS[1]])
    assert ProblemKind.CHECKPOINT_SIGNATURE in [kind for kind, _ in found(report)]


def test_a_hand_over_survives_being_written_and_read() -> None:
    line = handover.to_line(HANDOVERS[0])
    assert handover.from_line(line) == HANDOVERS[0]
    for other in (b"", b"{}", b"[]", line[:-1], line.replace(b'"seq":4', b'"seq": 4'), line.replace(b":4", b':"4"')):
        with pytest.raises(ValueError, match=r"."):
            handover.from_line(other)
