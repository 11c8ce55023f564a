from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from home.countries import country_choices
from portal.base.languages import language_choices


class RegistrationState(models.TextChoices):
    CONFIRMED = "confirmed", _("confirmed")
    CANCELLED = "cancelled", _("cancelled")


OCCUPYING = (RegistrationState.CONFIRMED,)  # states that hold a seat
ACTIVE = (RegistrationState.CONFIRMED,)  # states of which an address has one per event


class Way(models.TextChoices):
    ON_SITE = "on-site", _("on site")
    ONLINE = "online", _("online")


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def occupying(self) -> RegistrationQuerySet:
        return self.filter(state__in=OCCUPYING)

    def active(self) -> RegistrationQuerySet:
        return self.filter(state__in=ACTIVE)


class Registration(models.Model):
    """A person's seat at an event. Written by the rules of events.registration alone."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="registrations")
    state = models.CharField(_("state"), max_length=20, choices=RegistrationState)
    way = models.CharField(_("takes part"), max_length=10, choices=Way, default=Way.ON_SITE)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), max_length=254)  # lower case, without spaces
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    language = models.CharField(_("language of the mails"), max_length=10, choices=language_choices)
    created_at = models.DateTimeField(_("registered at"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    told = models.CharField(max_length=32, blank=True, editable=False)  # see Event.told

    # The link in mails; see events.links. Only the digest of its token is stored.
    link_version = models.PositiveIntegerField(default=1, editable=False)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "email"], condition=Q(state__in=ACTIVE), name="one_active_per_address"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class AuditLine(models.Model):
    """Who changed what of an event's admission or registrations, when, and why. Never edited."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="audit_lines")
    registration = models.ForeignKey(Registration, on_delete=models.SET_NULL, null=True, related_name="audit_lines")
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=20)  # registrant, organiser, system
    what = models.CharField(max_length=60)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.what}"
