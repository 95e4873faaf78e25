"""Lines are read by a pattern where it can be, by parsing where not; both must say the same of every line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.governance.audit.entries import AT, entries

from therapyflows.governance.audit import chain
from therapyflows.governance.audit.line import Line, _read_unusual, compose_line, read_line
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

ENTRY = AuditEntry(
    Action.MODEL_CALLED,
    Actor("service", "worker"),
    "model_calls/mdl_1",
    client_id="c-1",
    details={"a": 12, "b": 0.25, "c": True, "d": "text"},
)
LINE = chain.to_line(chain.link(7, AT, ENTRY, chain.GENESIS)) + b"\n"


def by_parsing(line: bytes) -> Line | None:
    try:
        return _read_unusual(line)
    except ValueError:
        return None


def as_read(line: bytes) -> Line | None:
    try:
        return read_line(line)
    except ValueError:
        return None


@given(entries)
def test_what_was_written_is_read(entry: AuditEntry) -> None:
    chained = chain.link(7, AT, entry, chain.GENESIS)
    expected = Line(7, chain.format_time(AT), chain.GENESIS, chained.hash, is_right=True)
    assert read_line(chain.to_line(chained) + b"\n") == expected


@given(entries, st.data())
@settings(deadline=None)
def test_the_pattern_and_the_parser_agree_on_any_changed_line(entry: AuditEntry, data: st.DataObject) -> None:
    line = bytearray(chain.to_line(chain.link(7, AT, entry, chain.GENESIS)) + b"\n")
    place = data.draw(st.integers(0, len(line) - 1))
    change = data.draw(st.sampled_from(["replace", "remove", "insert", "swap"]))
    new = data.draw(st.sampled_from([*b'0123456789-.eE"\\{}[],: \ntrufalsenl_~\x7f\x80\x00']))
    if change == "replace":
        line[place] = new
    elif change == "remove":
        del line[place]
    elif change == "insert":
        line.insert(place, new)
    else:
        line[place - 1], line[place] = line[place], line[place - 1]
    assert as_read(bytes(line)) == by_parsing(bytes(line))


NUMBERS = "0 -0 1 -1 01 +1 1. .5 1.0 1.5 1.50 -0.0 -0.5 0.0001 0.00001 1e5 1E5 1e+16 1e-05 1234567890.1234 0.30 0.3 "
NUMBERS += "1_0 12345678901.5 9223372036854775807 9223372036854775808 1.7976931348623157e+308 NaN Infinity null [] {}"


@pytest.mark.parametrize("number", NUMBERS.split())
def test_the_pattern_and_the_parser_agree_on_every_form_of_a_number(number: str) -> None:
    line = LINE.replace(b'"b":0.25', b'"b":' + number.encode())
    assert as_read(line) == by_parsing(line)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"a":12,"b":0.25', b'"b":0.25,"a":12'),
        (b'"a":12,"b":0.25', b'"a":12,"a":12'),
        (b'{"action"', b'{ "action"'),
        (b'"d":"text"', b'"d":"\\u0074ext"'),
        (b'"d":"text"', b'"d":"t\xc3\xa9xt"'),
        (b'"d":"text"', b'"d":"' + b"x" * 201 + b'"'),
        (b'"seq":7', b'"seq":07'),
        (b'"seq":7', b'"seq":7.0'),
        (b'"seq":7', b'"seq":0'),
        (b"2026-11-02", b"2026-02-30"),
        (b"2026-11-02", b"0000-11-02"),
        (b"T09:00", b"T24:00"),
        (b'"model.called"', b'"model.praised"'),
        (b'"service"', b'"machine"'),
        (b"\n", b""),
        (b"\n", b"\r\n"),
    ],
)
def test_a_line_in_another_form_is_no_entry(old: bytes, new: bytes) -> None:
    assert LINE.count(old) == 1
    assert as_read(LINE.replace(old, new)) is None


@given(entries)
def test_columns_make_the_same_line(entry: AuditEntry) -> None:
    chained = chain.link(7, AT, entry, chain.GENESIS)
    composed = compose_line(
        chained.seq,
        chain.format_time(chained.at),
        str(entry.action),
        entry.actor.kind,
        entry.actor.id,
        entry.actor.role,
        entry.resource,
        entry.client_id,
        entry.flow_run_id,
        entry.request_id,
        entry.outcome,
        entry.sent_digest,
        entry.received_digest,
        chain.canonical(dict(entry.details)).decode(),
        chained.prev_hash,
        chained.hash,
    )
    assert composed == chain.to_line(chained) + b"\n"
