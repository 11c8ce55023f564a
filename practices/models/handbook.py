from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from practices.models.practice import Chapter

if TYPE_CHECKING:
    import datetime as dt

FOLDER = "handbooks"


def where(handbook: Handbook, filename: str) -> str:
    return f"{FOLDER}/{filename}"


class HandbookQuerySet(models.QuerySet["Handbook"]):
    def stored(self, language: str) -> dict[str, Handbook]:
        """Those with a file, by the code of their chapter; the whole vademecum has none."""
        rows = self.filter(language=language).exclude(file="").select_related("chapter")
        return {row.chapter.code if row.chapter else "": row for row in rows}

    def due(self, now: dt.datetime) -> HandbookQuerySet:
        """What shall be looked at now, the longest waiting first, and whole handbooks before chapters."""
        return self.filter(due_at__lte=now).order_by("due_at", F("chapter").asc(nulls_first=True), "pk")


class Handbook(models.Model):
    """The vademecum or one chapter of it as a file, in one language: the last one made, and when to look again.

    `due_at` is the whole state. What is published sets it; the worker that begins puts it off for as long as the making
    may take, and empties it at the end, unless something was published meanwhile. So a worker that is killed leaves a
    row that falls due again.
    """

    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    chapter = models.ForeignKey(Chapter, on_delete=models.CASCADE, null=True, blank=True, related_name="handbooks")
    file = models.FileField(upload_to=where, max_length=200, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # of what is in the file; empty while there is none
    built_at = models.DateTimeField(null=True)
    sheets = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    bytes = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_index=True)
    turn = models.PositiveIntegerField(default=0)  # of workers: only the last one that began may write
    failures = models.PositiveSmallIntegerField(default=0)  # since it was last made
    last_error = models.TextField(blank=True)

    objects: Any = HandbookQuerySet.as_manager()

    class Meta:
        ordering = ["language", "chapter"]
        constraints = [
            models.UniqueConstraint(fields=["language", "chapter"], name="one_handbook_of_a_chapter"),
            models.UniqueConstraint(fields=["language"], condition=Q(chapter=None), name="one_whole_handbook"),
        ]

    def __str__(self) -> str:
        return f"{self.language}/{self.chapter.code}" if self.chapter else self.language

    @property
    def built_on(self) -> dt.date | None:
        return timezone.localdate(self.built_at) if self.built_at else None
