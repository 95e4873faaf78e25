"""Writes to a store until it is killed; prints a line after each thing that the store has promised to keep.

Arguments: url, folder, name of this writer.
"""

import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from therapyflows.core.ports import InboxEvent
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.integrations.store import open_store

url, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
store = open_store(
    url,
    practice_key=b"practice key for the tests only.",
    signing_key=b"signing key for the tests only..",
    recordings_dir=folder / "recordings",
    checkpoint_dir=folder / "checkpoints",
    checkpoint_every=7,
)
now = datetime.now(UTC)


def promised(kind: str, value: str) -> None:
    print(kind, value, flush=True)


def entry(resource: str) -> AuditEntry:
    return AuditEntry(Action.EVENT_RECEIVED, Actor("service", name), resource)


for n in count():
    promised("audit", f"{store.audit.append(entry(f'loose/{name}-{n}'))}:loose/{name}-{n}")
    event = InboxEvent(f"{name}-{n}", "note.signed", "n-1", None, now, now, "webhook", "new", 0)
    store.inbox.store_many([event], [entry(f"events/{event.id}")])
    promised("event", event.id)
    store.contents.put(f"c-{n % 3}", "draft", f"{name}-{n}".encode(), content_id=f"cnt_{name}_{n}")
    promised("content", f"cnt_{name}_{n}:{name}-{n}")
    with store.recordings.writer(f"c-{name}", f"rec_{name}", "audio/ogg", retain_until=now + timedelta(1)) as stream:
        stream.write(f"{n:06}".encode() * 50_000)
    promised("recording", f"rec_{name}:{n:06}")
