"""Any entry that a trail may hold, for property tests."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from therapyflows.governance.audit.model import Action, Actor, AuditEntry

AT = datetime(2026, 11, 2, 9, 0, 0, 5, tzinfo=UTC)

printable = st.text(max_size=40).filter(str.isprintable)
plain = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), max_size=40)
texts = plain | printable
optional = st.none() | texts
numbers = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
short_numbers = st.decimals(-10_000, 10_000, places=3).map(float)
values = texts | numbers | short_numbers | st.booleans()
entries = st.builds(
    AuditEntry,
    action=st.sampled_from(Action),
    actor=st.builds(Actor, kind=st.sampled_from(["person", "service"]), id=texts, role=optional),
    resource=texts,
    client_id=optional,
    flow_run_id=optional,
    request_id=optional,
    outcome=texts,
    sent_digest=optional,
    received_digest=optional,
    details=st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True), values, max_size=4),
)
