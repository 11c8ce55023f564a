from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    import datetime as dt

WAITING = Q(sent_at=None, gave_up_at=None, withheld_at=None)


class MailState(models.TextChoices):
    """Where a mail is, as the last news of it says."""

    QUEUED = "queued", _("queued")
    WITHHELD = "withheld", _("withheld")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("returned as undeliverable")
    COMPLAINED = "complained", _("reported as unwanted")
    FAILED = "failed", _("could not be sent")


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> OutgoingMailQuerySet:
        """Mails that shall go and have not gone."""
        return self.filter(WAITING)

    def failed(self) -> OutgoingMailQuerySet:
        """Mails that were given up."""
        return self.exclude(gave_up_at=None)

    def due(self, now: dt.datetime) -> OutgoingMailQuerySet:
        """Mails whose time has come, in no worker's hands, oldest first."""
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.waiting().filter(free, next_try_at__lte=now).order_by("pk")

    def sendable(self, now: dt.datetime) -> OutgoingMailQuerySet:
        """Due mails; while mails wait for a server that cannot be reached, only the oldest of those, to try it."""
        probe = self.model._default_manager.filter(WAITING, waits_for_server=True).order_by("pk").values("pk")[:1]
        return self.due(now).filter(pk=Coalesce(models.Subquery(probe), F("pk")))

    def in_turn(self, now: dt.datetime) -> OutgoingMailQuerySet:
        """Mails to be sent now; none to a person of whose mails an older one is in another worker's hands."""
        earlier = self.model._default_manager.filter(
            WAITING, claimed_until__gt=now, to=OuterRef("to"), pk__lt=OuterRef("pk")
        )
        return self.sendable(now).exclude(Exists(earlier))

    def stuck(self, since: dt.datetime) -> OutgoingMailQuerySet:
        """Mails that should have gone before `since`: never tried, or waiting for the server as long."""
        held = self.waiting().filter(server_failures__gt=0, created_at__lte=since)
        return (self.due(since) | held).order_by("pk")


class OutgoingMail(models.Model):
    """A mail to be sent: its cause and parameters, never a rendered body with a token in it.

    Written in the transaction of its cause, so that both happen or neither does.
    """

    key = models.CharField(max_length=200, unique=True)  # the cause; said once, however often it is asked
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    about = models.UUIDField(null=True, blank=True, db_index=True)  # whose timeline shows it; base knows no app
    to = models.EmailField(max_length=254)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    created_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # every try: one more than needed may be a second copy
    failures = models.PositiveSmallIntegerField(default=0)  # tries that failed because of this very mail
    server_failures = models.PositiveSmallIntegerField(default=0)  # tries in a row that the server failed
    waits_for_server = models.BooleanField(default=False)  # and with it every other mail
    last_error = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=200, blank=True, db_index=True)  # the provider's, for its webhooks
    withheld_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        # Few rows wait, many have gone.
        indexes = [models.Index(fields=["id"], condition=WAITING, name="outgoing_mail_waiting")]

    def __str__(self) -> str:
        return self.key

    @property
    def timeline(self) -> list[tuple[dt.datetime, MailState]]:
        """What happened to it, and when."""
        news = [
            (self.created_at, MailState.QUEUED),
            (self.withheld_at, MailState.WITHHELD),
            (self.sent_at, MailState.SENT),
            (self.delivered_at, MailState.DELIVERED),
            (self.bounced_at, MailState.BOUNCED),
            (self.complained_at, MailState.COMPLAINED),
            (self.gave_up_at, MailState.FAILED),
        ]
        # Stable: of two at the same time, the later state comes last.
        return sorted(((at, state) for at, state in news if at), key=itemgetter(0))

    @property
    def state(self) -> MailState:
        """The last news; but a complaint remains one, and what was given up remains failed."""
        if self.complained_at:
            return MailState.COMPLAINED
        return MailState.FAILED if self.gave_up_at else self.timeline[-1][1]

    @property
    def is_returned(self) -> bool:
        """Whether the person has not got it, or does not want it."""
        return self.state in {MailState.BOUNCED, MailState.COMPLAINED, MailState.FAILED}
