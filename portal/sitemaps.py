"""All languages in one sitemap, each page with its translations beside it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page

from home.models import HomePage
from portal.base.languages import locale_code
from portal.base.pages import hidden_pages


class PortalSitemap(Sitemap):
    """Wagtail's own walks the default language only; this one takes every tree, without aliases."""

    limit = 5000

    def items(self) -> list[Any]:
        trees = Q(pk=None)
        for path in HomePage.objects.live().values_list("path", flat=True):
            trees |= Q(path__startswith=path)
        public = Page.objects.filter(trees).live().public().filter(alias_of=None)
        pages = list(public.exclude(pk__in=hidden_pages()).order_by("path"))
        alternates: dict[Any, list[dict[str, str]]] = {}
        found = []
        for page in pages:
            address = page.get_full_url(self.request)
            if address:
                language = {"lang_code": locale_code(page.locale_id), "location": address}
                alternates.setdefault(page.translation_key, []).append(language)
                found.append({"page": page, "location": address, "alternates": alternates[page.translation_key]})
        return found

    def _urls(self, page: int, protocol: str, domain: str) -> list[dict[str, Any]]:
        return [
            {
                "location": item["location"],
                "lastmod": item["page"].last_published_at,
                "alternates": item["alternates"] if len(item["alternates"]) > 1 else [],
            }
            for item in self.paginator.page(page).object_list
        ]
