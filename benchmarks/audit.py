"""How fast the audit trail is written and verified, beside the same rows without a chain and beside a naive check.

    python benchmarks/audit.py [--entries 50000] [--only sqlite|postgresql] [--json]

SQLite in a temporary folder and a PostgreSQL cluster of its own, both waiting for the disk at every commit.  One
process and one core, but for PostgreSQL's server.
"""

import argparse
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, Index, MetaData, Table, insert, text

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.postgres import running_cluster

from therapyflows.governance.audit import chain
from therapyflows.governance.audit.files import verify_export
from therapyflows.governance.audit.model import Action, Actor, AuditEntry, ChainedEntry
from therapyflows.integrations.store import Store, migrate, open_store
from therapyflows.integrations.store._audit_rows import to_row
from therapyflows.integrations.store._tables import AuditRow

BATCH = 500
COMPARED = 50_000
"""At most so many entries are appended and inserted for the comparison of the two."""
SINGLES = 300
THREADS = 16

Measured = dict[str, float]


def entry(n: int) -> AuditEntry:
    """As a run of a session note makes them: every column in use."""
    return AuditEntry(
        action=Action.EHR_READ,
        actor=Actor("service", "worker"),
        resource=f"appointments/apt-{n:08}",
        client_id=f"cl-{n % 2000:04}",
        flow_run_id=f"0c6f3d3e-6f4a-4a6e-9d1a-{n // 40:012x}",
        request_id=f"req-{n:016x}",
        sent_digest="sha256:" + hashlib.sha256(b"%d" % n).hexdigest(),
        received_digest="sha256:" + hashlib.sha256(b"-%d" % n).hexdigest(),
        details={"method": "GET", "status": 200, "seconds": 0.25, "attempt": 1, "purpose": "session_note"},
    )


def plain_table(store: Store) -> Table:
    """The columns and indexes of the trail, without its triggers."""
    table = Table("plain_entries", MetaData())
    for column in AuditRow.__table__.columns:
        options = {"primary_key": column.primary_key, "nullable": column.nullable, "autoincrement": False}
        table.append_column(Column(column.name, column.type, **options))
    for number, index in enumerate(AuditRow.__table__.indexes):
        Index(f"ix_plain_{number}", *(table.c[column.name] for column in index.columns))
    table.create(store.database.engine)
    return table


def batches(count: int) -> Iterator[list[AuditEntry]]:
    for start in range(0, count, BATCH):
        yield [entry(n) for n in range(start, start + BATCH)]


def rate_of_plain_inserts(store: Store, count: int) -> float:
    table, seq, took = plain_table(store), 0, 0.0
    for batch in batches(count):
        started = time.perf_counter()
        rows = []
        for each in batch:
            seq += 1
            rows.append(to_row(ChainedEntry(seq, datetime.now(UTC), each, chain.GENESIS, chain.GENESIS)))
        with store.database.write() as session:
            session.execute(insert(table), rows)
        took += time.perf_counter() - started
    return count / took


def rate_of_appends(store: Store, count: int) -> float:
    took = 0.0
    for batch in batches(count):
        started = time.perf_counter()
        store.audit.append_many(batch)
        took += time.perf_counter() - started
    return count / took if count else 0.0


def rate_one_by_one(store: Store, threads: int) -> float:
    entries = [entry(n) for n in range(SINGLES * threads)]
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(store.audit.append, entries))
    return len(entries) / (time.perf_counter() - started)


def naive_check(file: Path) -> None:
    """What an auditor writes first: parse, take the hash out, write again, hash, compare."""
    last = chain.GENESIS
    with file.open("rb") as lines:
        next(lines)
        for line in lines:
            record = json.loads(line)
            digest = record.pop("hash")
            again = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
            assert hashlib.sha256(again).hexdigest() == digest
            assert record["prev_hash"] == last
            last = digest


def timed(deed: object, *arguments: object) -> tuple[float, object]:
    """Processor seconds of this process, which other work on the machine does not change much, and the answer."""
    started = time.process_time()
    answer = deed(*arguments)  # type: ignore[operator]
    return time.process_time() - started, answer


def bytes_per_entry(store: Store, url: str, count: int) -> float:
    """Of table and indexes in the database."""
    if store.database.is_sqlite:
        query = "SELECT SUM(pgsize) FROM dbstat WHERE name LIKE '%audit_entries%'"
        try:
            with store.database.read() as session:
                return float(session.scalar(text(query)) or 0) / count
        except Exception:  # an SQLite without dbstat
            return float("nan")
    with store.database.read() as session:
        return float(session.scalar(text("SELECT pg_total_relation_size('audit_entries')")) or 0) / count


def slowest_search_ms(store: Store, total: int) -> float:
    """The median of each kind of search for a page of 100, newest first; the slowest kind of them."""
    at = store.audit.search(after_seq=total // 2, limit=1)[0].at
    kinds = [
        {"client_id": "cl-0007"},
        {"actor_id": "worker"},
        {"flow_run_id": "0c6f3d3e-6f4a-4a6e-9d1a-000000000007"},
        {"resource": "appointments/apt-00000007"},
        {"action": Action.EHR_READ},
        {"action": Action.LOGIN},
        {"client_id": "cl-0007", "since": at},
        {"until": at},
        {},
    ]
    return max(statistics.median(_search_ms(store, kind) for _ in range(15)) for kind in kinds)


def _search_ms(store: Store, kind: dict[str, object]) -> float:
    started = time.perf_counter()
    store.audit.search(**kind, newest_first=True, limit=100)  # type: ignore[arg-type]
    return 1000 * (time.perf_counter() - started)


def measure(store: Store, url: str, folder: Path, count: int) -> Measured:
    rate_of_appends(store, BATCH)  # imports, connections, statement caches
    compared = min(count, COMPARED)
    found = {
        "appends a second, in batches": rate_of_appends(store, compared),
        "plain inserts a second, in batches": rate_of_plain_inserts(store, compared),
        "appends a second, one by one": rate_one_by_one(store, 1),
        f"appends a second, one by one in {THREADS} threads": rate_one_by_one(store, THREADS),
    }
    rate_of_appends(store, count - compared)  # not compared: it makes the trail as long as was asked for
    export = folder / "export.jsonl"
    took, written = timed(store.audit.export, export)
    found["exported entries a second"] = float(written) / took  # type: ignore[arg-type]
    key, total = store.audit.public_key, float(written)  # type: ignore[arg-type]
    took, report = timed(verify_export, export, store.audit.checkpoint_folders, key)
    assert report.ok and report.entries == total, report  # type: ignore[attr-defined]  # noqa: PT018
    found["verified entries a second and core, export"] = total / took
    found["naive check of the same export"] = total / timed(naive_check, export)[0]
    took, report = timed(store.audit.verify)
    assert report.ok, report  # type: ignore[attr-defined]
    found["verified entries a second and core, in the store"] = total / took
    found["slowest kind of search for 100 entries, ms, median"] = slowest_search_ms(store, int(total))
    found["bytes an entry in an export"] = export.stat().st_size / total
    found["bytes an entry in the database, with indexes"] = bytes_per_entry(store, url, int(total))
    return found


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Store]:
    migrate(url)
    store = open_store(
        url,
        practice_key=os.urandom(32),
        signing_key=os.urandom(32),
        recordings_dir=folder / "recordings",
        checkpoint_dir=folder / "checkpoints",
    )
    yield store
    store.close()


def on_sqlite(count: int) -> Measured:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store.sqlite'}"
        with opened(url, folder) as store:
            return measure(store, url, folder, count)


def on_postgresql(count: int) -> Measured:
    with tempfile.TemporaryDirectory() as name, running_cluster(fsync=True) as cluster:
        url = cluster.url(cluster.new_database())
        with opened(url, Path(name)) as store:
            return measure(store, url, Path(name), count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    count = max(BATCH, args.entries // BATCH * BATCH)
    kinds = {"sqlite": on_sqlite, "postgresql": on_postgresql}
    found = {kind: run(count) for kind, run in kinds.items() if args.only in (None, kind)}
    if args.json:
        print(json.dumps({"entries": count, "batch": BATCH, "measured": found}))
        return
    print(f"{'':<56}" + "".join(f"{kind:>14}" for kind in found))
    for name in next(iter(found.values())):
        print(f"{name:<56}" + "".join(f"{measured[name]:>14,.0f}" for measured in found.values()))


if __name__ == "__main__":
    main()
