"""How often somebody may do something: counted by hour, kept nowhere else.

The counts live in the cache under a keyed digest, so they forget by themselves and name nobody. With the cache in
the memory of each process the limits hold for each process; a shared cache (CACHE_URL) makes them hold for all.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

if TYPE_CHECKING:
    from django.http import HttpRequest

HOUR = 3600
PREFIXES = {4: 32, 6: 56}  # of what one household or office has


def is_over(name: str, value: str, limit: int, *, cost: int = 1) -> bool:
    """Count `cost` for this value in this hour, and say whether it is more than `limit` now."""
    secret = settings.SECRET_KEY.encode()
    digest = hmac.digest(secret, f"{name}:{value}".encode(), "sha256").hex()[:32]
    key = f"limit:{digest}:{timezone.now():%Y%m%d%H}"
    cache.add(key, 0, timeout=HOUR)
    try:
        return cache.incr(key, cost) > limit
    except ValueError:  # it has just run out
        return False


def network_of(request: HttpRequest) -> str:
    """The network a request comes from; empty where that cannot be told.

    Behind a proxy that is declared (BEHIND_PROXY) it is the last address that the proxy has written. An address of
    this machine or a private network is an undeclared proxy's: all visitors would count as one.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed  # how a socket for both versions writes IPv4
    if not parsed.is_global:
        return ""
    return str(ipaddress.ip_network((parsed.packed, PREFIXES[parsed.version]), strict=False))
