"""Which texts are missing, outdated or in work: the user's own things by language, the network's by Cité."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.generic import TemplateView
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.permissions import policy_registry

from home.models import Cite, HomePage, Project
from portal.base.languages import language_name
from portal.base.permissions import ANY, is_coordinator
from portal.base.texts import codes_of, counted, shelf, shelved, text_rows

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from portal.base.facts import Fact
    from portal.base.texts import Row

SHOWN = 30  # things on the first page; all of a Cité's have a page of their own
LOOKED_AT = 2000  # things of one kind


def live_languages_of_trees() -> list[str]:
    """The languages that the site has a public tree in."""
    return codes_of(HomePage.objects.live().filter(alias_of=None).values_list("locale_id", flat=True))


@shelf(order=10)
def own_cites(user: Any) -> QuerySet[Any]:
    return own_rows(Cite, user)


@shelf(order=40)
def own_projects(user: Any) -> QuerySet[Any]:
    return own_rows(Project, user)


def own_rows(model: type[Fact], user: Any) -> QuerySet[Any]:
    own = policy_registry.get_by_type(model).instances_user_has_any_permission_for(user, ANY)
    return model._default_manager.filter(pk__in=own.values("pk"))


def owner(fact: Any) -> int | None:
    """The Cité that a thing belongs to, by its key; None for one of the network."""
    if isinstance(fact, Cite):
        return fact.pk
    return getattr(fact, f"{fact.owner_field}_id") if fact.owner_field else None


def owned(rows: QuerySet[Any], cite: int | None) -> QuerySet[Any]:
    """Those that belong to the Cité, or to the network."""
    if rows.model is Cite:
        return rows.filter(pk=cite) if cite else rows.none()
    name = rows.model.owner_field
    if not name:
        return rows.none() if cite else rows
    return rows.filter(**({name: cite} if cite else {f"{name}__isnull": True}))


def headings(languages: list[str]) -> list[str]:
    return [language_name(code) for code in languages]


class TextsByLanguage(Component):
    """An editor's things one by one; for a coordinator how many texts each Cité lacks, with the way to them."""

    name = "texts_by_language"
    template_name = "home/dashboard_texts.html"
    order = 70

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = self.request.user
        languages = live_languages_of_trees()
        facts = [fact for rows in shelved(user) for fact in rows[:LOOKED_AT]]
        if is_coordinator(user):
            rows = text_rows(facts, languages, user)
            return {"headings": headings(languages), "cites": by_cite(rows, languages)}
        return {
            "headings": headings(languages),
            "rows": text_rows(facts[:SHOWN], languages, user),
            "more": [fact for fact in facts if isinstance(fact, Cite)] if len(facts) > SHOWN else [],
        }


def by_cite(rows: list[Row], languages: list[str]) -> list[dict[str, Any]]:
    """A line for each Cité, and one for the network, with the counts of each language."""
    counts = counted(rows, owner)
    found: list[Cite | None] = [row.fact for row in rows if isinstance(row.fact, Cite)]
    if None in counts:
        found.append(None)
    return [line(cite, {code: counts[cite.pk if cite else None][code] for code in languages}) for cite in found]


def line(cite: Cite | None, counts: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": str(cite) if cite else capfirst(gettext("the network")),
        "url": reverse("cites:texts", args=[cite.pk]) if cite else reverse("cites:network_texts"),
        "counts": [(language_name(code), count) for code, count in counts.items()],
    }


class TextsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """All things of one Cité, or of the network, with their texts by language."""

    any_permission_required = ANY
    model: Any = None
    template_name = "home/texts.html"
    header_icon = "doc-full"
    _show_breadcrumbs = True
    cite: Cite | None = None

    def get(self, request: HttpRequest, *args: Any, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        if pk is None and not is_coordinator(request.user):
            raise Http404
        self.cite = get_object_or_404(Cite, pk=pk) if pk else None
        return self.render_to_response(self.get_context_data())

    def get_page_title(self) -> str:
        return gettext("Texts by language")

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        above = {"url": reverse("cites:list"), "label": gettext("Cités")}
        hub = [{"url": self.cite.admin_url, "label": str(self.cite)}] if self.cite else []
        return [*self.breadcrumbs_items, above, *hub, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        languages = live_languages_of_trees()
        key = self.cite.pk if self.cite else None
        facts = [fact for rows in shelved(user) for fact in owned(rows, key)[:LOOKED_AT]]
        return super().get_context_data(
            of=self.cite or capfirst(gettext("the network")),
            headings=headings(languages),
            rows=text_rows(facts, languages, user),
            **kwargs,
        )
