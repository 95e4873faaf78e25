"""The session cookie and its row: what opens it, what ends it, what it gives away."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.stores import open_test_store

from therapyflows.core.errors import Transient
from therapyflows.web.review.sessions import ForgedCookie, Sessions, local_path

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
IDLE, LIFETIME = timedelta(minutes=15), timedelta(hours=8)


@pytest.fixture
def make(store):
    """Sessions over this store, as another process would make them."""
    return lambda key=b"k" * 32, **more: Sessions(
        key, store.review_sessions, **{"idle": IDLE, "lifetime": LIFETIME, "secure": False} | more
    )


@pytest.fixture
def sessions(make) -> Sessions:
    return make()


def test_a_cookie_gives_nothing_away_and_opens_only_with_its_key(make) -> None:
    cookie = make().seal(make().begin("u-clin", NOW))
    assert "u-clin" not in cookie
    assert make().open(cookie, NOW) is not None
    with pytest.raises(ForgedCookie):
        make(b"x" * 32).open(cookie, NOW)


@pytest.mark.parametrize("cookie", ["", "garbage", "gAAAAA", "ü"])
def test_what_is_not_ours_opens_nothing(sessions, cookie: str) -> None:
    with pytest.raises(ForgedCookie):
        sessions.open(cookie, NOW)


def test_a_changed_cookie_opens_nothing(sessions) -> None:
    cookie = sessions.seal(sessions.begin("u-clin", NOW))
    middle = len(cookie) // 2
    changed = cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1 :]
    with pytest.raises(ForgedCookie):
        sessions.open(changed, NOW)


def test_a_session_ends_after_idling(sessions) -> None:
    cookie = sessions.seal(sessions.begin("u-clin", NOW))
    assert sessions.open(cookie, NOW + IDLE) is not None
    assert sessions.open(cookie, NOW + IDLE + timedelta(seconds=1)) is None


def test_no_activity_prolongs_a_session_beyond_its_lifetime(sessions) -> None:
    session, now = sessions.begin("u-clin", NOW), NOW
    while now <= NOW + LIFETIME:
        session = sessions.touch(session, now)
        now += timedelta(minutes=10)
    assert sessions.open(sessions.seal(sessions.touch(session, now)), now) is None


def test_a_copied_cookie_dies_with_the_log_out_in_every_process_and_after_a_restart(make, tmp_path) -> None:
    session = make().begin("u-clin", NOW)
    cookie = make().seal(session)
    assert make().end(session, NOW, code="logged_out")
    assert make().open(cookie, NOW) is None
    again = open_test_store(tmp_path)
    try:
        reopened = Sessions(b"k" * 32, again.review_sessions, idle=IDLE, lifetime=LIFETIME, secure=False)
        assert reopened.open(cookie, NOW) is None
    finally:
        again.close()


def test_all_sessions_of_one_person_end_and_nobody_elses(sessions) -> None:
    mine = [sessions.seal(sessions.begin("u-clin", NOW)) for _ in range(3)]
    other = sessions.seal(sessions.begin("u-sup", NOW))
    assert sessions.end_all("u-clin", NOW, code="user_inactive") == 3
    assert [sessions.open(cookie, NOW) for cookie in mine] == [None] * 3
    assert sessions.open(other, NOW) is not None


def test_a_cookie_whose_session_this_store_never_saw_opens_nothing(sessions, tmp_path) -> None:
    elsewhere = open_test_store(tmp_path / "elsewhere")
    try:
        foreign = Sessions(b"k" * 32, elsewhere.review_sessions, idle=IDLE, lifetime=LIFETIME, secure=False)
        assert sessions.open(foreign.seal(foreign.begin("u-clin", NOW)), NOW) is None
    finally:
        elsewhere.close()


def test_without_the_store_nobody_is_signed_in(make, monkeypatch) -> None:
    def away(*_: object) -> bool:
        raise Transient("store_unavailable")

    kept = make()
    cookie = kept.seal(kept.begin("u-clin", NOW))
    monkeypatch.setattr(type(kept._register), "is_open", away)
    with pytest.raises(Transient):
        kept.open(cookie, NOW)


def test_a_sign_in_cookie_is_no_session_and_a_browsers_mark_is_neither(sessions) -> None:
    cookie = sessions.seal(sessions.begin("u-clin", NOW))
    assert sessions.open_pending(cookie, NOW) is None
    assert sessions.device_of(cookie) is None
    mark = sessions.new_device()
    assert sessions.device_of(mark) == sessions.device_of(mark)
    assert sessions.device_of(mark) != sessions.device_of(sessions.new_device())
    with pytest.raises(ForgedCookie):
        sessions.open(mark, NOW)


def test_over_https_every_cookie_belongs_to_this_host_alone(make) -> None:
    kept = make(secure=True)
    assert {name[:7] for name in (kept.cookie, kept.pending_cookie, kept.device_cookie)} == {"__Host-"}


@pytest.mark.parametrize(
    "path",
    [None, "", "//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "drafts", "/a\r\nb", "/@x"],
)
def test_no_open_redirect(path: str | None) -> None:
    assert local_path(path) == "/"


def test_pages_of_ours_are_returned_to() -> None:
    assert local_path("/drafts/drf_1") == "/drafts/drf_1"
