"""Sheets of the vademecum as a plain page for a frame on a Cité's own site: its own, or those that facets choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from events.embed import MAX_AGE, Code
from home.models import Cite
from home.models.cite import State
from portal.base.framing import frame_code, policy_for_frames_on
from portal.base.languages import Text, current_language
from portal.base.pages import with_words
from practices.address import read
from practices.models import Practice, VademecumPage
from practices.sheets import public_sheets
from practices.vademecum import results_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from portal.base.facts import FactQuerySet

LIMIT = 20


@require_safe
@xframe_options_exempt
def of_cite(request: HttpRequest, slug: str) -> HttpResponse:
    """A former member's page stays as well: a frame that somebody has set up breaks on nobody."""
    cite = Cite.objects.shown().at(slug)
    if cite is None:
        raise Http404
    return framed(request, public_sheets().filter(cite=cite), cite.working_title, [cite.website])


@require_safe
@xframe_options_exempt
def of_network(request: HttpRequest) -> HttpResponse:
    """Each member may show the sheets of all."""
    members = Cite.objects.shown().exclude(state=State.FORMER).values_list("website", flat=True)
    return framed(request, public_sheets(), None, members)


def framed(request: HttpRequest, sheets: FactQuerySet, place: Text | None, websites: Iterable[str]) -> HttpResponse:
    address = read(request.GET)
    if address.is_narrow:
        sheets = sheets.filter(pk__in=results_of(address).keys())
    listed = sheets.select_related("cite", "chapter").order_by("is_demonstration", *Practice._meta.ordering, "pk")
    found = list(listed[: LIMIT + 1])
    index = VademecumPage.objects.live().public().filter(locale__language_code=current_language()).first()
    context = {
        "place": place,
        "entries": with_words(found[:LIMIT], request),
        "index_url": index.get_url(request) if index else "",
        "has_more": len(found) > LIMIT,
    }
    response = render(request, "practices/embed.html", context)
    response.headers["Content-Security-Policy"] = policy_for_frames_on(websites)
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


# --- for editors
def codes(cite: Cite) -> list[Code]:
    """For the Cité's own sheets and for all, in the language that is spoken there."""
    language = next(iter(cite.languages), "") or current_language()
    return [
        Code(_("The practices of this Cité"), code(language, str(cite), "embed-practices-cite", cite.slug)),
        Code(_("All practices of the network"), code(language, "", "embed-practices")),
    ]


def code(language: str, place: str, name: str, *arguments: Any) -> str:
    with translation.override(language):
        title = _("Good practices: %(place)s") % {"place": place} if place else _("Good practices")
        return frame_code(settings.SITE_URL + reverse(name, args=arguments), title)
