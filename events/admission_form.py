"""The form of who may come in: seats and window first, the rules folded away."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import fields_for_model
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from events.admission import RULES
from events.dates import check_year
from events.fields import OneLineField
from events.forms import countries_to_choose
from events.models.admission import Admission, QuotaBy
from events.organisations import organisation_key
from home.models import Cite
from portal.base.widgets import QuickSelect

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from events.models import Event

SEATS = ("seats_on_site", "seats_online", "opens_at", "closes_at")
MOMENTS = ("opens_at", "closes_at", "quota_until")
DATES = (*MOMENTS, "keep_until")
# What is folded away: heading, and the fields below it.
GROUPS = (
    (_("Who may register"), ("needs_approval", "by_invitation", "takes_interest")),
    (_("Seats by country or organisation"), ("quota_by", "quota_each", "quota_until")),
    (_("What the form asks besides"), ("asks_access", "asks_diet", "asks_interpretation")),
    (_("Mails and evidence"), ("mail_intro", "keep_until")),
)
HELP = {
    "by_invitation": _("You invite them on the page “Invitations”."),
    "takes_interest": _("For an event without a date: when it is known, seats are offered in the order of arrival."),
    "quota_each": _("Empty: only the exceptions below are limited."),
    "quota_until": _("After that, seats that are still free go to anybody. Empty: until the end."),
    "asks_access": _("Deleted 30 days after the event."),
    "asks_diet": _("Deleted 30 days after the event."),
    "asks_interpretation": _("Deleted 30 days after the event."),
    "keep_until": _("If the funder asks for another day than the usual one."),
    "mail_intro": _("Shown in a language only if it is written in it."),
}
EXCEPTIONS_MORE, EXCEPTIONS_MAX = 3, 200  # empty rows, all rows


class AdmissionForm(forms.Form):
    """Seats, window and rules; times are local to the event."""

    seats_on_site = forms.IntegerField(label=_("Seats on site"), min_value=0, max_value=100_000, initial=0)
    seats_online = forms.IntegerField(label=_("Seats online"), min_value=0, max_value=100_000, initial=0)
    opens_at = forms.DateTimeField(
        label=_("Registration opens"), required=False, widget=AdminDateTimeInput, help_text=_("Empty: at once.")
    )
    closes_at = forms.DateTimeField(
        label=_("Registration closes"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=_("Empty: 24 hours before the start."),
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        self.zone = zone
        super().__init__(*args, **kwargs)
        widgets = {"quota_until": AdminDateTimeInput, "keep_until": AdminDateInput}
        self.fields.update(fields_for_model(Admission, RULES, widgets=widgets))
        for name, text in HELP.items():
            self.fields[name].help_text = text

    def full_clean(self) -> None:
        with timezone.override(self.zone):
            super().full_clean()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in DATES:
            try:
                check_year(name, data.get(name))
            except ValidationError as error:
                self.add_error(None, error)
        if data.get("quota_by") == QuotaBy.NOBODY:
            data |= {"quota_each": None, "quota_until": None}
        return data

    @property
    def seats_and_window(self) -> list[forms.BoundField]:
        return [self[name] for name in SEATS]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The folded groups; one that says something, or has an error, is open."""
        return [
            {
                "heading": heading,
                "fields": [self[name] for name in names],
                "is_open": any(self.errors.get(name) or self[name].value() for name in names),
                "has_exceptions": "quota_by" in names,
            }
            for heading, names in GROUPS
        ]


class ExceptionForm(forms.Form):
    """Another number of seats for one country or organisation."""

    country = forms.ChoiceField(label=_("Country"), choices=countries_to_choose, required=False, widget=QuickSelect)
    organisation = OneLineField(label=_("or organisation"), max_length=180, required=False)
    seats = forms.IntegerField(label=_("Seats at most"), min_value=0, max_value=100_000, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        named = [name for name in ("country", "organisation") if data.get(name)]
        if named and data.get("seats") is None and "seats" not in self.errors:
            self.add_error("seats", gettext("Give the number of seats."))
        if len(named) > 1 or (data.get("seats") is not None and not named):
            raise ValidationError(gettext("Name either a country or an organisation."))
        return data

    def key(self, quota_by: str) -> str:
        """The key of the quota; empty for an empty row."""
        if quota_by == QuotaBy.COUNTRY:
            return str(self.cleaned_data.get("country", ""))
        return organisation_key(self.cleaned_data.get("organisation", ""))


Exceptions = forms.formset_factory(
    ExceptionForm, extra=EXCEPTIONS_MORE, max_num=EXCEPTIONS_MAX, absolute_max=EXCEPTIONS_MAX
)
PREFIX = "quota"


def admission_form(event: Event, data: Any = None) -> AdmissionForm:
    admission = event.admission_or_none
    initial: dict[str, Any] = {}
    if admission:
        initial = {name: getattr(admission, name) for name in (*SEATS, *RULES)}
        initial |= {name: wall_clock(initial[name], event.zone) for name in MOMENTS}
    return AdmissionForm(data, initial=initial, zone=event.zone)


def quotas(rows: forms.BaseFormSet[ExceptionForm], quota_by: str) -> dict[str, int]:
    """Seats by key; a row of the other sort than `quota_by`, and an empty one, is left out."""
    if not quota_by:
        return {}
    found = ((form.key(quota_by), form.cleaned_data.get("seats")) for form in rows.forms if form.cleaned_data)
    return {key: seats for key, seats in found if key and seats is not None}


def exceptions(event: Event, data: Any = None) -> forms.BaseFormSet[ExceptionForm] | None:
    """The rows of the quota; None where a POST does not speak of them."""
    if data is not None and f"{PREFIX}-TOTAL_FORMS" not in data:
        return None
    return Exceptions(data, initial=stored_exceptions(event), prefix=PREFIX)


def stored_exceptions(event: Event) -> list[dict[str, Any]]:
    admission = event.admission_or_none
    if admission is None:
        return []
    rows = list(admission.quotas.values_list("key", "seats"))
    if admission.quota_by == QuotaBy.COUNTRY:
        return [{"country": key, "seats": seats} for key, seats in rows]
    slugs = [key.removeprefix("cite:") for key, _seats in rows if key.startswith("cite:")]
    names = dict(Cite.objects.filter(slug__in=slugs).values_list("slug", "official_name")) if slugs else {}
    return [{"organisation": names.get(key.removeprefix("cite:"), key), "seats": seats} for key, seats in rows]


def wall_clock(moment: dt.datetime | None, zone: ZoneInfo) -> dt.datetime | None:
    """The time that a clock at the event shows; naive, so that the form does not move it to the user's zone."""
    return moment.astimezone(zone).replace(tzinfo=None) if moment else None
