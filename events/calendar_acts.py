"""Private calendars on the pages that links in mails open: what is shown of them, and what buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.conf import settings
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from events.fields import OneLineField
from events.links import manage_url
from events.private_calendars import choose_language, name_of, revoke, subscribe
from events.registration import RegistrationRefused
from events.subscribing import Subscription
from portal.base.languages import current_language, language_choices

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import Promise

    from events.models import CalendarSubscription
    from events.private_calendars import Owner


def language_field() -> forms.ChoiceField:
    said = _("Choose one of the languages")
    return forms.ChoiceField(
        label=_("Language of the calendar"),
        choices=language_choices,
        initial=current_language,
        error_messages={"required": said, "invalid_choice": said},
    )


class CalendarForm(forms.Form):
    """One more device asks for the calendar."""

    use_required_attribute = False
    prefix = "calendar"

    device = OneLineField(
        label=_("On which device?"),
        max_length=60,
        help_text=_("For example: my phone. Only you see it, to know which address is which."),
        error_messages={"required": _("Enter what you call the device, for example: my phone")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    language = language_field()


class CalendarKeyForm(forms.Form):
    """Which of the calendars a button is of."""

    calendar = forms.UUIDField(widget=forms.HiddenInput)


class CalendarLanguageForm(CalendarKeyForm):
    language = language_field()


class ShownCalendar(NamedTuple):
    row: CalendarSubscription
    feed: Subscription
    form: CalendarLanguageForm


def shown(row: CalendarSubscription) -> ShownCalendar:
    initial = {"calendar": row.uuid.hex, "language": row.language}
    return ShownCalendar(
        row=row,
        feed=Subscription(name_of(row), manage_url(row).removeprefix(settings.SITE_URL)),
        form=CalendarLanguageForm(initial=initial, auto_id=f"calendar-{row.pk}-%s"),
    )


def calendar_context(
    request: HttpRequest, owner: Owner, *, can_add: bool, form: CalendarForm | None = None
) -> dict[str, Any]:
    """What the section "In your calendar" shows."""
    return {
        # The one just made comes first, below the sentence that says so.
        "calendars": [shown(row) for row in owner.calendars.order_by("-created_at", "-pk")],
        "calendar_form": (form or CalendarForm()) if can_add else None,
        "calendar_done": DONE.get(request.GET.get("calendar", "")),
        "calendar_of_one": owner.registration is not None,
    }


def add(request: HttpRequest, owner: Owner) -> CalendarForm | None:
    """Make an address; give the form back if that is not possible, with what was typed."""
    form = CalendarForm(request.POST)
    if form.is_valid():
        try:
            subscribe(owner, **form.cleaned_data)
        except RegistrationRefused as error:
            form.add_error(None, str(error))
    return None if form.is_valid() else form


def speak(request: HttpRequest, owner: Owner) -> None:
    form = CalendarLanguageForm(request.POST)
    if form.is_valid():
        choose_language(owner, form.cleaned_data["calendar"], form.cleaned_data["language"])
    elif "language" in form.errors:
        raise RegistrationRefused(_("Choose one of the languages"))


def stop(request: HttpRequest, owner: Owner) -> None:
    form = CalendarKeyForm(request.POST)
    if form.is_valid():
        revoke(owner, form.cleaned_data["calendar"])


CALENDAR_ACTS: dict[str, Callable[[HttpRequest, Owner], CalendarForm | None]] = {
    "calendar-add": add,
    "calendar-language": speak,
    "calendar-revoke": stop,
}
DONE: dict[str, str | Promise] = {
    "calendar-add": _("The address is made. Copy it into your calendar, or open it there."),
    "calendar-language": _("The calendar speaks another language from the next time that it asks."),
    "calendar-revoke": _("The address is revoked. What asked there gets no more news."),
}


def back_to_calendars(request: HttpRequest, act: str) -> HttpResponse:
    return redirect(f"{request.path}?calendar={act}#calendars")
