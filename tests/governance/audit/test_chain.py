from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.governance.audit.entries import AT, entries

from therapyflows.governance.audit import chain
from therapyflows.governance.audit.model import Action, Actor, AuditEntry, ChainedEntry


@given(entries)
def test_an_entry_survives_being_written_and_read(entry: AuditEntry) -> None:
    chain.check_entry(entry)
    chained = chain.link(7, AT, entry, chain.GENESIS)
    assert chain.from_line(chain.to_line(chained)) == chained


@given(entries, st.data())
def test_no_changed_byte_is_taken_for_the_same_entry(entry: AuditEntry, data: st.DataObject) -> None:
    chained = chain.link(7, AT, entry, chain.GENESIS)
    line = bytearray(chain.to_line(chained))
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))
    assert not _is_intact(bytes(line))


def _is_intact(line: bytes) -> bool:
    try:
        found: ChainedEntry = chain.from_line(line)
    except ValueError:
        return False
    return found.hash == chain.hash_of(found.seq, found.at, found.entry, found.prev_hash)


def test_the_canonical_text_is_fixed() -> None:
    """Old trails must verify for ever: this text may not change."""
    entry = AuditEntry(Action.LOGIN, Actor("person", "u-1", "Clinician"), "session/é", details={"b": 1.5, "a": True})
    assert chain.to_line(chain.link(1, AT, entry, chain.GENESIS)) == (
        b'{"action":"login.succeeded","actor":{"id":"u-1","kind":"person","role":"Clinician"},'
        b'"at":"2026-11-02T09:00:00.000005Z","client_id":null,"details":{"a":true,"b":1.5},"flow_run_id":null,'
        b'"hash":"%s","outcome":"ok","prev_hash":"%s","received_digest":null,"request_id":null,'
        b'"resource":"session/\\u00e9","sent_digest":null,"seq":1}' % (EXPECTED_HASH, b"0" * 64)
    )


EXPECTED_HASH = b"46426eb19cdb89caf13b8989e2f823ced5ad737262441e257e9629e4ee994fc1"


def test_the_time_zone_makes_no_difference() -> None:
    entry = AuditEntry(Action.LOGIN, Actor("person", "u-1"), "session/1")
    elsewhere = AT.astimezone(timezone(timedelta(hours=-8)))
    assert chain.link(1, elsewhere, entry, chain.GENESIS) == chain.link(1, AT, entry, chain.GENESIS)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"not json",
        b'{"seq":1}',
        b"\xff\xfe",
        b'"' * 5000,
        b"[" * 100_000,
    ],
)
def test_what_is_no_entry_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        chain.from_line(line)


@pytest.mark.parametrize("extra", [b'"more":1,', b'"seq":1,'], ids=["another field", "a field twice"])
def test_a_line_with_something_slipped_in_is_refused(extra: bytes) -> None:
    entry = AuditEntry(Action.LOGIN, Actor("person", "u-1"), "session/1")
    line = chain.to_line(chain.link(1, AT, entry, chain.GENESIS))
    with pytest.raises(ValueError, match="canonical"):
        chain.from_line(b"{" + extra + line[1:])


@pytest.mark.parametrize(
    "unfit",
    [
        {"actor": Actor("robot", "u-1")},  # type: ignore[arg-type]
        {"details": {"n": 2**63}},
        {"details": {"n": float("inf")}},
        {"details": {"N": 1}},
        {"details": {"n": None}},
        {"outcome": "x" * 201},
    ],
    ids=str,
)
def test_what_no_trail_takes_no_export_may_hold(unfit: dict[str, Any]) -> None:
    entry = replace(AuditEntry(Action.LOGIN, Actor("person", "u-1"), "session/1"), **unfit)
    with pytest.raises(chain.UnfitEntry):
        chain.check_entry(entry)
    with pytest.raises(ValueError, match=r"."):
        chain.from_line(chain.to_line(chain.link(1, AT, entry, chain.GENESIS)))
