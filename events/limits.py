"""How often somebody may send a form: counted by hour, by address and by network, kept nowhere else.

The counts live in the cache under a keyed digest, so they forget by themselves and name nobody. With the cache in
the memory of each process the limits hold for each process; a shared cache (CACHE_URL) makes them hold for all.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

if TYPE_CHECKING:
    from django.http import HttpRequest

PER_ADDRESS = 5  # mails that strangers can cause to one e-mail address, an hour
PER_NETWORK = 300  # registrations from one network, an hour: a whole school behind one address must be able to
HASTY = dt.timedelta(seconds=3)  # nobody fills in a form so quickly; it counts as many
COST_OF_HASTE = 10
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


def is_address_over(email: str) -> bool:
    return is_over("address", email, PER_ADDRESS)


def is_network_over(request: HttpRequest, *, age: dt.timedelta = HASTY, people: int = 1) -> bool:
    """Whether too much comes from the network of the request; `age` is how long the form was open, if known."""
    network = network_of(request)
    cost = people * (COST_OF_HASTE if age < HASTY else 1)
    return bool(network) and is_over("network", network, PER_NETWORK, cost=cost)


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
