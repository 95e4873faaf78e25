"""The way of every contract request: token, scope, role, contract check, handler, answer."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from therapyflows.simulator import idempotency, tokens
from therapyflows.simulator.access import Principal, person, service
from therapyflows.simulator.chart import Chart
from therapyflows.simulator.contract import Contract, Json, Operation
from therapyflows.simulator.database import Database, wire_time
from therapyflows.simulator.faults import Faults
from therapyflows.simulator.problems import Problem
from therapyflows.simulator.records import PageRequest, Records
from therapyflows.simulator.settings import SimulatorSettings

MAX_JSON_BYTES = 4 * 1024 * 1024


@dataclass
class Practice:
    """Everything that one running simulator shares."""

    settings: SimulatorSettings
    contract: Contract
    db: Database
    faults: Faults = field(default_factory=Faults)
    running: idempotency.RunningKeys = field(default_factory=idempotency.RunningKeys)

    @contextmanager
    def records(self) -> Iterator[Records]:
        with self.db.reading() as connection:
            yield Records(connection, self.db.stamp)

    @contextmanager
    def chart(self) -> Iterator[Chart]:
        with self.db.writing() as connection:
            yield Chart(connection, self.db.stamp)

    def principal(self, authorization: str | None) -> Principal:
        """Who is behind the bearer token.  Raises a 401."""
        kind, _, value = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not value:
            raise Problem(401, "token_required", headers={"WWW-Authenticate": "Bearer"})
        with self.db.reading() as connection:
            token = tokens.find_token(connection, value)
            if token is None:
                raise Problem(401, "invalid_token", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
            if token.kind == "person":
                return person(token.subject, token.scopes, Records(connection, self.db.stamp))
        return service(token.subject, token.scopes, self.settings.service_role)


@dataclass
class Call:
    """One request that may proceed: authenticated, allowed and checked against the contract."""

    practice: Practice
    operation: Operation
    principal: Principal
    parameters: Json
    path: str
    headers: Mapping[str, str]
    body: Any = None
    upload: UploadFile | None = None

    @property
    def id(self) -> str:
        record_id: str = self.parameters["id"]
        return record_id

    @property
    def visible_clients(self) -> frozenset[str] | None:
        return self.principal.clients_for(self.operation.scopes, self.practice.contract.role_scopes)

    def must_see(self, client_id: str | None) -> None:
        """Raises a 403 for a client outside the caseload."""
        visible = self.visible_clients
        if visible is not None and client_id is not None and client_id not in visible:
            raise Problem(403, "not_your_client")

    def page_request(self) -> PageRequest:
        def instant(name: str) -> str | None:
            value = self.parameters.get(name)
            return as_stored_time(value) if value else None

        return PageRequest(
            self.parameters["limit"], self.parameters.get("cursor"), instant("updatedSince"), instant("since")
        )

    def list(self, resource: str, filters: Mapping[str, str]) -> Json:
        """A page; ``filters`` maps a query parameter to its SQL condition."""
        where = [(sql, sql_value(self.parameters[name])) for name, sql in filters.items() if name in self.parameters]
        client_id = self.parameters.get("clientId")
        self.must_see(client_id)
        clients = self.visible_clients if client_id is None else frozenset({client_id})
        with self.practice.records() as records:
            return records.page(resource, self.page_request(), clients=clients, where=where)

    def get(self, resource: str) -> Json:
        """The object named in the path, if the caller may see its client."""
        with self.practice.records() as records:
            found = records.get(resource, self.id)
        self.must_see(found["id"] if resource == "clients" else found.get("clientId"))
        return found

    def create(self, make: Callable[[Chart], Json], *, content_digest: str | None = None) -> Response:
        """Run ``make`` once per Idempotency-Key and answer 201; a repetition gets the stored answer."""
        self.must_see(self.body.get("clientId"))
        owner, key = self.principal.subject, self.parameters["Idempotency-Key"]
        if self.practice.faults.take("ignore_idempotency"):
            with self.practice.chart() as chart:
                return self.answer(201, make(chart))
        print_ = idempotency.fingerprint(self.operation.method, self.path, [self.body, content_digest])
        with self.practice.running.claim(owner, key), self.practice.chart() as chart:
            earlier = idempotency.earlier_answer(chart.connection, owner, key, print_)
            if earlier is not None:
                return self.answer(201, earlier, {"Idempotency-Replayed": "true"})
            made = make(chart)
            idempotency.remember(chart.connection, owner, key, print_, made, chart.stamp())
        return self.answer(201, made)

    def change(self, resource: str, apply: Callable[[Chart, Json], Json]) -> Response:
        """Run ``apply(chart, current)`` when If-Match still holds.  Raises 403, 404, 412 and what ``apply`` raises."""
        with self.practice.chart() as chart:
            current = chart.records.get(resource, self.id)
            self.must_see(current["id"] if resource == "clients" else current.get("clientId"))
            changed = apply(chart, current)
        return self.answer(200, changed)

    def check_etag(self, current: Json) -> None:
        if self.parameters["If-Match"] != current["etag"]:
            raise Problem(412, "changed_meanwhile", headers={"ETag": current["etag"]})

    def answer(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> Response:
        """JSON with the ETag header."""
        if self.practice.settings.check_responses:
            self.operation.check_answer(status, body)
        etag = {"ETag": body["etag"]} if "etag" in body else {}
        return JSONResponse(body, status, headers={**etag, **(headers or {})})


ApiHandler = Callable[[Call], Json | Response]


def as_stored_time(value: str) -> str:
    return wire_time(datetime.fromisoformat(value))


def sql_value(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def endpoint(practice: Practice, operation: Operation, handler: ApiHandler) -> Callable[[Request], Any]:
    """The ASGI side of one operation: reads the body, then one hop into a thread."""

    def serve(request: Request, body: Any, upload: UploadFile | None = None) -> Response:
        principal = practice.principal(request.headers.get("authorization"))
        principal.require(operation.scopes, practice.contract.role_scopes)
        parameters = operation.read_parameters(
            request.query_params.multi_items(), request.headers, dict(request.path_params)
        )
        operation.check_body(body)
        call = Call(practice, operation, principal, parameters, request.url.path, request.headers, body, upload)
        result = handler(call)
        return result if isinstance(result, Response) else call.answer(200, result)

    async def json_endpoint(request: Request) -> Response:
        body = await read_json(request) if operation.body is not None else None
        return await run_in_threadpool(serve, request, body)

    async def upload_endpoint(request: Request) -> Response:
        await run_in_threadpool(admit, request)
        owner_key = request.headers.get("idempotency-key", "")
        with practice.running.claim("upload", owner_key):
            if not request.headers.get("content-type", "").startswith("multipart/form-data"):
                raise Problem(415, "multipart_required")
            async with request.form(max_files=1, max_fields=10) as form:
                fields: Json = {k: v for k, v in form.items() if isinstance(v, str)}
                files = {k: v for k, v in form.items() if isinstance(v, UploadFile)}
                return await run_in_threadpool(serve, request, fields, files.get("file"))

    def admit(request: Request) -> None:
        """Nobody uploads without a token that may."""
        principal = practice.principal(request.headers.get("authorization"))
        principal.require(operation.scopes, practice.contract.role_scopes)
        operation.read_parameters(request.query_params.multi_items(), request.headers, {})

    return upload_endpoint if "multipart/form-data" in operation.body_types else json_endpoint


async def read_json(request: Request) -> Any:
    """The parsed body.  Raises 400, 413, 415."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await request.body()
    if len(raw) > MAX_JSON_BYTES:
        raise Problem(413, "body_too_large")
    if media not in ("application/json", "application/merge-patch+json"):
        raise Problem(415, "json_required")
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()  # lone surrogates and NaN are not JSON text
    except (ValueError, RecursionError):
        raise Problem(400, "malformed_json") from None
    return body
