from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from home.countries import country_choices, country_name
from home.models.cite import Cite
from portal.base.facts import Fact, FigureLine, SourceLine, coordinators_panel
from portal.base.labels import LabelsField
from portal.base.languages import Text, pick
from portal.base.widgets import QuickSelect


class Precision(models.TextChoices):
    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class Project(Fact):
    """A project of the network, for example an Erasmus+ partnership."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("working title"), max_length=200, help_text=_("For editors; readers see the texts."))
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    programme = models.CharField(_("programme"), max_length=200, blank=True)
    starts_on = models.DateField(_("begins"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    precision = models.CharField(_("dates are exact to the"), max_length=10, choices=Precision, default=Precision.MONTH)

    panels = [
        MultiFieldPanel(
            ["name", FieldRowPanel(["acronym", "slug"]), FieldRowPanel(["reference", "programme"])],
            heading=_("What"),
        ),
        MultiFieldPanel([FieldRowPanel(["starts_on", "ends_on", "precision"])], heading=_("When")),
        InlinePanel("partners", heading=_("Partners"), label=_("Partner")),
        InlinePanel("grants", heading=_("Grants"), label=_("Grant")),
        InlinePanel("deliverables", heading=_("Deliverables"), label=_("Deliverable")),
        InlinePanel("figures", heading=_("Figures"), label=_("Figure")),
        InlinePanel("sources", heading=_("Sources"), label=_("Source")),
        coordinators_panel("is_demonstration"),
    ]

    class Meta:
        ordering = ["-starts_on", "name"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")

    def __str__(self) -> str:
        return self.acronym or self.name

    def get_absolute_url(self) -> str:
        return reverse("project", args=[self.pk])

    @property
    def admin_url(self) -> str:
        return reverse("projects:hub", args=[self.pk])


class ProjectGrant(Orderable):
    """A sum as one source gives it; two sources that disagree are two lines."""

    project = ParentalKey(Project, on_delete=models.CASCADE, related_name="grants")
    labels = LabelsField(_("what it is"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    notes = LabelsField(_("note"), blank=True, max_length=300)
    source_title = models.CharField(_("source"), max_length=300)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)

    panels = ["labels", FieldRowPanel(["amount", "currency"]), "notes", FieldRowPanel(["source_title", "source_url"])]

    @property
    def label(self) -> Text:
        return pick(self.labels)

    @property
    def note(self) -> Text:
        return pick(self.notes)


class Role(models.TextChoices):
    COORDINATOR = "coordinator", _("coordinator")
    PARTNER = "partner", _("partner")
    EXPERT = "expert", _("external expert")
    ASSOCIATE = "associate", _("associate partner")
    SUPPLIER = "supplier", _("supplier")


class ProjectPartner(Orderable):
    project = ParentalKey(Project, on_delete=models.CASCADE, related_name="partners")
    name = models.CharField(_("name"), max_length=200, blank=True, help_text=_("Empty where no source names it."))
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.PARTNER)
    country = models.CharField(_("country"), max_length=2, choices=country_choices, blank=True)
    cite = models.ForeignKey(
        Cite, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("Cité"), related_name="+"
    )
    notes = LabelsField(_("note"), blank=True, max_length=300)

    panels = ["name", FieldRowPanel(["role", FieldPanel("country", widget=QuickSelect)]), "cite", "notes"]

    def __str__(self) -> str:
        return self.name or str(self.get_role_display())

    @property
    def country_name(self) -> str:
        return country_name(self.country) if self.country else ""

    @property
    def note(self) -> Text:
        return pick(self.notes)


class ProjectDeliverable(Orderable):
    """Something the project made; without an address the page says that it is not known."""

    project = ParentalKey(Project, on_delete=models.CASCADE, related_name="deliverables")
    labels = LabelsField(_("name"))
    descriptions = LabelsField(_("description"), blank=True, max_length=400, long=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    source_title = models.CharField(_("source"), max_length=300, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)

    panels = ["labels", "descriptions", "url", FieldRowPanel(["source_title", "source_url"])]

    @property
    def label(self) -> Text:
        return pick(self.labels)

    @property
    def description(self) -> Text:
        return pick(self.descriptions)


class ProjectFigure(FigureLine):
    project = ParentalKey(Project, on_delete=models.CASCADE, related_name="figures")


class ProjectSource(SourceLine):
    project = ParentalKey(Project, on_delete=models.CASCADE, related_name="sources")
