"""Lists: follow ``next`` until it is null, whatever the pages look like."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from therapyflows.core.errors import Invalid
from therapyflows.integrations.ehr.therapynotes._call import Answer, Call, parse_model

M = TypeVar("M", bound=BaseModel)

Read = Callable[[Call], Awaitable[Answer]]

_MAX_CURSOR = 2048


class Pages:
    """Pages of a list.  ``limit`` is a wish; a page may hold more or fewer, an empty page does not end the list."""

    def __init__(self, limit: int, max_pages: int) -> None:
        self._limit = limit
        self._max_pages = max_pages

    async def items(self, read: Read, call: Call, model: type[M]) -> AsyncGenerator[M, None]:
        """Every item once per appearance.  Raises Invalid for a cursor that was seen before or never ends."""
        call = call.asking(limit=str(self._limit))
        seen: set[str] = set()
        for _ in range(self._max_pages):
            found, cursor = _page_of((await read(call)).payload)
            for item in found:
                value = parse_model(model, item)
                _belongs(call, value)
                yield value
            if cursor is None:
                return
            if cursor in seen:
                raise Invalid("ehr_cursor_loop", "the EHR's list leads back to a page that was read already")
            seen.add(cursor)
            call = call.asking(cursor=cursor)
        raise Invalid("ehr_list_endless", "the EHR's list has too many pages", pages=self._max_pages)


def _page_of(payload: dict[str, Any]) -> tuple[list[Any], str | None]:
    items, cursor = payload.get("items"), payload.get("next")
    if not isinstance(items, list) or not (cursor is None or isinstance(cursor, str)):
        raise Invalid("ehr_answer_invalid", "the EHR's list is not {items, next}")
    if cursor is not None and len(cursor) > _MAX_CURSOR:
        raise Invalid("ehr_answer_invalid", "the EHR's cursor is too long")
    return items, cursor or None


def _belongs(call: Call, value: BaseModel) -> None:
    """An EHR that ignores a filter must not put one client's record into another's."""
    asked = call.query.get("clientId")
    if asked is not None and getattr(value, "client_id", asked) != asked:
        raise Invalid("ehr_filter_ignored", "the EHR's list holds another client's record")
