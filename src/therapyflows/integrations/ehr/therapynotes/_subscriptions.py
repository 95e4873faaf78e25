"""Where the EHR sends its events: one subscription per address, whatever was tried before."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from therapyflows.core.chart import Subscription
from therapyflows.core.ids import new_id
from therapyflows.integrations.ehr.therapynotes._call import Call, checked_id, get
from therapyflows.integrations.ehr.therapynotes._http import Http
from therapyflows.integrations.ehr.therapynotes._once import Once
from therapyflows.integrations.ehr.therapynotes._paging import Pages
from therapyflows.integrations.ehr.therapynotes._patience import Patience

Post = Callable[[Call], Awaitable[Subscription]]


class Subscriptions:
    def __init__(self, http: Http, pages: Pages, patience: Patience, once: Once, post: Post) -> None:
        self._http = http
        self._pages = pages
        self._patience = patience
        self._once = once
        self._post = post

    async def all(self) -> list[Subscription]:
        return await self._patience.repeat(self._all)

    async def subscribe(self, url: str, event_types: Sequence[str], secret: str) -> Subscription:
        async def same() -> Subscription | None:
            standing = [s for s in await self._all() if s.url == url and set(s.event_types) == set(event_types)]
            return standing[0] if standing else None

        found = await self._patience.repeat(same)
        if found is None:
            body = {"url": url, "eventTypes": list(event_types), "secret": secret}
            call = _sending(("webhooks",), body)
            subscribed = await self._once.create(f"webhook:{url}", same, lambda: self._post(call))
        else:
            call = _sending(("webhooks", checked_id(found.id), "secret"), {"secret": secret})
            subscribed = await self._patience.repeat(lambda: self._post(call))
        await self._remove_others(subscribed)
        return subscribed

    async def _all(self) -> list[Subscription]:
        return [found async for found in self._pages.items(self._http.json, get("webhooks"), Subscription)]

    async def _remove_others(self, kept: Subscription) -> None:
        """Others for the same address: every event would come once for each of them."""
        for other in await self.all():
            if other.url == kept.url and other.id != kept.id:
                await self._remove(Call("DELETE", ("webhooks", checked_id(other.id))))

    async def _remove(self, call: Call) -> None:
        await self._patience.repeat(lambda: self._http.json(call))


def _sending(path: tuple[str, ...], body: Mapping[str, object]) -> Call:
    # The key is fresh: the stored answer of an earlier subscription may describe one that was removed since.
    return Call("POST", path, body=json.dumps(body).encode(), headers={"Idempotency-Key": new_id("idk")})
