"""Guests who may register for an event that is not open to everybody."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from events.links import new_digest, renew_link
from events.models.event import CALLED_OFF
from events.models.registration import AuditLine, Invitation
from events.registration import RegistrationRefused
from events.seating import locked
from portal.base.outbox import queue_mail

if TYPE_CHECKING:
    from collections.abc import Sequence


@transaction.atomic
def invite(event_id: int, guests: Sequence[tuple[str, str]], *, language: str, user: Any) -> list[Invitation]:
    """Mail a link to each guest (name, and e-mail address in lower case); one who was invited before gets it again.

    Raises RegistrationRefused if the event is not public, or does not take place.
    """
    event = locked(event_id)
    if not event.is_shown or event.is_over or event.state in CALLED_OFF:
        raise RegistrationRefused(_("Nobody can be invited: the event is not public, or does not take place."))
    found = []
    for name, email in guests:
        row = Invitation.objects.filter(event=event, email=email).first()
        if row is None:
            row = Invitation(uuid=uuid.uuid4(), event=event, name=name, email=email, language=language)
            row.token_digest = new_digest(row)
        elif row.revoked_at:
            row.revoked_at = None
            renew_link(row)
        row.name, row.language = name or row.name, language
        row.save()
        queue_mail(
            key=f"invitation:{row.uuid}:{row.link_version}:{timezone.now():%Y%m%d%H}",
            kind="invitation",
            to=email,
            language=row.language,
            params={"invitation": row.pk},
            about=row.uuid,
        )
        found.append(row)
    AuditLine.objects.create(event=event, user=user, who="organiser", what="invited", data={"guests": len(found)})
    return found


@transaction.atomic
def revoke(invitation_id: int, *, user: Any) -> Invitation:
    """Take an invitation back; who has registered by it stays registered."""
    event_id = Invitation.objects.values_list("event_id", flat=True).get(pk=invitation_id)
    event = locked(event_id)
    row = Invitation.objects.get(pk=invitation_id)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save()
        AuditLine.objects.create(event=event, user=user, who="organiser", what="invitation revoked")
    return row
