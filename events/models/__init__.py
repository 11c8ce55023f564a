"""Events: their facts, their words, who may come in, who does, and what calendars are told."""

from events.models.admission import Admission
from events.models.calendar import CalendarEntry
from events.models.event import Event, EventSource, Session
from events.models.pages import AgendaPage, EventPage
from events.models.registration import AuditLine, Registration

__all__ = [
    "Admission",
    "AgendaPage",
    "AuditLine",
    "CalendarEntry",
    "Event",
    "EventPage",
    "EventSource",
    "Registration",
    "Session",
]
