"""Who organises an event, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.models import Delegation, Invitation, Registration
from events.waiting import skip_returned
from home.editors import editors_of, people
from portal.base.accounts import language_of
from portal.base.outbox import queue_mail, when_returned
from portal.base.permissions import coordinators

if TYPE_CHECKING:
    from events.models import Event
    from portal.base.models import OutgoingMail


def organisers_of(event: Event) -> list[Any]:
    """The editors of the event's Cité who have an address; the coordinators for an event that has none."""
    team = editors_of(event.cite_id) if event.cite_id else people().none()
    return list(team) or list(coordinators(people()).distinct())


def tell_organisers(event: Event, kind: str, cause: str, **params: Any) -> None:
    """Queue a mail to each organiser, in the language of each; call it inside a transaction."""
    for user in organisers_of(event):
        queue_mail(
            key=f"{kind}:{cause}:{user.pk}",
            kind=kind,
            to=user.email,
            language=language_of(user),
            params=params,
        )


@when_returned
def mail_returned(mail: OutgoingMail) -> None:
    """A mail to a registrant could not be delivered: offers go on, and the organisers are told once."""
    row = Registration.objects.filter(pk=mail.params.get("registration")).first()
    if row is not None and row.uuid == mail.about:
        if skip_returned(row.pk, mail):
            tell_organisers(row.event, "organiser_returned", f"{row.uuid}:{mail.pk}", registration=row.pk)
        return
    for name, model in (("delegation", Delegation), ("invitation", Invitation)):
        other = model.objects.filter(pk=mail.params.get(name)).first()
        if other is not None and other.uuid == mail.about:
            tell_organisers(other.event, "organiser_returned", f"{other.uuid}:{mail.pk}", **{name: other.pk})
