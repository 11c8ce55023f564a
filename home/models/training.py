from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel

from home.models.project import Project
from home.models.vocabularies import Skill
from portal.base.facts import Fact, SourceLine, coordinators_panel


class TrainingModule(Fact):
    """The facts of one module of the training plan: how long it lasts, and which skills it serves."""

    name = models.CharField(_("working title"), max_length=200, help_text=_("For editors; readers see the texts."))
    number = models.CharField(
        _("number"), max_length=10, blank=True, help_text=_("As the plan calls it. For example: A, or 3.")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="modules",
        verbose_name=_("project"),
        help_text=_("The project whose training plan it belongs to."),
    )
    hours = models.DecimalField(
        _("duration in hours"),
        max_digits=5,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0.5)],
        help_text=_("Empty while that is not known."),
    )
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    skills = ParentalManyToManyField(Skill, blank=True, related_name="modules", verbose_name=_("skills that it serves"))
    requires = ParentalManyToManyField(
        "self",
        blank=True,
        symmetrical=False,
        related_name="required_by",
        verbose_name=_("modules to take before"),
    )

    panels = [
        MultiFieldPanel(
            ["name", FieldRowPanel(["number", "hours", "sort_order"]), "project"],
            heading=_("What"),
        ),
        FieldPanel("skills", widget=forms.CheckboxSelectMultiple),
        FieldPanel("requires", widget=forms.CheckboxSelectMultiple),
        InlinePanel("sources", heading=_("Sources"), label=_("Source")),
        coordinators_panel("is_demonstration"),
    ]

    class Meta:
        ordering = ["sort_order", "number", "name"]
        verbose_name = _("module of the training plan")
        verbose_name_plural = _("modules of the training plan")

    def __str__(self) -> str:
        return f"{self.number} · {self.name}" if self.number else self.name

    def clean(self) -> None:
        super().clean()
        if self.pk and any(module.pk == self.pk for module in self.requires.all()):
            raise ValidationError({"requires": _("A module cannot come before itself.")})

    def get_absolute_url(self) -> str:
        return reverse("module", args=[self.pk])

    @property
    def admin_url(self) -> str:
        return reverse("modules:hub", args=[self.pk])


class ModuleSource(SourceLine):
    module = ParentalKey(TrainingModule, on_delete=models.CASCADE, related_name="sources")
