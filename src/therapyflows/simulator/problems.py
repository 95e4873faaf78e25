"""RFC 9457 problems: the only shape in which the EHR says no."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.responses import JSONResponse


class Problem(Exception):
    """Answer the request with this.  ``code`` is a constant; nothing from a chart goes into any field."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str | None = None,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def response(self, request_id: str | None = None) -> JSONResponse:
        body: dict[str, object] = {
            "type": f"urn:therapyflows:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        if request_id:
            body["requestId"] = request_id
        return JSONResponse(body, self.status, headers=self.headers, media_type="application/problem+json")


def not_found() -> Problem:
    return Problem(404, "not_found")


def invalid_field(pointer: str, code: str) -> Problem:
    """422 about one field of the body."""
    return Problem(422, "invalid_body", errors=[{"pointer": pointer, "code": code}])
