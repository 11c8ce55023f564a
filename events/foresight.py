"""What an act would do, before it is done: it is tried and taken back, so what is foretold is what happens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from events.models.registration import Registration
from events.said import mail_kind
from portal.base.languages import language_name
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.models import Event


@dataclass(frozen=True, slots=True)
class Foresight:
    """The mails that an act would send, in the order in which they would be queued."""

    mails: list[OutgoingMail]

    def __bool__(self) -> bool:
        return bool(self.mails)

    @property
    def people(self) -> int:
        return len({mail.to for mail in self.mails})

    def by_kind_and_language(self) -> list[tuple[str, str, int]]:
        """Kind, language and number of the mails, the most first."""
        counted = Counter((mail.kind, mail.language) for mail in self.mails)
        return [(mail_kind(kind), language_name(code), number) for (kind, code), number in counted.most_common()]

    def everybody(self) -> list[Registration]:
        """Who would get a mail, by name."""
        return list(Registration.objects.filter(uuid__in={mail.about for mail in self.mails}).order_by("name", "pk"))

    def registrations(self, kind: str) -> list[Registration]:
        """Who would get a mail of this kind, in that order."""
        uuids = [mail.about for mail in self.mails if mail.kind == kind]
        found = {row.uuid: row for row in Registration.objects.filter(uuid__in=uuids)}
        return [found[uuid] for uuid in uuids if uuid in found]


def foresee(event: Event, act: Callable[[], object]) -> Foresight:
    """Do something, see which mails to its registrants it would send, and undo it all.

    Raises what the act raises.
    """
    with transaction.atomic():
        last = OutgoingMail.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        act()
        people = Registration.objects.filter(event=event.pk).values("uuid")  # others may write mails meanwhile
        mails = list(OutgoingMail.objects.filter(pk__gt=last, about__in=people).order_by("pk"))
        transaction.set_rollback(True)
    return Foresight(mails)
