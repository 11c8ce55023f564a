"""The admin of the vademecum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from home.viewsets import cite_pages, own_cite, term_viewset
from portal.base.columns import LANGUAGES, TellingIndexView
from portal.base.hub import PUBLIC, FactViewSet, HubView
from practices.models import Chapter, Practice, VademecumPage

if TYPE_CHECKING:
    from django.http import HttpRequest


class PracticeHub(HubView):
    def facts_rows(self) -> list[tuple[str, Any]]:
        practice = self.object
        return [
            (gettext("Owner"), practice.cite or gettext("the network")),
            (gettext("Chapter"), practice.chapter),
            (gettext("For whom"), ", ".join(str(group) for group in practice.target_groups.all())),
            (gettext("How far is it proved?"), practice.get_evidence_display()),
        ]


class PracticeIndex(TellingIndexView):
    related = ("cite", "chapter")


class PracticeViewSet(FactViewSet):
    model = Practice
    icon = "openquote"
    menu_label = _("Practices")
    menu_name = "practices"
    menu_order = 130
    admin_url_namespace = "practices"
    base_url_path = "practices"
    hub_view_class = PracticeHub
    index_view_class = PracticeIndex
    list_display = ["name", "cite", "chapter", "evidence", "checked_on", LANGUAGES, PUBLIC]

    def new_fact(self, request: HttpRequest) -> Practice:
        cite = own_cite(request)
        return Practice(cite=cite, contact_email=cite.email) if cite else Practice()

    def words_parents(self, fact: Any) -> list[Any]:
        return cite_pages(fact.cite) if fact.cite else list(VademecumPage.objects.filter(alias_of=None))


def chapters_viewset() -> Any:
    viewset = term_viewset(Chapter, _("Chapters of the vademecum"))
    viewset.add_to_admin_menu = True
    viewset.menu_name, viewset.menu_order = "chapters", 150
    return viewset
