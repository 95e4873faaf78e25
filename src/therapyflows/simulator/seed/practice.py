"""Seeds the practice once: people, clients, a fortnight of appointments, notes, plans, measures, messages, claims.

Everything follows from the data files, a fixed random seed and the day ``today``; see ``README.md`` of the simulator.
"""

import random
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from therapyflows.simulator.contract import Json
from therapyflows.simulator.database import Database, wire_time
from therapyflows.simulator.records import Records
from therapyflows.simulator.seed import charts, people, schedule
from therapyflows.simulator.tokens import store_password

FOLDER = Path(__file__).parent


def load(name: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((FOLDER / name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader


DATA: Json = load("practice.yaml")
THEMES: list[Json] = load("themes.yaml")
DEMO_LOGINS = [(user["login"], user["password"], user["says"]) for user in DATA["users"]]


def seed_practice(db: Database, content_dir: Path, today: date | None) -> None:
    """Fill an empty database; a seeded one is left alone."""
    with db.reading() as connection:
        if connection.execute("SELECT 1 FROM facts WHERE name = 'seeded'").fetchone():
            return
    day = today or datetime.now(UTC).date()
    dice = random.Random(20260301)  # noqa: S311 - synthetic data, the same every time
    with db.writing() as connection:
        records = Records(connection, db.stamp)
        clients = people.clients(DATA, THEMES, dice)
        themes = [people.theme_of(index, DATA, THEMES) for index in range(len(clients))]
        seed_people(connection, records, clients, day)
        for index, client in enumerate(clients):
            charts.seed_chart(records, index, client, themes[index], day, dice)
        schedule.seed_fortnight(records, clients, themes, day, dice)
        charts.seed_messages(records, clients, DATA, day)
        charts.seed_documents(records, clients, content_dir, day)
        connection.execute("INSERT INTO facts VALUES ('seeded', ?)", (day.isoformat(),))


def seed_people(connection: sqlite3.Connection, records: Records, clients: list[Json], day: date) -> None:
    at = wire_time(datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=120))
    for user in people.users(DATA, clients):
        records.insert("users", user, at=at)
    for account in DATA["users"]:
        store_password(connection, account["login"], account["id"], account["password"])
    for client in clients:
        records.insert("clients", client, at=at)
