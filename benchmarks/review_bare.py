"""The application, and beside it its pages rendered again from the values of their last visit: what they cost bare."""

from collections.abc import MutableMapping
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from therapyflows.web.review.app import create_review_app
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.pages import Pages


class RememberingPages(Pages):
    """Keeps what each template was rendered from."""

    def __init__(self, deps: ReviewDeps) -> None:
        super().__init__(deps)
        self.last: dict[str, tuple[Request, MutableMapping[str, Any]]] = {}

    def text(self, request: Request, template: str, **values: object) -> str:
        self.last[template] = (request, values)
        return super().text(request, template, **values)


def with_bare_pages(deps: ReviewDeps) -> ASGIApp:
    app, bare = create_review_app(deps), FastAPI()
    app.state.pages = pages = RememberingPages(deps)

    @bare.get("/bare/{template}")
    def again(template: str) -> HTMLResponse:
        request, values = pages.last[template]
        return HTMLResponse(Pages.text(pages, request, template, **values))

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        is_bare = scope["type"] == "http" and scope["path"].startswith("/bare/")
        await (bare if is_bare else app)(scope, receive, send)

    return either
