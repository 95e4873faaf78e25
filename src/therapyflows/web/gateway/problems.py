"""RFC 9457 problem+json.  A problem names a code and nothing of what was sent."""

from http import HTTPStatus

from fastapi.responses import JSONResponse


def problem(status: int, code: str, *, retry_after_s: float | None = None) -> JSONResponse:
    """``code`` is a constant of ours, e.g. ``signature_stale``."""
    headers = {} if retry_after_s is None else {"Retry-After": str(max(1, round(retry_after_s)))}
    return JSONResponse(
        {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code},
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )
