"""When a Cité is open: intervals of the week, and dated exceptions that expire by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldRowPanel
from wagtail.models import Orderable

from home.models.cite import Cite, Weekday
from portal.base.labels import LabelsField
from portal.base.languages import Text, pick

if TYPE_CHECKING:
    import datetime as dt


class OpeningInterval(Orderable):
    """Opening hours on one day of each week, in the Cité's local time; a day may have several."""

    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="intervals")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    opens = models.TimeField(_("opens at"))
    closes = models.TimeField(_("closes at"))

    panels = [FieldRowPanel(["weekday", "opens", "closes"])]

    class Meta:
        ordering = ["weekday", "opens"]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"

    def clean(self) -> None:
        super().clean()
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValidationError({"closes": _("The closing time must be after the opening time.")})


class OpeningException(Orderable):
    """Days on which the week's hours do not hold: closed, or open at other hours."""

    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="exceptions")
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("to, inclusive"))
    opens = models.TimeField(_("opens at"), null=True, blank=True, help_text=_("Empty: closed."))
    closes = models.TimeField(_("closes at"), null=True, blank=True)
    notes = LabelsField(_("note"), blank=True)

    panels = [FieldRowPanel(["first_on", "last_on"]), FieldRowPanel(["opens", "closes"]), "notes"]

    class Meta:
        ordering = ["first_on"]

    def __str__(self) -> str:
        return f"{self.first_on:%Y-%m-%d}/{self.last_on:%Y-%m-%d}"

    def clean(self) -> None:
        super().clean()
        if self.first_on and self.last_on and self.last_on < self.first_on:
            raise ValidationError({"last_on": _("The last day must not be before the first.")})
        if bool(self.opens) != bool(self.closes):
            raise ValidationError({"closes": _("Give both times, or none for closed.")})
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValidationError({"closes": _("The closing time must be after the opening time.")})

    @property
    def is_closed(self) -> bool:
        return self.opens is None

    @property
    def note(self) -> Text:
        return pick(self.notes)

    def covers(self, day: dt.date) -> bool:
        return self.first_on <= day <= self.last_on
