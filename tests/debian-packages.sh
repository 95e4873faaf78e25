#!/bin/sh
# Debian packages that the tests drive: Chromium (review pages) and PostgreSQL (the store's second database).
# Installs what is missing when it may; without the right it says so, and the tests that need them are skipped visibly.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installed and not installable here:$missing. Tests that need them will be skipped." >&2
    exit 0
fi
echo "Installing Debian packages:$missing"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
