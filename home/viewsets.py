"""The admin of the network: Cités, projects, vocabularies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.permissions import policy_registry

from home.colleagues_admin import ColleaguesView, RemoveColleagueView
from home.models import (
    Cite,
    CitePage,
    NetworkPage,
    PartnerKind,
    Pole,
    Principle,
    Project,
    ProjectsPage,
    Skill,
    SkillArea,
    SkillsPage,
    TargetGroup,
    TrainingModule,
)
from home.texts import TextsView
from home.verification import verify
from portal.base import when
from portal.base.columns import LANGUAGES, TellingIndexView
from portal.base.hub import PUBLIC, FactViewSet, HubView
from portal.base.permissions import ANY, is_coordinator

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse


class VerifyView(View):
    """POST: the public facts are right today; for those who may publish them."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(Cite, pk=pk, live=True)
        cite = verify(pk, request.user)
        messages.success(request, gettext("“%(cite)s” is verified today. Thank you!") % {"cite": cite})
        return redirect("wagtailadmin_home" if request.POST.get("then") == "dashboard" else cite.admin_url)


class CiteHub(HubView):
    template_name = "home/hub.html"

    def facts_rows(self) -> list[tuple[str, Any]]:
        cite = self.object
        hours = ", ".join(str(row) for row in cite.intervals.all())
        return [
            (gettext("State"), cite.get_state_display()),
            (gettext("Place"), f"{cite.address} {cite.city} ({cite.country_name})".strip()),
            (gettext("Opening hours"), hours if cite.are_hours_known else gettext("not known")),
            (gettext("Verified on"), day_and_who(cite.verified_on, cite.verified_by)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cite = self.live
        return super().get_context_data(
            verify_url=reverse("cites:verify", args=[cite.pk]) if cite.live and self.can("publish") else "",
            texts_url=reverse("cites:texts", args=[cite.pk]),
            colleagues_url=reverse("cites:colleagues", args=[cite.pk]) if self.can("change") else "",
            **kwargs,
        )


def day_and_who(day: dt.date | None, who: Any) -> str:
    """When something was said, and by whom as far as that is known."""
    if day is None:
        return ""
    return f"{when.long_day(day)} ({who})" if who else when.long_day(day)


class CiteViewSet(FactViewSet):
    model = Cite
    icon = "home"
    menu_label = _("My Cité")
    menu_name = "cites"
    menu_order = 100
    admin_url_namespace = "cites"
    base_url_path = "cites"
    hub_view_class = CiteHub
    index_view_class = TellingIndexView
    list_display = ["official_name", "city", "country", "state", "verified_on", LANGUAGES, PUBLIC]
    list_filter = ["state", "country"]

    def words_parents(self, fact: Any) -> list[Any]:
        return list(NetworkPage.objects.filter(alias_of=None))

    def get_urlpatterns(self) -> list[Any]:
        texts = self.construct_view(TextsView, model=Cite, breadcrumbs_items=self.breadcrumbs_items)
        verifying = self.construct_view(VerifyView, model=Cite)
        colleagues = self.construct_view(ColleaguesView, model=self.model, header_icon="group")
        remove = self.construct_view(RemoveColleagueView, model=self.model, header_icon="group")
        return [
            *super().get_urlpatterns(),
            path("texts/", texts, name="network_texts"),
            path("<int:pk>/texts/", texts, name="texts"),
            path("<int:pk>/verify/", verifying, name="verify"),
            path("<int:pk>/colleagues/", colleagues, name="colleagues"),
            path("<int:pk>/colleagues/<int:person>/remove/", remove, name="remove_colleague"),
        ]


class ProjectHub(HubView):
    def facts_rows(self) -> list[tuple[str, Any]]:
        project = self.object
        return [
            (gettext("Reference"), project.reference),
            (gettext("Programme"), project.programme),
            (gettext("Partners"), project.partners.count()),
            (gettext("Grants"), ", ".join(f"{row.amount} {row.currency}" for row in project.grants.all())),
        ]


class ProjectViewSet(FactViewSet):
    model = Project
    icon = "folder-open-inverse"
    menu_label = _("Projects")
    menu_name = "projects"
    menu_order = 140
    admin_url_namespace = "projects"
    base_url_path = "projects"
    hub_view_class = ProjectHub
    list_display = ["name", "reference", "starts_on", "ends_on", PUBLIC]

    def words_parents(self, fact: Any) -> list[Any]:
        return list(ProjectsPage.objects.filter(alias_of=None))


class ModuleHub(HubView):
    def facts_rows(self) -> list[tuple[str, Any]]:
        module = self.object
        return [
            (pgettext("module", "Number"), module.number),
            (gettext("Duration in hours"), module.hours),
            (gettext("Skills"), ", ".join(str(skill) for skill in module.skills.all())),
            (gettext("Modules to take before"), ", ".join(str(row) for row in module.requires.all())),
        ]


class ModuleViewSet(FactViewSet):
    model = TrainingModule
    icon = "list-ol"
    menu_label = _("Training plan")
    menu_name = "modules"
    menu_order = 145
    admin_url_namespace = "modules"
    base_url_path = "modules"
    hub_view_class = ModuleHub
    list_display = ["number", "name", "hours", PUBLIC]

    def words_parents(self, fact: Any) -> list[Any]:
        return list(SkillsPage.objects.filter(alias_of=None))


class TermViewSet(ModelViewSet):
    icon = "tag"
    list_display = ["__str__", "code", "sort_order"]
    exclude_form_fields: list[str] = []
    copy_view_enabled = False


def term_viewset(term: type[Any], label: Any) -> TermViewSet:
    name = term._meta.model_name
    attributes = {"model": term, "menu_label": label, "form_fields": [*term.panels]}
    return type(f"{term.__name__}ViewSet", (TermViewSet,), attributes)(f"vocabulary-{name}", url_prefix=f"words/{name}")


class VocabularyGroup(ModelViewSetGroup):
    menu_label = _("Vocabularies")
    menu_name = "vocabularies"
    menu_icon = "tag"
    menu_order = 160
    items = [
        term_viewset(Pole, _("Poles")),
        term_viewset(TargetGroup, _("Target groups")),
        term_viewset(PartnerKind, _("Kinds of partner")),
        term_viewset(Principle, _("Principles of the charter")),
        term_viewset(SkillArea, _("Skill areas")),
        term_viewset(Skill, _("Skills")),
    ]


def own_cite(request: HttpRequest) -> Cite | None:
    """The Cité that a new fact begins with: the one the address names, else the first that is the user's own."""
    rows = policy_registry.get_by_type(Cite).instances_user_has_any_permission_for(request.user, ANY)
    named = request.GET.get("cite", "")
    if named:
        return rows.filter(slug=named).first()
    return None if is_coordinator(request.user) else rows.first()


def cite_pages(cite: Cite) -> list[CitePage]:
    """The pages of a Cité below which its events and practices are written, the original first."""
    pages = cite.pages.filter(alias_of=None).order_by("first_published_at", "pk")
    return sorted(pages, key=lambda page: page.language != cite.original_language)
