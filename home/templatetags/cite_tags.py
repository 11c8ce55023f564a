"""A Cité's hours, state and place on the map, in whole sentences."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django import template
from django.utils.translation import gettext as _

from home import opening
from home.models.cite import State
from home.structured_data import structured_cite
from portal.base import geo, when
from portal.base.languages import Text
from portal.base.open_data import absolute
from portal.base.pages import Entry
from portal.base.sorting import sort_key
from portal.base.structured_data import data_block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

    from home.models import Cite, CitePage, OpeningException

register = template.Library()

STATE_KINDS = {State.OPEN: "ok", State.PROJECT: "few", State.FORMER: "off"}


class Saying(NamedTuple):
    """What a status component shows."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class DayLine:
    name: str
    hours: tuple[str, ...]
    is_today: bool
    is_known: bool
    is_exception: bool


@dataclass(frozen=True, slots=True)
class CountryGroup:
    code: str
    name: str
    entries: list[Entry]


@register.simple_tag
def opening_status(cite: Cite) -> Saying | None:
    """Say whether a Cité is open now; None where nobody knows."""
    status = opening.status(cite)
    if status is None:
        return None
    if status.is_open and status.closes:
        return Saying("ok", _("Open now, until %(time)s") % {"time": when.clock(status.closes)})
    if status.opens_today:
        return Saying("wait", _("Closed now. Opens today at %(time)s") % {"time": when.clock(status.opens_today)})
    if status.opens_on and status.opens:
        return Saying("wait", opens_later(cite, status.opens_on, status.opens))
    return Saying("wait", _("Closed now"))


def opens_later(cite: Cite, day: dt.date, time: dt.time) -> str:
    words = {"day": when.weekday_and_day(day), "time": when.clock(time)}
    if day == cite.local_today + dt.timedelta(days=1):
        return _("Closed now. Opens tomorrow at %(time)s") % words
    return _("Closed now. Opens on %(day)s at %(time)s") % words


@register.simple_tag
def opening_week(cite: Cite) -> list[DayLine]:
    """List the hours of this week, as it is lived there."""
    return [
        DayLine(
            when.weekday(day.date),
            tuple(f"{when.clock(opens)}–{when.clock(closes)}" for opens, closes in day.intervals),
            day.is_today,
            day.is_known,
            day.exception is not None,
        )
        for day in opening.week(cite)
    ]


@register.simple_tag
def coming_exceptions(cite: Cite) -> list[OpeningException]:
    return opening.coming_exceptions(cite)


@register.filter
def exception_text(exception: OpeningException) -> str:
    """Write "Closed from 24 December to 6 January" as one sentence."""
    words = {
        "first": when.long_day(exception.first_on),
        "last": when.long_day(exception.last_on),
        "opens": exception.opens and when.clock(exception.opens),
        "closes": exception.closes and when.clock(exception.closes),
    }
    if exception.first_on == exception.last_on:
        closed, changed = _("Closed on %(first)s."), _("Open from %(opens)s to %(closes)s on %(first)s.")
    else:
        closed = _("Closed from %(first)s to %(last)s.")
        changed = _("Open from %(opens)s to %(closes)s from %(first)s to %(last)s.")
    return (closed if exception.is_closed else changed) % words


@register.filter
def state_kind(cite: Cite) -> str:
    """Name the colour of a Cité's state; its word always stands beside it."""
    return STATE_KINDS.get(cite.state, "none")


@register.simple_tag
def network_charts(map_cites: Iterable[tuple[Cite, geo.Point]]) -> list[geo.Chart]:
    """Draw the map of these Cités."""
    return geo.charts(
        geo.Place(cite.country, cite.latitude, cite.longitude)
        for cite, _point in map_cites
        if cite.latitude is not None and cite.longitude is not None
    )


@register.simple_tag
def place_on_map(thing: Any) -> dict[str, Any] | None:
    """Cut out the little map round a Cité or an event; None where its position is not known or not drawn."""
    if thing is None or thing.latitude is None or thing.longitude is None:
        return None
    point = geo.project(thing.latitude, thing.longitude)
    if point is None:
        return None
    outline = point.frame.outline(thing.country)
    return {"point": point, "viewbox": geo.viewbox_around(point), "outline": outline}


@register.simple_tag
def cite_data(cite: Cite | None, page: CitePage) -> SafeString:
    """Write what search engines read of a Cité; nothing in the preview of a page that has no facts."""
    if cite is None:
        return data_block(None)
    url = page.full_url if page.pk else absolute(cite.get_absolute_url())
    return data_block(structured_cite(cite, summary=page.summary, url=url))


@register.filter
def openstreetmap(thing: Any) -> str:
    """Give the address of a map that we do not show ourselves."""
    latitude, longitude = thing.latitude, thing.longitude
    return f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=15/{latitude}/{longitude}"


@register.filter
def cite_title(entry: Entry) -> Text:
    """Give the title of a Cité's words; where it is the official name, in the name's own language."""
    cite = entry.fact
    return cite.working_title if entry.title.text == cite.official_name else entry.title


@register.simple_tag
def by_country(entries: Iterable[Entry]) -> list[CountryGroup]:
    """Group the entries of the directory by country, in the order of the countries' names."""
    groups: dict[str, CountryGroup] = {}
    for entry in entries:
        cite = entry.fact
        group = groups.setdefault(cite.country, CountryGroup(cite.country, cite.country_name, []))
        group.entries.append(entry)
    return sorted(groups.values(), key=lambda group: sort_key(group.name))
