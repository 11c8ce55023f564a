"""Finding the page of an address in one query, however deep it lies; Wagtail asks two for each level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult
from wagtail.views import serve as wagtail_serve

from home.models import HomePage
from portal.base.facts import restrictions_above
from portal.base.languages import current_language

if TYPE_CHECKING:
    from django.http import HttpResponse


def serve(request: Any, path: str) -> HttpResponse:
    """Wagtail's own view, told beforehand which page it is, where there is one site as here."""
    roots = Site.get_site_root_paths()
    own = [root.root_path for root in roots if root.language_code == current_language()]
    if len({root.site_id for root in roots}) == 1 and own:
        # Page.route_for_request looks here first.
        request._wagtail_route_for_request = route(own[0], path)  # noqa: SLF001
    return wagtail_serve(request, path)


def route(root_path: str, path: str) -> RouteResult | None:
    pages: Any = Page.objects if path else HomePage.objects
    found = pages.live().filter(url_path=root_path + path).annotate(is_behind=Exists(restrictions_above())).first()
    if found is None:
        return None
    page = found.specific
    page.is_known_open = not found.is_behind and not found.alias_of_id
    return RouteResult(page)
