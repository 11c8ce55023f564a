from __future__ import annotations

from typing import ClassVar

from django import forms
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel

from events.models import Event
from home.models import Cite, PartnerKind, Principle, Project, TargetGroup
from portal.base.facts import Fact, SourceLine, coordinators_panel
from portal.base.labels import Term


class Chapter(Term):
    """A chapter of the vademecum: one of the seven competences of those who run partnerships."""

    class Meta(Term.Meta):
        verbose_name = _("chapter")
        verbose_name_plural = _("chapters")


class Evidence(models.TextChoices):
    IDEA = "idea", _("an idea")
    TRIED = "tried", _("tried")
    MEASURED = "measured", _("measured")
    TRANSFERRED = "transferred", _("taken up elsewhere")


class Practice(Fact):
    """The facts of one sheet; its owner is a Cité, which may differ from the author of the words."""

    name = models.CharField(_("working title"), max_length=200, help_text=_("For editors; readers see the texts."))
    cite = models.ForeignKey(
        Cite,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="practices",
        verbose_name=_("owner"),
        help_text=_("The Cité whose practice it is; empty for one of the network."),
    )
    chapter = models.ForeignKey(
        Chapter, on_delete=models.PROTECT, related_name="practices", verbose_name=_("chapter"), null=True
    )
    target_groups = ParentalManyToManyField(
        TargetGroup, blank=True, verbose_name=_("for whom"), related_name="practices"
    )
    partner_kinds = ParentalManyToManyField(
        PartnerKind, blank=True, verbose_name=_("with which partners"), related_name="practices"
    )
    principles = ParentalManyToManyField(
        Principle, blank=True, verbose_name=_("principles of the charter"), related_name="practices"
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="practices",
        verbose_name=_("project"),
    )
    events = ParentalManyToManyField(Event, blank=True, related_name="practices", verbose_name=_("discussed at"))
    evidence = models.CharField(_("how far is it proved?"), max_length=20, choices=Evidence, default=Evidence.TRIED)
    since = models.CharField(_("since"), max_length=10, blank=True, help_text=_("For example 2017 or 2017-09."))
    until = models.CharField(_("until"), max_length=10, blank=True, help_text=_("Empty while it goes on."))
    checked_on = models.DateField(_("last checked on"), null=True, blank=True)
    contact_email = models.EmailField(
        _("e-mail for questions"), blank=True, help_text=_("An address of the service, not of a person.")
    )

    owner_field: ClassVar = "cite"

    panels = [
        MultiFieldPanel(["name", FieldPanel("cite", required_on_save=True), "chapter", "project"], heading=_("What")),
        FieldPanel("target_groups", widget=forms.CheckboxSelectMultiple),
        FieldPanel("partner_kinds", widget=forms.CheckboxSelectMultiple),
        FieldPanel("principles", widget=forms.CheckboxSelectMultiple),
        MultiFieldPanel(
            ["evidence", FieldRowPanel(["since", "until", "checked_on"]), "contact_email"], heading=_("How far")
        ),
        MultiFieldPanel(["events"], heading=_("Discussed at"), classname="collapsed"),
        InlinePanel("sources", heading=_("Sources"), label=_("Source")),
        coordinators_panel("is_demonstration"),
    ]

    class Meta:
        ordering = ["chapter__sort_order", "name"]
        verbose_name = _("practice")
        verbose_name_plural = _("practices")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("practice", args=[self.pk])

    @property
    def admin_url(self) -> str:
        return reverse("practices:hub", args=[self.pk])


class PracticeSource(SourceLine):
    practice = ParentalKey(Practice, on_delete=models.CASCADE, related_name="sources")
