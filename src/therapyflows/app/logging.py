"""Structured logs with the PHI guard on every handler.

A log line is a constant event name and allow-listed fields.  The guard sits on handlers, because a filter on the root
logger misses child loggers, and it replaces tracebacks by type and place, because exception text may quote a chart.
It is installed in every process: gateway, review, worker, and each flow run.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

ALLOWED_FIELDS = frozenset(
    [
        "event",
        "error",
        "error_type",
        "job",
        "type",
        "level",
        "timestamp",
        "logger",
        "draft_id",
        "decision_id",
        "event_id",
        "event_type",
        "flow_run_id",
        "deployment",
        "request_id",
        "client_id",
        "clinician_id",
        "user_id",
        "appointment_id",
        "document_id",
        "note_id",
        "recording_id",
        "content_id",
        "object_id",
        "task_id",
        "resource",
        "action",
        "outcome",
        "code",
        "reason",
        "state",
        "status",
        "method",
        "path",
        "seconds",
        "ms",
        "count",
        "counts",
        "attempts",
        "bytes",
        "provider",
        "model",
        "purpose",
        "prompt_id",
        "prompt_version",
        "tokens",
        "statements",
        "segments",
        "kind",
        "place",
        "step",
        "origin",
        "process",
        "pid",
        "port",
        "url",
        "retry_after_s",
        "version",
        "role",
        "batch",
        "waiting",
        "dispatched",
        "ignored",
        "dead",
        "new",
        "restarted",
        "resumed",
        "reminded",
        "escalated",
        "expired",
        "deleted",
    ]
)


def configure_logging(process: str, *, log_file: Path | None = None, level: str = "INFO") -> None:
    """JSON lines of ours to stderr (and to ``log_file``), guarded; idempotent."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if log_file is not None:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(log_file))
    for handler in handlers:
        handler.addFilter(drop_exception_text)
        handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger("therapyflows")
    root.handlers[:] = handlers
    root.setLevel(level)
    root.propagate = False
    install_guard()
    for chatty in ("httpx", "httpcore"):  # they log whole addresses, filters included
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed_fields,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *names: logging.getLogger(names[0] if names else f"therapyflows.{process}"),
        cache_logger_on_first_use=True,
    )


def install_guard() -> None:
    """Put the guard on every handler of this process, whoever made it (Prefect's included)."""
    for reference in logging._handlerList:  # type: ignore[attr-defined]  # the only list of all handlers there is
        handler = reference() if callable(reference) else reference
        if handler is not None and drop_exception_text not in handler.filters:
            handler.addFilter(drop_exception_text)


def drop_exception_text(record: logging.LogRecord) -> bool:
    """Replace a traceback by the type and place of the exception; never drops the record itself."""
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        record.msg = f"{_head_of(record)} [{type(error).__name__} at {_innermost(error)}]"
        record.args = ()
        record.exc_info = None
    record.exc_text = None
    return True


def _head_of(record: logging.LogRecord) -> str:
    """The message up to where an exception's text may begin."""
    return re.split(r"[:\n]", record.getMessage(), maxsplit=1)[0]


def _innermost(error: BaseException) -> str:
    traceback = error.__traceback__
    if traceback is None:
        return "unknown"
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_globals.get('__name__', 'unknown')}:{traceback.tb_lineno}"


def _only_allowed_fields(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Unknown fields become their name only: a new field is a decision, made in ``ALLOWED_FIELDS``."""
    kept = {k: v for k, v in event.items() if k in ALLOWED_FIELDS}
    dropped = sorted(k for k in event if k not in ALLOWED_FIELDS)
    return {**kept, "dropped": dropped} if dropped else kept
