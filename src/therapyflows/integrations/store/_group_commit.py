"""Many threads that each store a little share one transaction, and so one fsync.

A thousand webhooks at once cost a few commits instead of a thousand, and each caller still returns only after its own
item is on disk.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_BATCH = 500


@dataclass(slots=True, eq=False)
class _Ticket(Generic[Item, Result]):
    item: Item
    results: list[Result]
    error: BaseException | None = None
    done: bool = False


class GroupCommit(Generic[Item, Result]):
    """``commit`` stores a batch in one transaction and returns one result per item, in order."""

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._commit = commit
        self._waiting: list[_Ticket[Item, Result]] = []
        self._guard = threading.Lock()
        self._turn = threading.Lock()

    def submit(self, item: Item) -> Result:
        """Store the item, alone or with others that wait; raises what the commit raised."""
        ticket: _Ticket[Item, Result] = _Ticket(item, [])
        with self._guard:
            self._waiting.append(ticket)
        with self._turn:
            while not ticket.done:
                self._commit_waiting()
        if ticket.error is not None:
            raise ticket.error
        return ticket.results[0]

    def _commit_waiting(self) -> None:
        with self._guard:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        try:
            results = self._commit([ticket.item for ticket in batch])
            for ticket, result in zip(batch, results, strict=True):
                ticket.results.append(result)
        except BaseException as error:
            for ticket in batch:
                ticket.error = error
        finally:
            for ticket in batch:
                ticket.done = True
