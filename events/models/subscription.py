from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower

from events.models.registration import Linked, Registration
from portal.base.languages import language_choices


class CalendarSubscriptionQuerySet(models.QuerySet["CalendarSubscription"]):
    def in_force(self) -> CalendarSubscriptionQuerySet:
        return self.filter(revoked_at=None)

    def of_registration(self, row: Registration) -> CalendarSubscriptionQuerySet:
        """Those in force that who has the registration now has made."""
        return self.in_force().filter(registration=row, registration_version=row.link_version)

    def of_address(self, email: str) -> CalendarSubscriptionQuerySet:
        """Those in force that hold all registrations of the address."""
        return self.in_force().filter(registration=None, email=email)

    def of_nobody(self) -> CalendarSubscriptionQuerySet:
        """Those not ended whose registration has another link, or of whose address no registration is left."""
        another_link = ~Q(registration=None) & ~Q(registration_version=F("registration__link_version"))
        left = Registration.objects.filter(email=OuterRef("email"), erased_at=None)
        return self.in_force().filter(another_link | Q(Q(registration=None), ~Exists(left)))

    def unused_since(self, day: dt.date) -> CalendarSubscriptionQuerySet:
        never = Q(last_used_on=None, created_at__date__lte=day)
        return self.in_force().filter(never | Q(last_used_on__lte=day))

    def end(self, now: dt.datetime) -> int:
        """Let the addresses answer that they are gone, for good; what is left says nothing of a person."""
        return self.update(revoked_at=now, email="", device="", last_used_on=None, body_digest="", body_changed_at=None)


class CalendarSubscription(Linked):
    """A private calendar feed: the address that one device asks. See events.private_feed.

    It holds one `registration`, or all of an `email`. `registration_version` is the registration's link version of
    when it was made: once the seat is another person's, or the data is erased, the feed is dead by itself.
    """

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, related_name="calendar_subscriptions"
    )
    registration_version = models.PositiveIntegerField(null=True)
    email = models.EmailField(max_length=254, blank=True)  # as registrations have it
    device = models.CharField(max_length=60, blank=True)  # what the person calls it
    language = models.CharField(max_length=10, choices=language_choices)
    language_chosen_at = models.DateTimeField(null=True)  # in place of another one, which changes all that is shown
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_on = models.DateField(null=True)
    # What was given last, and since when it is so: also what left the calendar changes that.
    body_digest = models.CharField(max_length=64, blank=True)
    body_changed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    link_purpose: ClassVar = b"events.calendar-subscription.link"
    link_url_name: ClassVar = "calendar-my"

    objects = CalendarSubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(registration=None, registration_version=None)
                | Q(registration__isnull=False, registration_version__isnull=False, email=""),
                name="calendar_of_a_registration_or_an_address",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(email="", device="", last_used_on=None),
                name="revoked_calendar_says_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(revoked_at=None) | ~Q(registration=None) | ~Q(email=""), name="calendar_has_an_owner"
            ),
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="calendar_address_in_lower_case"),
        ]
        indexes = [models.Index(fields=["email"], name="calendar_of_address")]

    def __str__(self) -> str:
        return f"calendar subscription {self.pk}"
