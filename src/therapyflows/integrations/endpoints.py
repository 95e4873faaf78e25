"""Which addresses an adapter may send charts and credentials to."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Whether the address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def safe_base_url(url: str) -> str:
    """The address without a trailing slash.

    Raises ValueError for anything but https (http is allowed on this machine only) and for addresses that carry
    credentials, a query or a fragment: those would end up in logs.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address must start with https://")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("plain http is allowed for this machine only; use https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the address must not carry credentials, a query or a fragment")
    return url.strip().rstrip("/")
