"""The session cookie: what opens it, what ends it, what it gives away."""

from datetime import UTC, datetime, timedelta

import pytest

from therapyflows.web.review.sessions import Sessions, local_path

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
IDLE, LIFETIME = timedelta(minutes=15), timedelta(hours=8)


def sessions(key: bytes = b"k" * 32) -> Sessions:
    return Sessions(key, idle=IDLE, lifetime=LIFETIME, secure=False)


def test_a_cookie_gives_nothing_away_and_opens_only_with_its_key() -> None:
    cookie = sessions().seal(sessions().begin("u-clin", NOW))
    assert "u-clin" not in cookie
    assert sessions().open(cookie, NOW) is not None
    assert sessions(b"x" * 32).open(cookie, NOW) is None


@pytest.mark.parametrize("cookie", [None, "", "garbage", "gAAAAA", "ü"])
def test_what_is_not_ours_opens_nothing(cookie: str | None) -> None:
    assert sessions().open(cookie, NOW) is None


def test_a_changed_cookie_opens_nothing() -> None:
    cookie = sessions().seal(sessions().begin("u-clin", NOW))
    middle = len(cookie) // 2
    changed = cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1 :]
    assert sessions().open(changed, NOW) is None


def test_a_session_ends_after_idling() -> None:
    cookie = sessions().seal(sessions().begin("u-clin", NOW))
    assert sessions().open(cookie, NOW + IDLE) is not None
    assert sessions().open(cookie, NOW + IDLE + timedelta(seconds=1)) is None


def test_no_activity_prolongs_a_session_beyond_its_lifetime() -> None:
    kept = sessions()
    session, now = kept.begin("u-clin", NOW), NOW
    while now <= NOW + LIFETIME:
        session = kept.touch(session, now)
        now += timedelta(minutes=10)
    assert kept.open(kept.seal(kept.touch(session, now)), now) is None


def test_a_copied_cookie_dies_with_the_log_out() -> None:
    kept = sessions()
    session = kept.begin("u-clin", NOW)
    cookie = kept.seal(session)
    kept.end(session, NOW)
    assert kept.open(cookie, NOW) is None


def test_a_sign_in_cookie_is_no_session() -> None:
    kept = sessions()
    assert kept.open_pending(kept.seal(kept.begin("u-clin", NOW)), NOW) is None


@pytest.mark.parametrize(
    "path",
    [None, "", "//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "drafts", "/a\r\nb", "/@x"],
)
def test_no_open_redirect(path: str | None) -> None:
    assert local_path(path) == "/"


def test_pages_of_ours_are_returned_to() -> None:
    assert local_path("/drafts/drf_1") == "/drafts/drf_1"
