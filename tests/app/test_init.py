"""``therapyflows init`` writes everything that a practice cannot know, and never overwrites it."""

import stat

from pydantic import SecretStr

from therapyflows.app.keys import decode_key, new_secrets, write_env_file
from therapyflows.core.events.signature import decode_secret


def test_every_secret_is_usable_and_new_each_time(tmp_path):
    first, second = new_secrets(), new_secrets()
    for name in ("STORE__PRACTICE_KEY", "STORE__AUDIT_SIGNING_KEY", "REVIEW__SESSION_KEY"):
        assert len(decode_key(SecretStr(first[f"THERAPYFLOWS_{name}"]), name=name)) == 32
    webhook = first["THERAPYFLOWS_EHR__WEBHOOK_SECRETS"].strip('[]"')
    assert len(decode_secret(webhook)) == 24
    assert not set(first.values()) & set(second.values())


def test_the_file_is_the_owners_alone(tmp_path):
    file = tmp_path / "practice" / "therapyflows.env"
    write_env_file(file, {"A": "1"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
