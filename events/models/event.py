from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel

from events.dates import EXACT, Precision, check_dates, window
from home.countries import country_choices, country_name, zone_choices
from home.models import Cite, Project, Skill
from home.models.cite import latitude, longitude
from portal.base.facts import Fact, FactChild, FactQuerySet, SourceLine, coordinators_panel, uuid_panel
from portal.base.labels import CodesField, LabelsField
from portal.base.languages import Text, language_choices, pick
from portal.base.widgets import QuickSelect

if TYPE_CHECKING:
    from events.models import Admission


class Kind(models.TextChoices):
    MEETING = "meeting", _("transnational meeting")
    TRAINING = "training", _("training")
    SCHOOL = "school", _("annual school")
    CONFERENCE = "conference", _("conference")
    WEBINAR = "webinar", _("webinar")
    VISIT = "visit", _("study visit")
    ASSEMBLY = "assembly", _("general assembly")


class State(models.TextChoices):
    PLANNED = "planned", _("planned")
    CONFIRMED = "confirmed", _("confirmed")
    POSTPONED = "postponed", _("postponed")
    CANCELLED = "cancelled", _("cancelled")
    WITHDRAWN = "withdrawn", _("withdrawn")


CALLED_OFF = frozenset({State.CANCELLED, State.WITHDRAWN})


class EventQuerySet(FactQuerySet):
    def shown(self) -> Self:
        """What lists show: published, and not withdrawn."""
        return self.published().exclude(state=State.WITHDRAWN)

    def upcoming(self, now: dt.datetime | None = None) -> Self:
        """Not over yet, the next first; those without a date last."""
        coming = Q(ends_at=None) | Q(ends_at__gt=now or timezone.now())
        return self.filter(coming).order_by(models.F("begins_at").asc(nulls_last=True), "pk")

    def past(self, now: dt.datetime | None = None) -> Self:
        """Over, the latest first."""
        return self.filter(ends_at__lte=now or timezone.now()).order_by("-begins_at", "-pk")

    def of_cite(self, cite: Cite) -> Self:
        return self.filter(cite=cite)

    def speaking(self, language: str) -> Self:
        return self.filter(languages__contains=f",{language},")


class Event(Fact):
    """A meeting, a training or the like. Dates and times are local to `timezone`, an IANA zone."""

    name = models.CharField(
        _("working title"),
        max_length=200,
        help_text=_("For the organisers. For example: Training of counsellors, spring 2027."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.PLANNED, editable=False)
    cite = models.ForeignKey(
        Cite,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("host"),
        help_text=_("The Cité that invites; empty for an event of the network."),
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("project"),
    )

    precision = models.CharField(
        _("how exactly is the date known?"), max_length=10, choices=Precision, default=Precision.TIME
    )
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True, help_text=_("Empty for an event of one day."))
    start_time = models.TimeField(_("from"), null=True, blank=True)
    end_time = models.TimeField(_("until"), null=True, blank=True)
    timezone = models.CharField(
        _("time zone"),
        max_length=60,
        choices=zone_choices,
        default="Europe/Paris",
        help_text=_("Of the place; for an online event the organiser's."),
    )
    # Derived from the above on every save, in UTC: what lists are sorted and filtered by.
    begins_at = models.DateTimeField(null=True, editable=False, db_index=True)
    ends_at = models.DateTimeField(null=True, editable=False, db_index=True)

    place_name = models.CharField(_("place"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    city = models.CharField(_("town"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=country_choices, blank=True)
    latitude = latitude()
    longitude = longitude()
    is_online = models.BooleanField(_("online, or online as well"), default=False)
    online_link = models.URLField(
        _("link to take part"),
        max_length=500,
        blank=True,
        help_text=_("Sent to people who registered, never shown on a public page."),
    )
    languages = CodesField(_("working languages"), choices=language_choices)
    skills = ParentalManyToManyField(Skill, blank=True, related_name="events", verbose_name=_("skills that it serves"))
    contact_name = models.CharField(_("contact"), max_length=100, blank=True)
    contact_email = models.EmailField(
        _("e-mail for questions"), blank=True, help_text=_("An address of the service, not of a person.")
    )

    # What calendars are told; see events.publication.
    sequence = models.PositiveIntegerField(default=0, editable=False)
    last_dates = models.JSONField(null=True, editable=False)  # the last exact dates that were published

    kept: ClassVar = (*Fact.kept, "state", "sequence", "last_dates")
    identified_children: ClassVar = ("sessions",)
    owner_field: ClassVar = "cite"
    # A change of one of these, once published, raises `sequence`; nothing else does (RFC 5546 section 2.1.4).
    telling: ClassVar = (
        *("precision", "starts_on", "ends_on", "start_time", "end_time", "timezone"),
        *("place_name", "address", "city", "country", "latitude", "longitude", "is_online"),
        *("state", "live"),
    )

    objects = EventQuerySet.as_manager()

    panels = [
        HelpPanel(content=_("The facts are the same in all languages. The texts come next.")),
        MultiFieldPanel(
            ["name", FieldRowPanel(["kind", "project"]), FieldPanel("cite", required_on_save=True), "languages"],
            heading=_("What"),
        ),
        MultiFieldPanel(
            [
                "precision",
                FieldRowPanel(["starts_on", "ends_on"]),
                FieldRowPanel(["start_time", "end_time", FieldPanel("timezone", widget=QuickSelect)]),
            ],
            heading=_("When"),
        ),
        MultiFieldPanel(
            [
                "place_name",
                FieldRowPanel(["address", "city", FieldPanel("country", widget=QuickSelect)]),
                FieldRowPanel(["latitude", "longitude"]),
                FieldRowPanel(["is_online", "online_link"]),
            ],
            heading=_("Where"),
        ),
        InlinePanel("sessions", heading=_("Half-days"), label=_("Half-day")),
        MultiFieldPanel(
            [FieldPanel("skills", widget=forms.CheckboxSelectMultiple)], heading=_("Skills"), classname="collapsed"
        ),
        MultiFieldPanel([FieldRowPanel(["contact_name", "contact_email"])], heading=_("Questions")),
        MultiFieldPanel(
            [InlinePanel("sources", label=_("Source")), coordinators_panel("is_demonstration")],
            heading=_("Sources"),
            classname="collapsed",
        ),
    ]

    class Meta:
        ordering = ["-begins_at", "name"]
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        check_dates(self)

    def with_content_json(self, content: dict[str, Any]) -> Any:
        restored = super().with_content_json(content)
        restored.begins_at, restored.ends_at = window(restored)  # the form that wrote the draft does not ask for them
        return restored

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not kwargs.get("update_fields"):
            self.begins_at, self.ends_at = window(self)
            if self.pk is None and self.live:
                self.remember_dates()
        super().save(*args, **kwargs)

    def before_overwrite(self, stored: Event) -> None:
        super().before_overwrite(stored)
        changed = any(getattr(self, name) != getattr(stored, name) for name in self.telling)
        # Drafts of an unpublished event are written to its row; they tell nobody anything.
        if stored.first_published_at and (stored.live or self.live) and changed:
            self.sequence = stored.sequence + 1
        if self.live:
            self.remember_dates()

    def remember_dates(self) -> None:
        if self.has_exact_date:
            self.last_dates = {
                "precision": self.precision,
                "starts_on": self.starts_on and self.starts_on.isoformat(),
                "ends_on": self.last_day and self.last_day.isoformat(),
                "start_time": self.start_time and self.start_time.isoformat(),
                "end_time": self.end_time and self.end_time.isoformat(),
                "timezone": self.timezone,
            }

    # --- time
    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def has_exact_date(self) -> bool:
        return self.precision in EXACT and self.starts_on is not None

    @property
    def last_day(self) -> dt.date | None:
        return self.ends_on or self.starts_on

    @property
    def local_start(self) -> dt.datetime | None:
        """Aware, in the event's zone; only where the time is known."""
        if self.precision != Precision.TIME or self.begins_at is None:
            return None
        return self.begins_at.astimezone(self.zone)

    @property
    def local_end(self) -> dt.datetime | None:
        if self.precision != Precision.TIME or self.ends_at is None:
            return None
        return self.ends_at.astimezone(self.zone)

    @property
    def is_shown(self) -> bool:
        return super().is_shown and self.state != State.WITHDRAWN

    @cached_property
    def half_days(self) -> list[Session]:
        return [session for session in self.sessions.all() if not session.withdrawn]

    @property
    def is_over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    # --- place
    @property
    def has_place(self) -> bool:
        return bool(self.place_name or self.city)

    @property
    def country_name(self) -> str:
        return country_name(self.country) if self.country else ""

    @property
    def is_hybrid(self) -> bool:
        return self.is_online and self.has_place

    # --- people
    @property
    def admission_or_none(self) -> Admission | None:
        return getattr(self, "admission", None)

    def told(self, *, with_link: bool = False) -> dict[str, str]:
        """What people who registered were told; a change of it is worth a mail.

        That a planned event is confirmed is not: for them it takes place all the same. The link to take part is for
        those who do so online; of it a digest is kept. That an event is not published is named, that it is goes
        without saying.
        """
        link = hashlib.sha256(self.online_link.encode()).hexdigest()[:16] if with_link and self.online_link else ""
        state = State.CONFIRMED if self.state == State.PLANNED else self.state
        names = (name for name in self.telling if name not in {"live", "state", "latitude", "longitude"})
        values = {name: getattr(self, name) for name in names}
        return {
            "state": str(state),
            "link": link,
            **({} if self.live else {"live": ""}),
            **{name: "" if value is None else str(value) for name, value in values.items()},
        }

    def get_absolute_url(self) -> str:
        return reverse("event", args=[self.pk])

    @property
    def admin_url(self) -> str:
        return reverse("events:hub", args=[self.pk])


class EventSource(SourceLine):
    event = ParentalKey(Event, on_delete=models.CASCADE, related_name="sources")


class Part(models.TextChoices):
    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")
    EVENING = "evening", _("evening")


class Session(FactChild):
    """A half-day of an event; attendance will point to it, so it keeps its identity."""

    event = ParentalKey(Event, on_delete=models.CASCADE, related_name="sessions")
    on = models.DateField(_("day"))
    part = models.CharField(_("half-day"), max_length=10, choices=Part)
    opens = models.TimeField(_("from"), null=True, blank=True)
    closes = models.TimeField(_("until"), null=True, blank=True)
    labels = LabelsField(_("title"), blank=True)

    panels = [FieldRowPanel(["on", "part", "opens", "closes"]), "labels", uuid_panel()]

    class Meta(FactChild.Meta):
        constraints = [models.UniqueConstraint(fields=["event", "uuid"], name="session_uuid_once_per_event")]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_part_display()}"

    def clean(self) -> None:
        super().clean()
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValidationError({"closes": _("The end must be after the start.")})

    @property
    def label(self) -> Text:
        return pick(self.labels)
