"""The OpenAPI file as running rules: operations, scopes and validators come from it, nothing is repeated in code."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from therapyflows.simulator.problems import Problem

CONTRACT_FILE = Path(__file__).parents[1] / "ehr_contract" / "openapi.yaml"
METHODS = ("get", "post", "patch", "delete", "put")
Json = dict[str, Any]


def is_date_time(value: object) -> bool:
    """RFC 3339: a time without a zone is refused."""
    return not isinstance(value, str) or (
        re.match(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d", value, re.ASCII) is not None
        and (at := datetime.fromisoformat(value)).tzinfo is not None
        and at.astimezone(UTC) is not None  # an instant outside of years 1 to 9999 raises
    )


def is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(len(value) == 10 and date.fromisoformat(value))


def is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).hostname)


formats = FormatChecker(formats=())
for name, holds in (("date-time", is_date_time), ("date", is_date), ("uri", is_uri)):
    formats.checks(name, raises=(ValueError, OverflowError))(holds)


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    required: bool
    kind: str
    default: Any
    validator: Draft202012Validator

    def read(self, raw: str) -> Any:
        """The typed value, or a 400 that names the parameter."""
        value: Any = raw
        if self.kind == "integer":
            value = int(raw) if re.fullmatch(r"-?[0-9]{1,18}", raw) else raw
        elif self.kind == "boolean":
            value = {"true": True, "false": False}.get(raw, raw)
        if not self.validator.is_valid(value):
            raise bad_parameter(self.name)
        return value


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    path: str
    scopes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: Draft202012Validator | None
    form: Draft202012Validator | None
    body_types: tuple[str, ...]
    answers: Mapping[str, Draft202012Validator] = field(repr=False)

    def read_parameters(
        self, query: list[tuple[str, str]], headers: Mapping[str, str], path: Mapping[str, str]
    ) -> Json:
        """Typed query, header and path parameters.  Raises a 400 for an unknown, repeated, missing or malformed one."""
        names = [name for name, _ in query]
        if len(set(names)) != len(names) or set(names) - {p.name for p in self.parameters if p.place == "query"}:
            raise Problem(400, "unknown_parameter", "A query parameter is unknown or repeated.")
        found: Json = {}
        for parameter in self.parameters:
            raw = {"query": dict(query), "header": headers, "path": path}[parameter.place].get(parameter.name)
            if raw is not None:
                found[parameter.name] = parameter.read(raw)
            elif parameter.required:
                raise missing_parameter(parameter.name)
            elif parameter.default is not None:
                found[parameter.name] = parameter.default
        return found

    def check_body(self, body: Any) -> None:
        if self.body is not None:
            problems = [*listed(self.body.iter_errors(body))][:20]
            if problems:
                raise Problem(422, "invalid_body", errors=problems)

    def check_form(self, fields: Json, has_file: bool) -> None:
        """Check a multipart form; the file itself is only counted as present."""
        if self.form is not None:
            problems = [*listed(self.form.iter_errors({**fields, **({"file": ""} if has_file else {})}))]
            if problems:
                raise Problem(422, "invalid_body", errors=problems)

    def check_answer(self, status: int, body: Any) -> None:
        """Raise ValueError when an answer of ours breaks the contract; names the place, never the value."""
        validator = self.answers.get(str(status)) or self.answers.get(f"{status // 100}XX")
        if validator is None:
            raise ValueError(f"{self.id}: status {status} is not in the contract")
        for problem in listed(validator.iter_errors(body)):
            raise ValueError(f"{self.id} {status}: {problem['pointer']} {problem['code']}")


def bad_parameter(name: str) -> Problem:
    return Problem(400, "invalid_parameter", errors=[{"pointer": name, "code": "malformed"}])


def missing_parameter(name: str) -> Problem:
    if name == "If-Match":
        return Problem(428, "if_match_required")
    code = "idempotency_key_required" if name == "Idempotency-Key" else "missing_parameter"
    return Problem(400, code, errors=[{"pointer": name, "code": "required"}])


def listed(errors: Iterator[ValidationError]) -> Iterator[dict[str, str]]:
    """Pointers and the rule that failed: never the value, which may be chart content."""
    for error in errors:
        pointer = "".join(f"/{part}" for part in error.absolute_path if not isinstance(part, str) or len(part) <= 64)
        yield {"pointer": pointer or "/", "code": str(error.validator)}


class Contract:
    """The parsed file."""

    def __init__(self, path: Path = CONTRACT_FILE) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document: Json = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader
        self.role_scopes: dict[str, frozenset[str]] = {
            role: frozenset(scopes) for role, scopes in self.document["x-role-scopes"].items()
        }
        flow = self.document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
        self.scopes = frozenset(flow["scopes"])
        self.event_types = frozenset(self.document["components"]["schemas"]["EventType"]["enum"])
        self.operations: dict[str, Operation] = {op.id: op for op in self._operations()}

    def resolve(self, node: Any) -> Any:
        """The node with every ``$ref`` replaced by what it names (the contract has no recursive schema)."""
        if isinstance(node, list):
            return [self.resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            return self.resolve(target)
        return {key: self.resolve(value) for key, value in node.items()}

    def validator(self, schema: Any) -> Draft202012Validator:
        return Draft202012Validator(schema, format_checker=formats)

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, self.resolve(item[method]))

    def _operation(self, path: str, method: str, spec: Json) -> Operation:
        bodies: Json = spec.get("requestBody", {}).get("content", {})
        json_body, form = bodies.get("application/json"), bodies.get("multipart/form-data")
        return Operation(
            id=spec["operationId"],
            method=method.upper(),
            path=path,
            scopes=tuple(scope for rule in spec.get("security", []) for scope in rule.get("oauth2", [])),
            parameters=tuple(self._parameter(p) for p in spec.get("parameters", [])),
            body=self.validator(json_body["schema"]) if json_body else None,
            form=self.validator(form["schema"]) if form else None,
            body_types=tuple(bodies),
            answers={str(status): self._answer(answer) for status, answer in spec["responses"].items()},
        )

    def _parameter(self, spec: Json) -> Parameter:
        schema = spec["schema"]
        return Parameter(
            name=spec["name"],
            place=spec["in"],
            required=spec.get("required", False),
            kind=schema.get("type", "string"),
            default=schema.get("default"),
            validator=self.validator(schema),
        )

    def _answer(self, spec: Json) -> Draft202012Validator:
        content: Json = spec.get("content", {})
        schemas = [media["schema"] for kind, media in content.items() if "json" in kind]
        return self.validator(schemas[0] if schemas else {})
