"""Objects of the chart as rows: an id, a client, a version, times and the JSON that goes over the wire."""

import base64
import binascii
import json
import sqlite3
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from therapyflows.simulator.contract import Json, bad_parameter
from therapyflows.simulator.problems import not_found

PREFIX = {
    "clients": "cl",
    "appointments": "ap",
    "notes": "no",
    "treatmentplans": "tp",
    "assessments": "as",
    "documents": "do",
    "messages": "me",
    "claims": "bc",
    "staffmessages": "sm",
    "tasks": "ta",
    "users": "us",
    "webhooks": "wh",
}


def new_id(resource: str) -> str:
    return f"{PREFIX[resource]}-{uuid.uuid4().hex[:16]}"


@dataclass(frozen=True)
class PageRequest:
    limit: int = 50
    cursor: str | None = None
    updated_since: str | None = None
    created_since: str | None = None


@dataclass
class Records:
    """Reads and writes on one connection; ``stamp`` gives the time of a write."""

    connection: sqlite3.Connection
    stamp: Callable[[], str]

    def find(self, resource: str, record_id: str | None) -> Json | None:
        row = self.connection.execute(
            "SELECT * FROM records WHERE resource = ? AND id = ?", (resource, record_id)
        ).fetchone()
        return as_json(row) if row else None

    def get(self, resource: str, record_id: str) -> Json:
        """Raises a 404."""
        found = self.find(resource, record_id)
        if found is None:
            raise not_found()
        return found

    def insert(self, resource: str, fields: Mapping[str, Any], *, at: str | None = None) -> Json:
        """Store a new object; ``at`` backdates seeded ones."""
        body = dict(fields)
        record_id = body.pop("id", None) or new_id(resource)
        when = at or self.stamp()
        self.connection.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
            (resource, record_id, client_of(resource, record_id, body), body.get("externalId"), when, when, dump(body)),
        )
        return self.get(resource, record_id)

    def update(self, resource: str, record_id: str, changes: Mapping[str, Any]) -> Json:
        """Merge top-level fields, raise the version and the update time."""
        body = {**self.get(resource, record_id), **changes}
        for meta in ("id", "etag", "createdAt", "updatedAt"):
            body.pop(meta)
        self.connection.execute(
            "UPDATE records SET client_id = ?, external_id = ?, updated_at = ?, version = version + 1, body = ?"
            " WHERE resource = ? AND id = ?",
            (
                client_of(resource, record_id, body),
                body.get("externalId"),
                self.stamp(),
                dump(body),
                resource,
                record_id,
            ),
        )
        return self.get(resource, record_id)

    def delete(self, resource: str, record_id: str) -> None:
        self.connection.execute("DELETE FROM records WHERE resource = ? AND id = ?", (resource, record_id))

    def page(
        self,
        resource: str,
        request: PageRequest,
        *,
        clients: Collection[str] | None = None,
        where: Sequence[tuple[str, Any]] = (),
    ) -> Json:
        """``{items, next}``, oldest change first; ``clients`` None means every client."""
        conditions = ["resource = ?"]
        values: list[Any] = [resource]
        if clients is not None:
            conditions.append(f"client_id IN ({','.join('?' * len(clients))})")
            values += sorted(clients)
        if request.updated_since:
            conditions.append("updated_at >= ?")
            values.append(request.updated_since)
        if request.created_since:
            conditions.append("created_at >= ?")
            values.append(request.created_since)
        if request.cursor:
            conditions.append("(updated_at, id) > (?, ?)")
            values += read_cursor(request.cursor)
        for condition, value in where:
            conditions.append(condition)
            values.append(value)
        rows = self.connection.execute(
            # Conditions are constants of ours; every value is bound.
            f"SELECT * FROM records WHERE {' AND '.join(conditions)} ORDER BY updated_at, id LIMIT ?",  # noqa: S608
            (*values, request.limit + 1),
        ).fetchall()
        shown = rows[: request.limit]
        more = len(rows) > len(shown)
        return {"items": [as_json(row) for row in shown], "next": write_cursor(shown[-1]) if more else None}

    def all(self, resource: str, *, client_id: str | None = None) -> list[Json]:
        clients = None if client_id is None else [client_id]
        items: list[Json] = self.page(resource, PageRequest(limit=100_000), clients=clients)["items"]
        return items


def client_of(resource: str, record_id: str, body: Mapping[str, Any]) -> str | None:
    return record_id if resource == "clients" else body.get("clientId")


def dump(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def as_json(row: sqlite3.Row) -> Json:
    """The wire form: stored fields plus id, etag and times."""
    body: Json = json.loads(row["body"])
    return {
        "id": row["id"],
        **body,
        "etag": f'"{row["version"]}"',
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }


def write_cursor(row: sqlite3.Row) -> str:
    text = json.dumps([row["updated_at"], row["id"]])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, str]:
    """Raises a 400 for anything that is not a cursor of ours."""
    try:
        updated_at, record_id = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=="))
        if isinstance(updated_at, str) and isinstance(record_id, str):
            return updated_at, record_id
    except (binascii.Error, ValueError, TypeError):
        pass
    raise bad_parameter("cursor")
