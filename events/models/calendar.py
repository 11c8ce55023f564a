from __future__ import annotations

import uuid

from django.db import models

from events.models.event import Event


def new_revision() -> str:
    return uuid.uuid4().hex


class CalendarEntry(models.Model):
    """One event in one language as calendars get it; feeds are joined from these bytes.

    `body` is a VEVENT (RFC 5545 section 3.6.1), rendered when something visible changes and parsed back
    before it is stored. `modified_at` is its DTSTAMP and LAST-MODIFIED. `timezone` is that of its times, which the
    calendar must define; whole days have none.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="calendar_entries")
    language = models.CharField(max_length=10)
    body = models.BinaryField()
    timezone = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # of the last exact dates

    class Meta:
        indexes = [models.Index(fields=["language", "ends_at"], name="calendar_entries_of_a_feed")]
        constraints = [models.UniqueConstraint(fields=["event", "language"], name="one_entry_per_language")]

    def __str__(self) -> str:
        return f"{self.event} ({self.language})"


class Feed(models.Model):
    """A public feed in which an event is or was, in all languages; see events.listing for its `scope`.

    An event stays in each feed that it was ever in: subscribers of Porto learn that it has moved to Turin.
    `revision` is another one after each change, and `changed_at` later, by a second at least.
    """

    scope = models.CharField(max_length=100, unique=True)
    revision = models.CharField(max_length=32, default=new_revision)
    changed_at = models.DateTimeField()
    made_with = models.CharField(max_length=60)  # serializer and tz database
    events = models.ManyToManyField(Event, related_name="feeds")

    def __str__(self) -> str:
        return self.scope
