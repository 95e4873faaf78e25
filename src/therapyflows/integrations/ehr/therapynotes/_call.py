"""One HTTP call as the adapter sees it, and how an answer becomes a value or a typed error."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from therapyflows.core.errors import Conflict, Invalid, NotFound, Refused, TherapyFlowsError, Transient, UnknownOutcome

M = TypeVar("M", bound=BaseModel)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BUSY = frozenset({408, 425, 429})
_STILL_RUNNING = re.compile(r"running|in[._-]?progress", re.IGNORECASE)
_KEY_REUSED = "idempotency_key_reused"


class TokenRefused(Refused):
    """The access token was not accepted; a fresh one may be."""


class StillRunning(Conflict):
    """The first request with this idempotency key has not finished."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be sent.  ``path`` are the segments below ``/v1``; ``client_id`` is for the audit trail."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    client_id: str | None = None

    @property
    def writes(self) -> bool:
        """Whether the chart can be different afterwards; asking for a token changes nothing in it."""
        return self.method not in ("GET", "HEAD") and self.path[0] != "oauth"

    @property
    def resource(self) -> str:
        return "/".join(self.path)

    def url(self, base_url: str) -> str:
        return f"{base_url}/v1/" + "/".join(quote(segment, safe="") for segment in self.path)

    def asking(self, **query: str) -> "Call":
        return replace(self, query={**self.query, **query})


@dataclass(frozen=True, slots=True)
class Answer:
    payload: dict[str, Any]
    etag: str | None = None


def get(*path: str, client_id: str | None = None, **query: str) -> Call:
    return Call("GET", path, query, client_id=client_id)


def is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def checked_id(value: str) -> str:
    """The id, or Invalid: what is not an id must never become part of an address."""
    if not is_id(value):
        raise Invalid("malformed_id", "this is not an identifier of the EHR")
    return value


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def unknown_outcome(error: TherapyFlowsError) -> UnknownOutcome:
    """The same failure, told by a write that may have happened."""
    if isinstance(error, UnknownOutcome):
        return error
    ids: dict[str, Any] = error.ids
    return UnknownOutcome(error.code, error.message, **ids)


def parse_object(body: bytes, call: Call, request_id: str) -> dict[str, Any]:
    """The JSON object in the answer.  For a write an unreadable answer is an unknown outcome."""
    try:
        payload = from_json(body, allow_inf_nan=False)
    except ValueError:
        payload = None
    if isinstance(payload, dict):
        return payload
    failure = UnknownOutcome if call.writes else Transient
    raise failure("ehr_answer_unreadable", "the EHR's answer is not a JSON object", request_id=request_id)


def parse_model(model: type[M], payload: object) -> M:
    """The value, or Invalid that names the fields at fault and none of their content."""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        known = set(model.model_fields) | {info.alias for info in model.model_fields.values() if info.alias}
        fields = sorted({str(e["loc"][0]) for e in error.errors(include_input=False) if e["loc"]} & known)
    raise Invalid(
        "ehr_answer_invalid", "the EHR's answer breaks the contract", model=model.__name__, fields=",".join(fields)
    )


def problem_code(body: bytes) -> str | None:
    """The machine-readable code of a problem+json or OAuth error; never its prose."""
    try:
        problem = from_json(body)
    except ValueError:
        return None
    if not isinstance(problem, dict):
        return None
    for value in (problem.get("code"), problem.get("error"), problem.get("type")):
        if isinstance(value, str) and _CODE.fullmatch(last := re.split(r"[/:#]", value)[-1]):
            return last
    return None


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the other side asks to wait, from either form of the header (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())


def failure_of(call: Call, response: httpx.Response, body: bytes, request_id: str) -> TherapyFlowsError:
    """The typed error for an answer that is not 2xx."""
    status, problem = response.status_code, problem_code(body)
    ids: dict[str, Any] = {"status": status, "problem": problem, "request_id": request_id}
    if status in _BUSY:
        return Transient("ehr_busy", "the EHR asks to wait", retry_after_s=retry_after_s(response.headers), **ids)
    if status >= 500 and call.writes:
        return UnknownOutcome("ehr_outcome_unknown", "the EHR failed during a write", **ids)
    if status >= 500:
        wait_s = retry_after_s(response.headers)
        return Transient("ehr_failing", "the EHR failed to answer", retry_after_s=wait_s, **ids)
    return _final_failure(status, problem, ids)


def _final_failure(status: int, problem: str | None, ids: dict[str, Any]) -> TherapyFlowsError:
    if status == 401:
        return TokenRefused("ehr_credentials_refused", "the EHR does not accept our access token", **ids)
    if status == 403:
        return Refused("ehr_refused", "the EHR does not allow this", **ids)
    if status in (404, 410):
        return NotFound("ehr_not_found", "the EHR does not have this, or does not show it to us", **ids)
    if status == 409 and problem and _STILL_RUNNING.search(problem):
        return StillRunning("ehr_still_running", "the first request with this key has not finished", **ids)
    if status in (409, 412) or problem == _KEY_REUSED:
        return Conflict("ehr_conflict", "it was changed or signed meanwhile", **ids)
    if 300 <= status < 400:
        return Invalid("ehr_redirected", "the EHR redirects; set its final address", **ids)
    return Invalid("ehr_rejected", "the EHR rejects this request", **ids)
