"""Registrations in every state, made by the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.registration import confirm, register
from tests.factories import applicant

if TYPE_CHECKING:
    from events.models import Event, Registration


def registered(event: Event, email: str = "maria@example.org", **fields: Any) -> Registration:
    """Somebody whose address is confirmed, with a seat, a rank, or awaiting approval as the event's rules say."""
    row = register(event.pk, applicant(email, **fields))
    assert row is not None
    return confirm(row.pk)


def several(event: Event, number: int, **fields: Any) -> list[Registration]:
    return [registered(event, f"p{place}@example.org", name=f"Person {place}", **fields) for place in range(number)]
