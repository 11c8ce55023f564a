"""What is kept about one registration, for the person to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.private_calendars import Owner
from events.retention import evidence_until, logistics_until
from portal.base.models import OutgoingMail
from portal.base.pages import with_words

if TYPE_CHECKING:
    import datetime as dt

    from events.models import Registration

FIELDS = (
    *("state", "way", "name", "email", "organisation", "country", "language"),
    *("access_needs", "diet", "interpretation", "created_at", "changed_at", "email_confirmed_at"),
)
CALENDAR_FIELDS = ("device", "language", "created_at", "last_used_on")  # never the address, which opens it


def data_of(row: Registration) -> dict[str, Any]:
    """Everything about the registration, with times in UTC (RFC 3339)."""
    event = row.event
    return {
        "event": {"id": event.pk, "title": str(with_words([event])[0].title), "address": event.get_absolute_url()},
        "registration": {name: as_json(getattr(row, name)) for name in FIELDS},
        "answers": [
            {"question": answer.question.label.text, "answer": answer.said}
            for answer in row.answers.select_related("question").prefetch_related("question__choices")
        ],
        "changes": [
            {"at": as_json(line.at), "what": line.what, "by": line.who} for line in row.audit_lines.order_by("at", "pk")
        ],
        "mails": [
            {"kind": mail.kind, "to": mail.to, "states": [[as_json(at), str(state)] for at, state in mail.timeline]}
            # A seat that was handed over has had mails to somebody else.
            for mail in OutgoingMail.objects.filter(about=row.uuid, to=row.email).order_by("pk")
        ],
        "calendars": [
            {
                "of": "this registration" if calendar.registration_id else "all registrations of the address",
                **{name: as_json(getattr(calendar, name)) for name in CALENDAR_FIELDS},
            }
            for calendar in [*Owner(row.email, row).calendars, *Owner(row.email).calendars]
        ],
        "kept_until": {"logistics": as_json(logistics_until(event)), "evidence": as_json(evidence_until(event))},
    }


def as_json(value: dt.datetime | Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
