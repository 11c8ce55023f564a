"""Events: their facts, their words, who may come in, who does, and what calendars are told."""

from events.models.admission import Admission, Choice, Question, Quota, Way
from events.models.calendar import CalendarEntry, Feed
from events.models.event import Event, EventSource, Session
from events.models.pages import AgendaPage, EventPage
from events.models.registration import Answer, AuditLine, Delegation, Invitation, Registration
from events.models.subscription import CalendarSubscription

__all__ = [
    "Admission",
    "AgendaPage",
    "Answer",
    "AuditLine",
    "CalendarEntry",
    "CalendarSubscription",
    "Choice",
    "Delegation",
    "Event",
    "EventPage",
    "EventSource",
    "Feed",
    "Invitation",
    "Question",
    "Quota",
    "Registration",
    "Session",
    "Way",
]
