import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from therapyflows.integrations.store._group_commit import MAX_BATCH, GroupCommit, _Ticket


def test_everyone_gets_the_result_of_their_own_item() -> None:
    group: GroupCommit[int, int] = GroupCommit(lambda items: [item * 2 for item in items])
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(group.submit, range(500))) == [n * 2 for n in range(500)]


def test_who_comes_while_a_batch_is_written_shares_the_next_one() -> None:
    batches: list[list[int]] = []
    first_is_in, go_on = threading.Event(), threading.Event()

    def commit(items: Sequence[int]) -> Sequence[int]:
        batches.append(list(items))
        if len(batches) == 1:
            first_is_in.set()
            go_on.wait(10)
        return items

    group: GroupCommit[int, int] = GroupCommit(commit)
    with ThreadPoolExecutor(12) as threads:
        first = threads.submit(group.submit, 0)
        first_is_in.wait(10)
        others = [threads.submit(group.submit, n) for n in range(1, 11)]
        while len(group._waiting) < 10:
            threading.Event().wait(0.001)
        go_on.set()
        assert [first.result(), *(other.result() for other in others)] == list(range(11))
    assert (batches[0], sorted(batches[1]), len(batches)) == ([0], list(range(1, 11)), 2)


def test_a_failed_batch_fails_for_everyone_in_it_and_for_nobody_after() -> None:
    def commit(items: Sequence[str]) -> Sequence[str]:
        if "bad" in items:
            raise OSError("disk full")
        return items

    group: GroupCommit[str, str] = GroupCommit(commit)
    with pytest.raises(OSError, match="disk full"):
        group.submit("bad")
    assert group.submit("good") == "good"


def test_no_batch_is_larger_than_allowed() -> None:
    sizes: list[int] = []

    def commit(items: Sequence[int]) -> Sequence[int]:
        sizes.append(len(items))
        return items

    group: GroupCommit[int, int] = GroupCommit(commit)
    group._waiting = [_Ticket(n, []) for n in range(MAX_BATCH + 10)]
    assert group.submit(7) == 7
    assert sizes == [MAX_BATCH, 11]
