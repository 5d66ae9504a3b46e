"""Which pages may open the socket: browsers let any page try, and tell only its address."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def origin_allowed(origin: str | None, host: str | None, also: Collection[str] = ()) -> bool:
    """Whether a page of that origin may stream. origin, host: the request's headers. also: further origins, small
    letters without a slash at the end. A request without an Origin comes from no browser's page and is refused."""
    if not origin:
        return False
    if origin.lower() in also:
        return True
    try:
        page = urlsplit(origin)
        server = urlsplit(f"{page.scheme}://{host or ''}")
        usual = _PORTS.get(page.scheme)
        if usual is None or not page.hostname:
            return False
        return (page.hostname, page.port or usual) == (server.hostname, server.port or usual)
    except ValueError:  # a port that is no number, brackets that are no address
        return False
