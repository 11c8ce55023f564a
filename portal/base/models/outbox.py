from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    import datetime as dt


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> OutgoingMailQuerySet:
        return self.filter(sent_at=None, gave_up_at=None)

    def due(self, now: dt.datetime) -> OutgoingMailQuerySet:
        """Mails to be tried: not sent, not given up, and in no other worker's hands."""
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.waiting().filter(free, next_try_at__lte=now).order_by("pk")


class OutgoingMail(models.Model):
    """A mail to be sent: its cause and parameters, never a rendered body with a token in it.

    Written in the transaction of its cause, so that both happen or neither does.
    """

    key = models.CharField(max_length=200, unique=True)  # the cause; said once, however often it is asked
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    to = models.EmailField(max_length=254)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    created_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=200, blank=True, db_index=True)  # the provider's, for its webhooks

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")

    def __str__(self) -> str:
        return self.key

    @property
    def state(self) -> str:
        if self.sent_at:
            return "sent"
        return "failed" if self.gave_up_at else "waiting"
