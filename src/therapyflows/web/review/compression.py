"""Pages and scripts travel compressed, but only to a browser that asked by itself.

The length of a compressed page tells something about what stands in it to whoever sees the encrypted traffic and can
put words of their own into the page (BREACH, 2013).  So nothing is compressed that another site made the browser ask
for, and nothing with a query, the one place where an address puts words into a page.
"""

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

LEVEL = 5
MINIMUM_BYTES = 1000
_BY_ITSELF = ("same-origin", "none")
"""``Sec-Fetch-Site``, which no page can forge: from a page of ours, or typed, or from a bookmark."""


class Compression:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.compressing = GZipMiddleware(app, MINIMUM_BYTES, LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.compressing if may_be_compressed(scope) else self.app)(scope, receive, send)


def may_be_compressed(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
        return False
    headers = Headers(scope=scope)
    return headers.get("sec-fetch-site") in _BY_ITSELF and "range" not in headers
