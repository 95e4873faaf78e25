"""Every route that the review application has, found by asking it: tests go through these, not a list of theirs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.web.review.conftest import World

from therapyflows.web.review.app import create_review_app


@dataclass(frozen=True, slots=True)
class Route:
    """``method`` and ``path`` as declared, e.g. ``GET /drafts/{draft_id}``."""

    method: str
    path: str
    pattern: re.Pattern[str]
    query: tuple[str, ...]
    """Names of the parameters that it reads from the query."""

    @property
    def placeholders(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)", self.path))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(world: World, method: str) -> tuple[Route, ...]:
    """In the order in which the application looks for a match; without the folder of static files."""
    declared = create_review_app(world.deps).router.routes
    return tuple(route for route in _routes(declared) if route.method == method)


def _routes(declared: list) -> Iterator[Route]:
    for outer in declared:
        for route in getattr(getattr(outer, "original_router", None), "routes", [outer]):
            query = tuple(field.alias for field in getattr(getattr(route, "dependant", None), "query_params", ()))
            for method in sorted(getattr(route, "methods", None) or ()):
                yield Route(method, route.path, route.path_regex, query)


def route_at(routes: tuple[Route, ...], address: str) -> Route | None:
    """What answers at this address."""
    path = address.split("?")[0].split("#")[0]
    return next((route for route in routes if route.pattern.match(path)), None)
