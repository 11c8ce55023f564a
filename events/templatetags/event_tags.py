"""Events in lists and on pages: which, when, and with how many seats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from events.agenda import Row, rows, upcoming_of
from events.embed import Code, codes
from events.models import Event
from events.structured_data import structured_event
from events.subscribing import Subscription, to_cite, to_country, to_event
from events.when import Saying, When, moment, seats_saying, when_of
from home.models.cite import State as CiteState
from home.skills import grouped
from portal.base import when
from portal.base.framing import origins
from portal.base.languages import Text
from portal.base.open_data import absolute
from portal.base.pages import with_words
from portal.base.structured_data import data_block

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from django.forms import Form
    from django.template import Context
    from django.utils.safestring import SafeString

    from events.availability import Availability
    from events.models import EventPage
    from home.models import Cite, Project
    from portal.base.pages import Entry

register = template.Library()


@register.simple_tag(takes_context=True)
def upcoming_events(context: Context, limit: int = 4) -> list[Row]:
    """Give the next events of the network."""
    events = Event.objects.shown().select_related("cite", "project").upcoming()[:limit]
    return rows(events, context.get("request"))


@register.simple_tag(takes_context=True)
def cite_events(context: Context, cite: Cite, limit: int = 6) -> list[Row]:
    """Give the next events of a Cité."""
    return rows(upcoming_of(cite, limit), context.get("request"))


@register.simple_tag(takes_context=True)
def project_events(context: Context, project: Project) -> list[Row]:
    """Give all events of a project, as they followed each other."""
    events = Event.objects.shown().filter(project=project).select_related("cite", "project")
    return rows(events.order_by("begins_at", "ends_at", "pk"), context.get("request"))


@register.simple_tag(takes_context=True)
def trainings_by_skill(context: Context, limit: int = 3) -> dict[int, list[Entry]]:
    """Give for each skill the next events that serve it, in as many queries however many skills there are."""
    events = list(Event.objects.shown().exclude(skills=None).distinct().select_related("cite").upcoming())
    links = Event.skills.through.objects.filter(event__in=[event.pk for event in events])
    return grouped(links.values_list("skill_id", "event_id"), with_words(events, context.get("request")), limit)


@register.simple_tag(takes_context=True)
def trainings_of_skills(context: Context, skills: Iterable[Any], limit: int = 6) -> list[Row]:
    """Give the next events that serve one of these skills."""
    events = Event.objects.shown().filter(skills__in=list(skills)).distinct().select_related("cite", "project")
    return rows(events.upcoming()[:limit], context.get("request"))


@register.simple_tag
def cite_feed(cite: Any) -> Subscription | None:
    """Give the feed of a Cité; a former one announces nothing any more."""
    is_member = cite and cite.pk and cite.live and cite.state != CiteState.FORMER
    return to_cite(cite) if is_member else None


@register.simple_tag
def country_feed(code: str) -> Subscription:
    """Give the feed of a country."""
    return to_country(code)


@register.simple_tag
def event_feed(event: Any, title: str) -> Subscription | None:
    """Give the feed of one event, as long as something may change about it."""
    can_change = event and event.pk and event.live and event.has_exact_date and not event.is_over
    return to_event(event, title) if can_change else None


@register.simple_tag
def embed_codes(cite: Cite) -> list[Code]:
    """Give the frames that a Cité may set up on its own site."""
    return codes(cite)


@register.simple_tag
def frame_origins(cite: Cite) -> list[str]:
    """Name the sites that browsers show these frames on."""
    return origins(cite.website)


@register.simple_tag
def event_when(event: Any) -> When:
    return when_of(event)


@register.simple_tag
def seats_status(availability: Availability, event: Any = None) -> Saying | None:
    """Say how many seats there are, or why nobody can register; with the event, to the minute of its clock."""
    return seats_saying(availability, event)


@register.simple_tag
def event_data(
    event: Event | None, page: EventPage, availability: Availability | None, host: Entry | None
) -> SafeString:
    """Write what search engines read of an event; nothing in the preview of a page that has no facts."""
    if event is None:
        return data_block(None)
    return data_block(
        structured_event(
            event,
            title=Text(page.title, page.language),
            summary=Text(page.summary, page.language),
            url=page.full_url if page.pk else absolute(event.get_absolute_url()),
            seats=availability,
            host=host,
        )
    )


@register.simple_tag
def chosen_filters(form: Form) -> int:
    """Count the filters of the agenda that are in use; coming or past is a view, not a filter."""
    return sum(bool(form.cleaned_data.get(name)) for name in ("kind", "country", "cite", "language"))


@register.filter
def event_place(event: Any) -> str:
    """Write where an event is, in a few words: town and country, or nothing for one that is online alone."""
    return ", ".join(part for part in (event_town(event), event.country_name) if part)


@register.filter
def event_town(event: Any) -> str:
    """Name the town or else the house: as it stands on the spot, in no reader's language."""
    return event.city or event.place_name


@register.filter
def moment_at(at: dt.datetime, event: Any) -> str:
    """Write a moment as the clock of the event's place shows it."""
    return moment(at, event)


@register.filter
def in_zone(at: dt.datetime, event: Any) -> dt.datetime:
    return at.astimezone(event.zone)


@register.filter
def weekday_and_day(day: dt.date) -> str:
    return when.weekday_and_day(day)


@register.filter
def clock(time: dt.time) -> str:
    return when.clock(time)
