"""The plain alternative of the gateway benchmark: a FastAPI route that commits one row per request to SQLite.

Run with ``python benchmarks/bare_webhook.py DATABASE PORT``.
"""

import sqlite3
import sys
import threading

import uvicorn
from fastapi import FastAPI, Request

app = FastAPI()
local = threading.local()


def connection() -> sqlite3.Connection:
    if not hasattr(local, "db"):
        local.db = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
        local.db.execute("pragma journal_mode = wal")
        local.db.execute("pragma synchronous = full")
        local.db.execute("create table if not exists event (id text primary key, body blob)")
    return local.db


def commit(event_id: str, body: bytes) -> None:
    connection().execute("insert or ignore into event values (?, ?)", (event_id, body))


@app.post("/webhooks/ehr", status_code=202)
async def receive(request: Request) -> dict[str, bool]:
    from starlette.concurrency import run_in_threadpool

    await run_in_threadpool(commit, request.headers["webhook-id"], await request.body())
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False, backlog=4096)
