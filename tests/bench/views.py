"""What the portal is compared with: a view that computes nothing, a bare Wagtail page, a feed without storage."""

import datetime as dt
from functools import cache
from typing import Any

import icalendar
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.utils import timezone
from wagtail.models import Page
from wagtail.views import serve

from events.feeds import MAX_EVENTS, PAST
from events.models import Event
from tests.bench.data import DESCRIPTION

LISTED = 20
# The head is that of Wagtail's project template.
TEMPLATE = """{% load static wagtailcore_tags wagtailuserbar %}<!doctype html>
<html lang="fr"><head><meta charset="utf-8">{% wagtail_site as current_site %}
<title>{{ page.title }} - {{ current_site.site_name }}</title>
<link rel="stylesheet" href="{% static "site/site.css" %}"></head>
<body>{% wagtailuserbar %}<h1>{{ page.title }}</h1>
<p>{{ page.specific.summary }}</p>
{% include_block page.body %}
<ul>{% for child in children %}<li><a href="{% pageurl child %}">{{ child.title }}</a>
<time>{{ child.first_published_at|date:"Y-m-d" }}</time> {{ child.summary }}</li>{% endfor %}</ul>
</body></html>"""


@cache
def template() -> Any:
    return engines["django"].from_string(TEMPLATE)


def same_bytes(request: HttpRequest, size: int) -> HttpResponse:
    return HttpResponse(b"x" * size)


def bare_page(request: HttpRequest, path: str) -> HttpResponse:
    return bare(request, path)


def bare_listing(request: HttpRequest, path: str) -> HttpResponse:
    return bare(request, path, listed=LISTED)


def bare(request: HttpRequest, path: str, listed: int = 0) -> HttpResponse:
    """Serve a page as Wagtail does, routing and hooks included, with a template and context that know nothing of us."""
    found = Page.route_for_request(request, path)
    if found is None:
        raise Http404
    page = found.page

    def context(request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        children = page.get_children().live().specific()[:listed] if listed else ()
        return Page.get_context(page, request, *args, **kwargs) | {"children": children}

    page.template, page.get_context = template(), context
    return serve(request, path)


def naive_feed(request: HttpRequest) -> HttpResponse:
    """Render the events of the feed anew for each request, as most calendar views do; their words cost no query."""
    since = timezone.now() - PAST
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Bench//EN")
    wanted = Event.objects.filter(calendar_entries__language="fr", calendar_entries__ends_at__gte=since)
    for event in wanted.order_by("calendar_entries__ends_at")[:MAX_EVENTS]:
        calendar.add_component(naive_entry(event))
    calendar.add_missing_timezones()
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")


def naive_entry(event: Event) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", str(event.uuid))
    entry.add("dtstamp", event.first_published_at or timezone.now())
    entry.add("dtstart", event.local_start or event.starts_on)
    entry.add("dtend", event.local_end or (event.last_day or dt.date.max) + dt.timedelta(days=1))
    entry.add("summary", event.name)
    entry.add("description", DESCRIPTION)
    entry.add("location", ", ".join(filter(None, [event.place_name, event.city, event.country_name])))
    entry.add("url", event.get_absolute_url())
    entry.add("sequence", event.sequence)
    entry.add("status", "CONFIRMED")
    entry.add("categories", [str(event.get_kind_display())])
    return entry
