from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django import forms
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel

from events.models import Event
from home.models import Cite, PartnerKind, Principle, Project, Skill, TargetGroup
from portal.base.facts import Fact, FactQuerySet, SourceLine, coordinators_panel
from portal.base.labels import Term
from practices.checklist import ChecklistPanel
from practices.examples import GuidedPanel
from practices.models.review import ReviewLock, is_in_review

OLD = dt.timedelta(days=5 * 365)  # without a check: then a sheet says so to its readers, and asks its owner


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


class Licence(models.TextChoices):
    """Under which terms a sheet may be used again; empty while its owner has not decided."""

    CC0 = "cc0", "CC0 1.0"
    CC_BY = "cc-by", "CC BY 4.0"
    CC_BY_SA = "cc-by-sa", "CC BY-SA 4.0"
    CC_BY_NC = "cc-by-nc", "CC BY-NC 4.0"
    CC_BY_NC_SA = "cc-by-nc-sa", "CC BY-NC-SA 4.0"
    RESERVED = "reserved", _("all rights reserved")


LICENCE_URLS = {
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.CC_BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/",
    Licence.CC_BY_NC_SA: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
}


class PracticeQuerySet(FactQuerySet):
    def stale(self, today: dt.date | None = None) -> Self:
        """Public, going on, and checked by nobody for five years: not since they became public, where never."""
        limit = (today or timezone.localdate()) - OLD
        old = Q(checked_on__lt=limit) | Q(checked_on=None, first_published_at__date__lt=limit)
        return self.filter(old, live=True, until="")


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
    skills = ParentalManyToManyField(
        Skill, blank=True, related_name="practices", verbose_name=_("skills that it serves")
    )
    taken_up_by = ParentalManyToManyField(
        Cite,
        blank=True,
        related_name="practices_taken_up",
        limit_choices_to={"live": True},  # the others are not public, nor are their names
        verbose_name=_("taken up by"),
    )
    events = ParentalManyToManyField(Event, blank=True, related_name="practices", verbose_name=_("discussed at"))
    evidence = models.CharField(_("how far is it proved?"), max_length=20, choices=Evidence, default=Evidence.TRIED)
    since = models.CharField(_("since"), max_length=10, blank=True, help_text=_("For example 2017 or 2017-09."))
    until = models.CharField(_("until"), max_length=10, blank=True, help_text=_("Empty while it goes on."))
    # Said with one button, about what is public; no draft writes over it.
    checked_on = models.DateField(_("last checked on"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    asked_on = models.DateField(null=True, blank=True, editable=False)  # its owner, whether it is still so
    authors = models.CharField(
        _("written by"),
        max_length=200,
        blank=True,
        help_text=_("As it shall be cited; empty: the owner."),
    )
    licence = models.CharField(
        _("licence"),
        max_length=20,
        choices=Licence,
        blank=True,
        help_text=_("Who may use the sheet again, and how. Empty while that is not decided."),
    )
    contact_email = models.EmailField(
        _("e-mail for questions"), blank=True, help_text=_("An address of the service, not of a person.")
    )

    objects = PracticeQuerySet.as_manager()

    kept: ClassVar = (*Fact.kept, "checked_on", "checked_by_id", "asked_on")
    owner_field: ClassVar = "cite"

    panels = [
        ChecklistPanel(),
        MultiFieldPanel(
            [GuidedPanel("name"), FieldPanel("cite", required_on_save=True), "chapter", "project"], heading=_("What")
        ),
        GuidedPanel("target_groups", widget=forms.CheckboxSelectMultiple),
        GuidedPanel("partner_kinds", widget=forms.CheckboxSelectMultiple),
        MultiFieldPanel(
            [GuidedPanel("evidence"), FieldRowPanel(["since", "until"]), "taken_up_by"], heading=_("How far")
        ),
        MultiFieldPanel([GuidedPanel("contact_email")], heading=_("Whom to ask")),
        MultiFieldPanel([GuidedPanel("authors"), GuidedPanel("licence")], heading=_("To use it again")),
        FieldPanel("principles", widget=forms.CheckboxSelectMultiple),
        FieldPanel("skills", widget=forms.CheckboxSelectMultiple),
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

    def get_lock(self) -> Any:
        return super().get_lock() or (ReviewLock(self) if is_in_review(self) else None)

    @property
    def is_stale(self) -> bool:
        """Whether this row would be among `stale` today."""
        limit = timezone.localdate() - OLD
        since = self.checked_on or (self.first_published_at and timezone.localdate(self.first_published_at))
        return bool(self.live and not self.until and since and since < limit)

    @property
    def admin_url(self) -> str:
        return reverse("practices:hub", args=[self.pk])

    @property
    def licence_url(self) -> str:
        """Where the terms are; empty where there are none to read."""
        return LICENCE_URLS.get(Licence(self.licence), "") if self.licence else ""


class PracticeSource(SourceLine):
    practice = ParentalKey(Practice, on_delete=models.CASCADE, related_name="sources")
