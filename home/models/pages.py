from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail_localize.fields import SynchronizedField, TranslatableField

from home.directory import directory_context
from home.models.cite import Cite
from home.models.project import Project
from home.models.team import ensure_team
from home.models.training import TrainingModule
from home.overview import home_context
from home.skills import module_context, skills_context
from portal.base.blocks import TEXT_FEATURES
from portal.base.pages import MEANS_THE_SAME, BasePage, FactsPanel, WordsPage, WordsPermissionTester
from portal.base.parts import PartsMixin
from portal.base.permissions import is_coordinator

if TYPE_CHECKING:
    from django.http import HttpRequest


class HomePage(BasePage):
    """The first page of a language."""

    heading = models.CharField(_("heading"), max_length=120, blank=True)
    lead = models.CharField(
        _("lead"),
        max_length=400,
        blank=True,
        help_text=_("{cites} and {countries} stand for the numbers, which the portal counts itself."),
    )

    max_count_per_parent = None
    parent_page_types = ["wagtailcore.Page"]
    content_panels = [*Page.content_panels, FieldPanel("summary"), "heading", "lead", MEANS_THE_SAME]

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | home_context(self, request)


class NetworkPage(BasePage):
    """The directory of the Cités, above all their pages."""

    parent_page_types = ["home.HomePage"]

    class Meta:
        verbose_name = _("directory of the Cités")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | directory_context(request)


class CitePermissionTester(WordsPermissionTester):
    """Editors change their Cité's page; only coordinators delete, move or unpublish it."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return is_coordinator(self.user) and super().can_delete(ignore_bulk)

    def can_move(self) -> bool:
        return is_coordinator(self.user) and super().can_move()

    def can_unpublish(self) -> bool:
        return is_coordinator(self.user) and super().can_unpublish()


# What the page of a Cité shows, each in one query however much there is of it.
CITE_CHILDREN = (
    *("names", "stages", "poles__network_pole", "intervals", "exceptions", "partners__kind", "partners__pole"),
    *("associated_centres", "links", "figures", "sources"),
)


class CitePage(WordsPage):
    """The words about a Cité, in one language."""

    cite = models.ForeignKey(Cite, on_delete=models.PROTECT, null=True, related_name="pages")

    fact_field = "cite"
    search_related = ("cite__names", "cite__associated_centres")
    parent_page_types = ["home.NetworkPage"]
    exclude_fields_in_copy = ["cite"]
    content_panels = [FactsPanel(heading=_("Facts")), *WordsPage.content_panels]
    override_translatable_fields = [SynchronizedField("cite", overridable=False), TranslatableField("slug")]

    class Meta:
        verbose_name = _("text about a Cité")
        verbose_name_plural = _("texts about Cités")

    def save(self, *args: Any, **kwargs: Any) -> Any:
        # A translation is made as a copy without its Cité, which comes with the second save.
        had_cite = CitePage.objects.filter(pk=self.pk, cite=self.cite_id).exists()
        result = super().save(*args, **kwargs)
        if self.cite and not had_cite:
            ensure_team(self.cite)
        return result

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if self.cite and self.cite.pk:
            models.prefetch_related_objects([self.cite], *CITE_CHILDREN)
        return super().get_context(request, *args, **kwargs)

    def search_facts(self) -> list[str]:
        return self.cite.search_names() if self.cite else []

    def permissions_for_user(self, user: Any) -> Any:
        return CitePermissionTester(user, self)


class ProjectsPage(BasePage):
    """The projects of the network."""

    parent_page_types = ["home.HomePage"]

    class Meta:
        verbose_name = _("list of projects")


class ProjectPage(WordsPage):
    """The words about a project, in one language."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="pages")

    fact_field = "project"
    search_related = ("project",)
    parent_page_types = ["home.ProjectsPage"]
    exclude_fields_in_copy = ["project"]
    content_panels = [FactsPanel(heading=_("Facts")), *WordsPage.content_panels]
    override_translatable_fields = [
        SynchronizedField("project", overridable=False),
        TranslatableField("slug"),
    ]

    class Meta:
        verbose_name = _("text about a project")
        verbose_name_plural = _("texts about projects")

    def search_facts(self) -> list[str]:
        names = (self.project.acronym, self.project.reference, self.project.programme) if self.project else ()
        return [name for name in names if name]


class SkillsPage(BasePage):
    """The training plan and the repository of skills; the modules of the plan lie below it."""

    parent_page_types = ["home.HomePage"]

    class Meta:
        verbose_name = _("skills and training plan")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | skills_context(request)


# The parts of a module in reading order.
MODULE_PARTS = (
    ("objectives", _("Objectives")),
    ("prerequisites", _("What to bring along")),
    ("methods", _("Methods")),
)


class TrainingModulePage(PartsMixin, WordsPage):
    """The words about a module of the training plan, in one language."""

    module = models.ForeignKey(TrainingModule, on_delete=models.PROTECT, null=True, related_name="pages")
    objectives = RichTextField(
        _("objectives"),
        blank=True,
        features=TEXT_FEATURES,
        help_text=_("What somebody can do afterwards. For example: lead a first talk with a new partner."),
    )
    prerequisites = RichTextField(
        _("what to bring along"),
        blank=True,
        features=TEXT_FEATURES,
        help_text=_("Experience or texts that help. Modules to take before are facts."),
    )
    methods = RichTextField(
        _("methods"),
        blank=True,
        features=TEXT_FEATURES,
        help_text=_("How one learns. For example: case study in pairs, visit of a Cité."),
    )

    fact_field = "module"
    part_headings = MODULE_PARTS
    search_related = ("module",)
    parent_page_types = ["home.SkillsPage"]
    exclude_fields_in_copy = ["module"]
    content_panels = [
        FactsPanel(heading=_("Facts")),
        *BasePage.content_panels[:-2],
        *(FieldPanel(name) for name, _heading in MODULE_PARTS),
        "body",
        MEANS_THE_SAME,
    ]
    override_translatable_fields = [
        SynchronizedField("module", overridable=False),
        TranslatableField("slug"),
    ]

    class Meta:
        verbose_name = _("text about a module")
        verbose_name_plural = _("texts about modules")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | module_context(self.module, request)

    def search_facts(self) -> list[str]:
        return [self.module.number] if self.module and self.module.number else []


class PlainPage(BasePage):
    """A page of text: the charter, the legal notice and the like."""

    parent_page_types = ["home.HomePage", "home.PlainPage"]

    class Meta:
        verbose_name = _("plain page")
