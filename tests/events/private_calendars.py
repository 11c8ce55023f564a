"""Private calendars as people make them and devices ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from events.links import token_of
from events.models import CalendarSubscription
from events.private_calendars import Owner, subscribe
from tests.events.ical_lines import Component, parse
from tests.factories import stored

if TYPE_CHECKING:
    from events.models import Registration


def of_one(row: Registration, language: str = "en", device: str = "phone") -> CalendarSubscription:
    row = stored(row)
    return subscribe(Owner(row.email, row), device=device, language=language)


def of_all(email: str = "maria@example.org", language: str = "en", device: str = "phone") -> CalendarSubscription:
    return subscribe(Owner(email), device=device, language=language)


def path_of(row: CalendarSubscription) -> str:
    return reverse("calendar-my", args=[token_of(stored(row))])


def ask(client: Any, row: CalendarSubscription, **headers: str) -> Any:
    return client.get(path_of(row), headers=headers)


def vevents(client: Any, row: CalendarSubscription) -> list[Component]:
    response = ask(client, row)
    assert response.status_code == 200
    components, problems = parse(response.content)
    assert problems == []
    return components[0].named("VEVENT")


def told(client: Any, row: CalendarSubscription) -> list[tuple[str, int, str]]:
    """Of each entry status, sequence and title."""
    return [
        (found.value("STATUS"), int(found.value("SEQUENCE")), found.all("SUMMARY")[0].text)
        for found in vevents(client, row)
    ]
