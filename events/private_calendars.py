"""Private calendar feeds: made, given another language, revoked, and ended with what they are of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.links import digest, new_digest
from events.models import CalendarSubscription, Registration
from events.registration import RegistrationRefused
from events.retention import CALENDAR_DAYS

if TYPE_CHECKING:
    from uuid import UUID

    from events.models.subscription import CalendarSubscriptionQuerySet

MOST = 10  # in force for one owner: more are not devices, but a list that somebody passes on


class Owner(NamedTuple):
    """Whose calendars: those of one registration or, without one, those of all that an address has."""

    email: str
    registration: Registration | None = None

    @property
    def calendars(self) -> CalendarSubscriptionQuerySet:
        if self.registration is not None:
            return CalendarSubscription.objects.of_registration(self.registration)
        return CalendarSubscription.objects.of_address(self.email)


def subscription_for(token: str) -> CalendarSubscription | None:
    """Also one that has ended: calendars that still ask are to be told."""
    found = CalendarSubscription.objects.filter(token_digest=digest(token))
    return found.select_related("registration__event").first()


@transaction.atomic
def subscribe(owner: Owner, *, device: str, language: str) -> CalendarSubscription:
    """Make an address for one more device.

    Raises RegistrationRefused if there are enough, or nothing is registered any more.
    """
    held = locked(owner)
    if held is None:
        raise RegistrationRefused(_("This registration is not in force any more."))
    if owner.calendars.count() >= MOST:
        raise RegistrationRefused(
            ngettext(
                "There is %(number)s calendar address already. Revoke it before you make another.",
                "There are %(number)s calendar addresses already. Revoke one before you make another.",
                MOST,
            )
            % {"number": MOST}
        )
    row = CalendarSubscription(device=device, language=language)
    if owner.registration is not None:
        row.registration, row.registration_version = held, held.link_version
    else:
        row.email = owner.email
    row.token_digest = new_digest(row)
    row.save()
    return row


def locked(owner: Owner) -> Registration | None:
    """One registration of the owner, locked, so that two requests at once do not pass the limit together."""
    rows = Registration.objects.select_for_update(of=("self",)).filter(email=owner.email, erased_at=None)
    if owner.registration is not None:
        rows = rows.filter(pk=owner.registration.pk, link_version=owner.registration.link_version)
    return rows.order_by("pk").first()


@transaction.atomic
def choose_language(owner: Owner, key: UUID, language: str) -> None:
    """Speak another language at the same address; one that is not the owner's, or revoked, stays as it is."""
    row = owner.calendars.select_for_update(of=("self",)).filter(uuid=key).first()
    if row is None or row.language == language:
        return
    row.language = language
    # Calendars skip an entry whose LAST-MODIFIED did not rise, also within one second.
    times = [at + dt.timedelta(seconds=1) for at in (row.body_changed_at, row.language_chosen_at) if at]
    row.language_chosen_at = max([timezone.now().replace(microsecond=0), *times])
    row.save(update_fields=["language", "language_chosen_at"])


def name_of(row: CalendarSubscription) -> str:
    """What the calendar is called in the active language."""
    return (
        _("My registrations: Cités des métiers")
        if row.registration_id is None
        else _("My registration: Cités des métiers")
    )


def revoke(owner: Owner, key: UUID) -> None:
    """Let the address answer that it is gone. A second call changes nothing."""
    owner.calendars.filter(uuid=key).end(timezone.now())


def end_calendars(row: Registration, email: str) -> None:
    """The registration is no longer that of `email`: its calendars end, and with its last one the address's own."""
    now = timezone.now()
    row.calendar_subscriptions.in_force().end(now)
    CalendarSubscription.objects.of_nobody().filter(registration=None, email=email).end(now)


def unused(now: dt.datetime) -> CalendarSubscriptionQuerySet:
    """Those that no device has asked for so long that it is not to be expected any more."""
    return CalendarSubscription.objects.unused_since(now.date() - dt.timedelta(days=CALENDAR_DAYS))


def unused_until(now: dt.datetime) -> dt.date | None:
    """On which day the first of them had to go."""
    found = unused(now).aggregate(first=Min(Coalesce("last_used_on", TruncDate("created_at"))))
    first: dt.date | None = found["first"]
    return first and first + dt.timedelta(days=CALENDAR_DAYS)
