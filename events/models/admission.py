from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from events.models.event import Event, State

DEFAULT_CLOSING = dt.timedelta(hours=24)  # before the start, where nobody has set a time


class Admission(models.Model):
    """Who may come in, and how: one live row per event, changed only through events.admission."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="admission")
    seats_on_site = models.PositiveIntegerField(_("seats on site"), default=0)
    seats_online = models.PositiveIntegerField(_("seats online"), default=0)
    opens_at = models.DateTimeField(_("registration opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("registration closes at"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(opens_at__lt=F("closes_at")),
                name="admission_opens_before_it_closes",
            )
        ]

    def __str__(self) -> str:
        return str(self.event)

    @property
    def seats(self) -> int:
        return self.seats_on_site + self.seats_online

    @property
    def deadline(self) -> dt.datetime | None:
        """The last moment to register, aware; 24 hours before the start where none is set."""
        if self.closes_at:
            return self.closes_at
        begins = self.event.begins_at
        return begins - DEFAULT_CLOSING if begins else None

    def is_early(self, now: dt.datetime) -> bool:
        return self.opens_at is not None and now < self.opens_at

    def is_late(self, now: dt.datetime) -> bool:
        return self.deadline is not None and now >= self.deadline

    def is_open(self, now: dt.datetime) -> bool:
        """Whether somebody could register now, if there is a seat."""
        takes_place = self.event.state in {State.PLANNED, State.CONFIRMED} and self.event.live
        is_dated = self.event.has_exact_date and not self.event.is_over
        return takes_place and is_dated and not self.is_early(now) and not self.is_late(now)
