"""The OpenAPI file and the running simulator agree, in both directions and over a socket."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from therapyflows.simulator import SimulatorSettings, create_app
from therapyflows.simulator.contract import METHODS, Contract

from .conftest import Ehr

OUTSIDE = ("/ui", "/_faults", "/_control", "/oauth/login")
"""The simulator's own pages and its control plane are not part of the contract."""


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(SimulatorSettings(data_dir=tmp_path))


def declared() -> set[tuple[str, str]]:
    paths = Contract().document["paths"]
    return {(method.upper(), path) for path, item in paths.items() for method in METHODS if method in item}


def served(app: FastAPI) -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for route in app.routes
        if hasattr(route, "methods") and not route.path.startswith(OUTSIDE)
        for method in (route.methods or set()) - {"HEAD"}
    }


def test_the_file_is_valid_openapi() -> None:
    validate(Contract().document)


def test_every_declared_operation_is_served_and_nothing_else(app: FastAPI) -> None:
    assert served(app) == declared()


def test_every_scope_in_use_is_declared_and_none_signs() -> None:
    contract = Contract()
    used = {scope for operation in contract.operations.values() for scope in operation.scopes}
    assert used <= contract.scopes
    assert not any("sign" in scope or "amend" in scope for scope in contract.scopes)


def test_every_chart_operation_needs_a_scope() -> None:
    operations = Contract().operations.values()
    assert not [op.id for op in operations if op.path.startswith("/v1/") and not op.scopes]


# 404, 409, 412 and 422 are right answers to well-formed requests about things that do not exist.
FUZZED = schemathesis.openapi.from_dict(
    Contract().document,
    config=SchemathesisConfig.from_dict(
        {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "412", "422"]}}}
    ),
)


@dataclass(frozen=True)
class Tokens:
    service: str
    person: str


@pytest.fixture(scope="module")
def tokens(ehr: Ehr) -> Tokens:
    return Tokens(ehr.token(), ehr.person_token("dana.reyes"))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation_id", [op.id for op in Contract().operations.values() if op.path.startswith("/v1/")])
def test_the_live_simulator_keeps_the_contract(
    ehr: Ehr, tokens: Tokens, operation_id: str, mode: GenerationMode
) -> None:
    """schemathesis: generated requests, right and wrong ones, each answer checked against the file."""
    operation = Contract().operations[operation_id]
    token = tokens.person if operation_id == "getUserinfo" else tokens.service

    @given(case=FUZZED[operation.path][operation.method].as_strategy(generation_mode=mode))
    @settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def keeps_the_contract(case: schemathesis.Case) -> None:
        if mode is GenerationMode.POSITIVE:
            case.query.pop("cursor", None)  # a right cursor is one that a page gave
        case.call_and_validate(base_url=ehr.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)

    keeps_the_contract()
