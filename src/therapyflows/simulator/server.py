"""The simulated EHR as an application: contract routes, login, user interface, control plane, delivery worker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from therapyflows.simulator.api import Practice, endpoint
from therapyflows.simulator.contract import Contract
from therapyflows.simulator.database import Database
from therapyflows.simulator.delivery import DeliveryWorker
from therapyflows.simulator.edge import Edge
from therapyflows.simulator.problems import Problem
from therapyflows.simulator.routes import API_HANDLERS
from therapyflows.simulator.routes.control import control_router
from therapyflows.simulator.routes.login import Login
from therapyflows.simulator.routes.ui import ui_router
from therapyflows.simulator.seed.practice import seed_practice
from therapyflows.simulator.settings import SimulatorSettings


def open_practice(settings: SimulatorSettings) -> Practice:
    """The database in ``data_dir``, seeded when it is new."""
    settings.content_dir.mkdir(parents=True, exist_ok=True)
    practice = Practice(settings, Contract(), Database(settings.database))
    seed_practice(practice.db, settings.content_dir, settings.today)
    return practice


def create_app(settings: SimulatorSettings) -> FastAPI:
    """The whole simulator; webhooks are delivered while its lifespan runs."""
    practice = open_practice(settings)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=delivering, redirect_slashes=False)
    app.state.practice = practice
    login = Login(practice)
    for operation in practice.contract.operations.values():
        handler = login.handlers.get(operation.id) or endpoint(practice, operation, API_HANDLERS[operation.id])
        app.router.add_route(operation.path, handler, methods=[operation.method], name=operation.id)
    app.router.add_route("/oauth/login", login.submit, methods=["POST"], name="submitLogin")
    app.include_router(control_router(practice))
    app.include_router(ui_router(practice))
    app.add_exception_handler(Problem, answer_problem)
    app.add_exception_handler(HTTPException, answer_http_exception)
    app.add_exception_handler(RequestValidationError, answer_bad_command)
    app.add_exception_handler(ValidationError, answer_bad_command)
    app.add_exception_handler(Exception, answer_crash)
    app.add_middleware(Edge, practice=practice)
    return app


@contextlib.asynccontextmanager
async def delivering(app: FastAPI) -> AsyncIterator[None]:
    practice: Practice = app.state.practice
    settings = practice.settings
    worker = DeliveryWorker(
        practice.db,
        practice.faults,
        retry_scale=settings.retry_scale,
        timeout_s=settings.webhook_timeout_s,
        concurrency=settings.webhook_concurrency,
    )
    loop = asyncio.get_running_loop()
    practice.db.on_commit = lambda: wake_from_thread(loop, worker)
    task = asyncio.create_task(worker.run())
    yield
    practice.db.on_commit = lambda: None
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def wake_from_thread(loop: asyncio.AbstractEventLoop, worker: DeliveryWorker) -> None:
    loop.call_soon_threadsafe(worker.wake)


def request_id(request: Request) -> str | None:
    return getattr(request.state, "request_id", None)


async def answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response(request_id(request))


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """404 for an unknown path, 405 with Allow, and what the multipart parser refuses."""
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "malformed_request")
    return Problem(error.status_code, code, headers=error.headers).response(request_id(request))


async def answer_bad_command(request: Request, error: Exception) -> Response:
    return Problem(422, "invalid_body").response(request_id(request))


async def answer_crash(request: Request, error: Exception) -> Response:
    return Problem(500, "crash").response(request_id(request))
