"""The next events of a Cité or a country, as a plain page for a frame on a Cité's own site."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from events.agenda import filtered, rows, upcoming_of
from events.models import Event
from home.countries import country_name
from home.models import Cite
from home.models.cite import State
from portal.base.framing import frame_code, policy_for_frames_on
from portal.base.languages import Text, current_language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

LIMIT = 20
MAX_AGE = 300  # seconds; the number of seats may be as old


@require_safe
@xframe_options_exempt
def of_cite(request: HttpRequest, slug: str) -> HttpResponse:
    """A former member's page stays as well: a frame that somebody has set up breaks on nobody."""
    cite = Cite.objects.shown().at(slug)
    if cite is None:
        raise Http404
    return framed(request, cite.working_title, upcoming_of(cite, LIMIT), [cite.website], f"cite={cite.slug}")


@require_safe
@xframe_options_exempt
def of_country(request: HttpRequest, code: str) -> HttpResponse:
    """Each Cité of the country may show what takes place there."""
    hosts = cites_in(code.upper()) if code == code.lower() else []
    if not hosts:
        raise Http404
    events = filtered(Event.objects.shown().select_related("cite", "project"), {"country": code}).upcoming()[:LIMIT]
    name = Text(country_name(code.upper()), current_language())
    return framed(request, name, events, [cite.website for cite in hosts], f"country={code}")


def cites_in(code: str) -> list[Cite]:
    inside = Q(country=code) | Q(territory=code)
    return list(Cite.objects.shown().filter(inside).exclude(state=State.FORMER))


def framed(
    request: HttpRequest, place: Text, events: QuerySet[Event], websites: Iterable[str], query: str
) -> HttpResponse:
    context = {"place": place, "rows": rows(events, request), "query": query}
    response = render(request, "events/embed.html", context)
    response.headers["Content-Security-Policy"] = policy_for_frames_on(websites)
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


# --- for editors
class Code(NamedTuple):
    """What an editor copies into a page of his own site."""

    label: str
    html: str


def codes(cite: Cite) -> list[Code]:
    """For the Cité and for its country, in the language that is spoken there."""
    language = next(iter(cite.languages), "") or current_language()
    country = cite.territory or cite.country
    return [
        Code(_("The events of this Cité"), code("embed-cite", cite.slug, str(cite), language)),
        Code(
            _("All events in the country: %(country)s") % {"country": country_name(country)},
            code("embed-country", country.lower(), "", language),
        ),
    ]


def code(name: str, argument: str, place: str, language: str) -> str:
    with translation.override(language):
        address = settings.SITE_URL + reverse(name, args=[argument])
        title = _("Next events: %(place)s") % {"place": place or country_name(argument.upper())}
    return frame_code(address, title)
