from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel

from home.countries import country_choices, country_name, territory_choices, zone_choices
from portal.base.facts import Fact, FactQuerySet, FigureLine, SourceLine, coordinators_panel
from portal.base.labels import CodesField, LabelsField
from portal.base.languages import Text, language_choices, pick
from portal.base.widgets import QuickSelect


class Weekday(models.IntegerChoices):
    """ISO 8601: Monday is 1."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


def weekday_choices() -> list[tuple[str, str]]:
    return [(str(day), str(day.label)) for day in Weekday]


class State(models.TextChoices):
    OPEN = "open", _("in operation")
    UNKNOWN = "unknown", _("present status not known")
    PROJECT = "project", _("in project")
    FORMER = "former", _("former member")
    UNIDENTIFIED = "unidentified", _("not identified")


class Bearer(models.TextChoices):
    MUSEUM = "museum", _("museum")
    INTEREST_GROUP = "public-interest-group", _("public interest group")
    MUNICIPALITY = "municipality", _("municipality")
    AGENCY = "development-agency", _("development agency")
    COOPERATIVE = "cooperative", _("cooperative or consortium")
    CANTON = "canton", _("canton")
    DEPARTMENT = "department", _("department")
    EMPLOYMENT = "employment-service", _("public employment service")
    CHAMBER = "chamber", _("chamber of commerce and industry")
    ASSOCIATION = "association", _("association")
    OTHER = "other", _("other body")


class Known(models.TextChoices):
    """A yes or no that nobody may guess."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("not known")


class Appointment(models.TextChoices):
    NONE = "none", _("no appointment needed")
    SOME = "some", _("appointment for some services")
    ALWAYS = "always", _("by appointment")
    UNKNOWN = "unknown", _("not known")


def latitude() -> models.FloatField[float | None, float | None]:
    limits = [MinValueValidator(-90), MaxValueValidator(90)]
    return models.FloatField(_("latitude"), null=True, blank=True, validators=limits)


def longitude() -> models.FloatField[float | None, float | None]:
    limits = [MinValueValidator(-180), MaxValueValidator(180)]
    return models.FloatField(_("longitude"), null=True, blank=True, validators=limits)


class CiteQuerySet(FactQuerySet):
    def counted(self) -> Self:
        """Cités that the network's numbers speak of: published and open."""
        return self.published().filter(state=State.OPEN)

    def at(self, slug: str) -> Cite | None:
        """The one at this address of now, or else of former times."""
        return self.filter(slug=slug).first() or self.filter(former_slugs__slug=slug).first()

    def in_country(self, code: str) -> Self:
        return self.filter(country=code)

    def unverified_since(self, limit: dt.date) -> Self:
        """Public ones that somebody could verify, and nobody has since that day."""
        old = models.Q(verified_on=None) | models.Q(verified_on__lt=limit)
        return self.filter(old, live=True, state__in=(State.OPEN, State.UNKNOWN, State.PROJECT))


class Cite(Fact):
    """A Cité des métiers: a member centre of the network. Times are local to `timezone`."""

    slug = models.SlugField(
        _("short name in addresses"),
        max_length=60,
        unique=True,
        help_text=_("Part of addresses. What it was before goes on working, also for calendars."),
    )
    official_name = models.CharField(_("official name"), max_length=200, help_text=_("Never translated."))
    name_language = models.CharField(
        _("language of the name"), max_length=10, blank=True, help_text=_("For example fr, it, pt.")
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OPEN)
    state_read_from = models.CharField(
        _("as the source says it"), max_length=200, blank=True, help_text=_("The source's own words.")
    )

    address = models.CharField(_("address"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=country_choices)
    territory = models.CharField(_("territory"), max_length=2, choices=territory_choices, blank=True)
    latitude = latitude()
    longitude = longitude()
    is_exact_position = models.BooleanField(
        _("the position is the door's"), default=False, help_text=_("Else it is the town's.")
    )
    timezone = models.CharField(_("time zone"), max_length=60, choices=zone_choices, default="Europe/Paris")
    languages = CodesField(_("languages spoken"), choices=language_choices)
    other_languages = models.CharField(
        _("other languages"), max_length=100, blank=True, help_text=_("Codes, for example ca, eu.")
    )

    year_opened = models.PositiveSmallIntegerField(_("opened in"), null=True, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    bearer = models.CharField(_("bearer"), max_length=200, blank=True, help_text=_("The body that runs the Cité."))
    bearer_kind = models.CharField(_("kind of bearer"), max_length=30, choices=Bearer, blank=True)

    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("An address of the service, not of a person."))
    website = models.URLField(_("website"), max_length=300, blank=True)

    appointment = models.CharField(_("appointment"), max_length=10, choices=Appointment, default=Appointment.UNKNOWN)
    are_hours_known = models.BooleanField(
        _("the weekly hours are known"),
        default=False,
        help_text=_("Without this the page says “hours not known, see the website”, never “closed”."),
    )
    days_not_known = CodesField(
        _("days whose hours are not known"), choices=weekday_choices, help_text=_("They are not called closed.")
    )
    hours_note = LabelsField(_("note on the hours"), blank=True, max_length=300)
    access = LabelsField(_("getting here"), blank=True, max_length=300, long=True)
    step_free = models.CharField(_("step-free access"), max_length=10, choices=Known, default=Known.UNKNOWN)
    hearing_loop = models.CharField(_("hearing loop"), max_length=10, choices=Known, default=Known.UNKNOWN)
    sign_language = models.CharField(_("sign language"), max_length=10, choices=Known, default=Known.UNKNOWN)
    access_contact = models.EmailField(_("contact for access needs"), blank=True)

    # Said with one button, at once; see home.verification.
    verified_on = models.DateField(_("verified on"), null=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    reminded_on = models.DateField(null=True, editable=False)

    kept: ClassVar = (*Fact.kept, "verified_on", "verified_by_id", "reminded_on")
    objects = CiteQuerySet.as_manager()

    panels = [
        MultiFieldPanel(
            [
                "official_name",
                FieldRowPanel(["name_language", coordinators_panel("slug")]),
                InlinePanel("names", label=_("Name in another language"), classname="collapsed"),
                coordinators_panel("state"),
            ],
            heading=_("Who"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel(["are_hours_known", "appointment"]),
                InlinePanel("intervals", label=_("Opening hours")),
                InlinePanel("exceptions", label=_("Exception, for example holidays")),
                "days_not_known",
                "hours_note",
            ],
            heading=_("When"),
        ),
        MultiFieldPanel(
            [
                "address",
                FieldRowPanel(["city", FieldPanel("country", widget=QuickSelect), "territory"]),
                FieldRowPanel(["latitude", "longitude", "is_exact_position"]),
                FieldPanel("timezone", widget=QuickSelect),
                "access",
                FieldRowPanel(["step_free", "hearing_loop", "sign_language"]),
                "access_contact",
                InlinePanel("associated_centres", label=_("Associated centre")),
            ],
            heading=_("Where"),
        ),
        MultiFieldPanel(["languages", "other_languages", InlinePanel("poles", label=_("Pole"))], heading=_("What")),
        MultiFieldPanel(
            [
                FieldRowPanel(["bearer", "bearer_kind"]),
                FieldRowPanel(["year_opened", "opened_on"]),
                InlinePanel("stages", label=_("Stage of the label")),
                InlinePanel("partners", label=_("Partner")),
            ],
            heading=_("With whom"),
        ),
        MultiFieldPanel(
            [FieldRowPanel(["phone", "email"]), "website", InlinePanel("links", label=_("Link"))],
            heading=_("Contact"),
        ),
        MultiFieldPanel(
            [
                InlinePanel("figures", label=_("Figure")),
                InlinePanel("sources", label=_("Source")),
                coordinators_panel("state_read_from"),
                coordinators_panel("is_demonstration"),
            ],
            heading=_("Figures and sources"),
            classname="collapsed",
        ),
    ]

    class Meta:
        ordering = ["country", "city", "official_name"]
        verbose_name = _("Cité")
        verbose_name_plural = _("Cités")
        permissions = [("coordinate_network", _("Can edit everything of the network"))]

    def __str__(self) -> str:
        return self.official_name

    def clean(self) -> None:
        super().clean()
        if FormerSlug.objects.filter(slug=self.slug).exclude(cite=self.pk).exists():
            raise ValidationError({"slug": _("This address is promised to something else; choose another.")})

    def before_overwrite(self, stored: Cite) -> None:
        super().before_overwrite(stored)
        if stored.slug != self.slug and stored.first_published_at:
            FormerSlug.objects.update_or_create(slug=stored.slug, defaults={"cite": self})

    @property
    def working_title(self) -> Text:
        return Text(self.official_name, self.name_language)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def territory_name(self) -> str:
        return country_name(self.territory) if self.territory else ""

    @property
    def all_languages(self) -> list[str]:
        others = (code.strip() for code in self.other_languages.split(","))
        return [*self.languages, *(code for code in others if code)]

    @property
    def hours_note_text(self) -> Text:
        return pick(self.hours_note)

    @property
    def access_text(self) -> Text:
        return pick(self.access)

    @property
    def local_today(self) -> dt.date:
        return timezone.now().astimezone(self.zone).date()

    def search_names(self) -> list[str]:
        """What people may look for: its names, its town, who runs it, and its associated centres with theirs."""
        own = [self.official_name, *(row.name for row in self.names.all()), self.city, self.bearer]
        centres = [f"{centre.name}, {centre.city}" for centre in self.associated_centres.all()]
        return [name for name in (*own, *centres) if name]

    def get_absolute_url(self) -> str:
        return reverse("cite", args=[self.slug])

    @property
    def admin_url(self) -> str:
        return reverse("cites:hub", args=[self.pk])


class FormerSlug(models.Model):
    """What stood in a Cité's addresses once: links and calendars that have it go on working."""

    slug = models.SlugField(max_length=60, unique=True)
    cite = models.ForeignKey(Cite, on_delete=models.CASCADE, related_name="former_slugs")

    def __str__(self) -> str:
        return self.slug


class CiteFigure(FigureLine):
    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="figures")


class CiteSource(SourceLine):
    cite = ParentalKey(Cite, on_delete=models.CASCADE, related_name="sources")
