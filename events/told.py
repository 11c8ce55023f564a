"""What has changed since people were told: the facts then, and the facts now, in words."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from events.dates import window
from events.letters import Change
from events.models.event import CALLED_OFF, State
from events.when import when_of
from home.countries import zones_by_country
from portal.base import when

if TYPE_CHECKING:
    from events.models import Event


def as_told(event: Event, told: dict[str, str]) -> Event:
    """The event with the facts that were told; nothing of it is ever saved."""
    then = copy.copy(event)
    for name in told.keys() - {"link", "live"}:
        text = told[name]
        setattr(then, name, parsed(name, text))
    then.live = "live" not in told
    then.begins_at, then.ends_at = window(then)
    return then


def parsed(name: str, text: str) -> object:
    if name in {"starts_on", "ends_on"}:
        return dt.date.fromisoformat(text) if text else None
    if name in {"start_time", "end_time"}:
        return dt.time.fromisoformat(text) if text else None
    return text == "True" if name == "is_online" else text


def sentences(*parts: str) -> str:
    """Join what stands for itself; some languages end a date with a full stop of its own."""
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts[:-1]) + f" {parts[-1]}"


def when_said(event: Event) -> str:
    if event.state == State.POSTPONED:
        return _("New date to be confirmed")
    said = when_of(event)
    return sentences(said.day, said.time) if said.time else said.day


def reader_time(event: Event, country: str) -> str:
    """The start by the clock of the reader's country; empty where the clocks agree."""
    start = event.local_start
    zone = zones_by_country().get(country)
    if start is None or zone is None or event.state == State.POSTPONED:
        return ""
    local = start.astimezone(ZoneInfo(zone))
    if local.utcoffset() == start.utcoffset():
        return ""
    return _("Start by the clock of %(city)s: %(day)s, %(time)s (%(offset)s)") % {
        "city": when.city_of(ZoneInfo(zone)),
        "day": when.full_day(local.date()),
        "time": when.clock(local),
        "offset": when.offset(local),
    }


def where_said(event: Event) -> str:
    parts = [event.place_name, event.address, event.city, event.country_name]
    place = ", ".join(" ".join(part.split()) for part in parts if part)
    if event.is_online:
        return sentences(place, _("On site and online")) if place else _("Online")
    return place or _("Place to be confirmed")


def state_said(event: Event) -> str:
    """The state as people are told it: whether it takes place."""
    if event.state == State.POSTPONED:
        return _("postponed")
    if not event.live:
        return _("not published")
    return _("cancelled") if event.state in CALLED_OFF else _("takes place")


def changes_between(event: Event, before: dict[str, str], now: dict[str, str], country: str = "") -> list[Change]:
    """What of `before` is different in `now`, in the active language; nothing where `before` is not known.

    For a reader from a country with another time in that as well.
    """
    if not before:
        return []
    old, new = as_told(event, before), as_told(event, now)
    said = [
        Change(_("State"), state_said(old), state_said(new)),
        Change(_("When"), when_said(old), when_said(new), reader_time(old, country), reader_time(new, country)),
        Change(_("Where"), where_said(old), where_said(new)),
    ]
    if now.get("link") and now["link"] != before.get("link"):
        said.append(Change(_("Link to take part"), "", event.online_link))
    return [change for change in said if change.old != change.new]


def is_news(event: Event, before: dict[str, str], now: dict[str, str]) -> bool:
    """Whether people who were told `before` would read something else now; of a cancelled event nothing else is."""
    if not before:
        return True
    if before.get("state") in CALLED_OFF and event.state in CALLED_OFF:
        return False
    return bool(changes_between(event, before, now))
