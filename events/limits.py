"""How often somebody may send a form: by address and by network."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from portal.base.limits import is_over, network_of

if TYPE_CHECKING:
    from django.http import HttpRequest

PER_ADDRESS = 5  # mails that strangers can cause to one e-mail address, an hour
PER_NETWORK = 300  # registrations from one network, an hour: a whole school behind one address must be able to
HASTY = dt.timedelta(seconds=3)  # nobody fills in a form so quickly; it counts as many
COST_OF_HASTE = 10


def is_address_over(email: str) -> bool:
    return is_over("address", email, PER_ADDRESS)


def is_network_over(request: HttpRequest, *, age: dt.timedelta = HASTY, people: int = 1) -> bool:
    """Whether too much comes from the network of the request; `age` is how long the form was open, if known."""
    network = network_of(request)
    cost = people * (COST_OF_HASTE if age < HASTY else 1)
    return bool(network) and is_over("network", network, PER_NETWORK, cost=cost)
