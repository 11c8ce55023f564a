from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from events.models.event import Event, State
from portal.base.labels import LabelsField
from portal.base.languages import Text, pick

if TYPE_CHECKING:
    from typing import Any

DEFAULT_CLOSING = dt.timedelta(hours=24)  # before the start, where nobody has set a time


class QuotaBy(models.TextChoices):
    NOBODY = "", _("no quota")
    COUNTRY = "country", _("country")
    ORGANISATION = "organisation", _("organisation")


class Way(models.TextChoices):
    """How somebody takes part; each way has seats and a waiting list of its own."""

    ON_SITE = "on-site", _("on site")
    ONLINE = "online", _("online")


class Admission(models.Model):
    """Who may come in, and how: one live row per event, changed only through events.admission."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="admission")
    seats_on_site = models.PositiveIntegerField(_("seats on site"), default=0)
    seats_online = models.PositiveIntegerField(_("seats online"), default=0)
    opens_at = models.DateTimeField(_("registration opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("registration closes at"), null=True, blank=True)

    needs_approval = models.BooleanField(_("organisers approve each registration"), default=False)
    by_invitation = models.BooleanField(_("only people who were invited may register"), default=False)
    takes_interest = models.BooleanField(_("people may leave their address until the date is known"), default=False)
    quota_by = models.CharField(
        _("seats are shared by"), max_length=20, choices=QuotaBy, blank=True, default=QuotaBy.NOBODY
    )
    quota_each = models.PositiveIntegerField(_("seats for each at most"), null=True, blank=True)
    quota_until = models.DateTimeField(_("shared until"), null=True, blank=True)

    asks_access = models.BooleanField(_("ask for access needs"), default=False)
    asks_diet = models.BooleanField(_("ask for diet"), default=False)
    asks_interpretation = models.BooleanField(_("ask who needs interpretation"), default=False)
    keep_until = models.DateField(_("evidence is kept until"), null=True, blank=True)  # see events.retention
    mail_intro = LabelsField(_("opening lines of our mails"), blank=True, long=True, max_length=600)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(opens_at__lt=F("closes_at")),
                name="admission_opens_before_it_closes",
            )
        ]

    def __str__(self) -> str:
        return str(self.event)

    @property
    def seats(self) -> int:
        return self.seats_on_site + self.seats_online

    def seats_for(self, way: str) -> int:
        return self.seats_online if way == Way.ONLINE else self.seats_on_site

    @property
    def deadline(self) -> dt.datetime | None:
        """The last moment to register, aware; 24 hours before the start where none is set."""
        if self.closes_at:
            return self.closes_at
        begins = self.event.begins_at
        return begins - DEFAULT_CLOSING if begins else None

    def is_early(self, now: dt.datetime) -> bool:
        return self.opens_at is not None and now < self.opens_at

    def is_late(self, now: dt.datetime) -> bool:
        return self.deadline is not None and now >= self.deadline

    def is_open(self, now: dt.datetime) -> bool:
        """Whether somebody could register now, if there is a seat."""
        takes_place = self.event.state in {State.PLANNED, State.CONFIRMED} and self.event.live
        is_dated = self.event.has_exact_date and not self.event.is_over
        return takes_place and is_dated and not self.is_early(now) and not self.is_late(now)

    def has_quota(self, now: dt.datetime) -> bool:
        return bool(self.quota_by) and (self.quota_until is None or now < self.quota_until)


class Quota(models.Model):
    """Seats for one country or organisation at most, where it is another number than for each."""

    admission = models.ForeignKey(Admission, on_delete=models.CASCADE, related_name="quotas")
    key = models.CharField(max_length=200)  # an ISO 3166-1 code, or see events.organisations
    seats = models.PositiveIntegerField(_("seats"))

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["admission", "key"], name="one_quota_per_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.seats}"


class Retention(models.TextChoices):
    """How long an answer is kept; see events.retention."""

    LOGISTICS = "logistics", _("deleted soon after the event")
    EVIDENCE = "evidence", _("kept as long as the funder asks")


class QuestionKind(models.TextChoices):
    TEXT = "text", _("text")
    CHOICE = "choice", _("one of several")
    CHOICES = "choices", _("several answers")
    YES_NO = "yes-no", _("yes or no")


class QuestionQuerySet(models.QuerySet["Question"]):
    def asked(self) -> QuestionQuerySet:
        return self.filter(withdrawn=False)


class Question(models.Model):
    """Something that only this event asks. Once somebody has answered it is withdrawn, never deleted."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="questions")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind of answer"), max_length=10, choices=QuestionKind, default=QuestionKind.TEXT)
    labels = LabelsField(_("question"))
    purposes = LabelsField(_("why it is asked"), help_text=_("One sentence, shown below the question."))
    retention = models.CharField(_("the answer is"), max_length=10, choices=Retention, default=Retention.LOGISTICS)
    is_required = models.BooleanField(_("must be answered"), default=False)
    withdrawn = models.BooleanField(default=False, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")

    def __str__(self) -> str:
        return self.label.text

    @property
    def label(self) -> Text:
        return pick(self.labels)

    @property
    def purpose(self) -> Text:
        return pick(self.purposes)

    @property
    def has_choices(self) -> bool:
        return self.kind in {QuestionKind.CHOICE, QuestionKind.CHOICES}

    def said(self, value: Any) -> str:
        """An answer in the words of the reader."""
        if self.kind == QuestionKind.YES_NO:
            return str(_("yes") if value else _("no"))
        if self.has_choices:
            labels = {choice.code: str(choice) for choice in self.choices.all()}
            codes = value if isinstance(value, list) else [value]
            return ", ".join(labels.get(code, str(code)) for code in codes)
        return str(value)


class Choice(models.Model):
    """One possible answer; its code is what answers keep."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    code = models.CharField(max_length=40)
    sort_order = models.PositiveSmallIntegerField(default=0)
    labels = LabelsField(_("answer"))
    withdrawn = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["sort_order", "pk"]
        constraints = [models.UniqueConstraint(fields=["question", "code"], name="choice_code_once_per_question")]

    def __str__(self) -> str:
        return self.label.text or self.code

    @property
    def label(self) -> Text:
        return pick(self.labels)
