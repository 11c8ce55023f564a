"""The agenda: what comes, what was, or a month, filtered by kind, country, Cité and language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.availability import Availability, availability_of
from events.fields import MonthField
from events.models.event import Event, Kind
from events.month import month_of, this_month, written
from events.subscribing import to_chosen
from home.countries import named
from home.models import Cite
from portal.base.languages import language_choices
from portal.base.pages import Entry, with_words
from portal.base.sorting import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from events.models.event import EventQuerySet

PAGE_SIZE = 20


class AgendaForm(forms.Form):
    """The filters of the agenda; what does not exist is refused with a word, and the list stays whole."""

    when = forms.ChoiceField(choices=[("coming", _("Coming")), ("past", _("Past"))], required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All kinds")), *Kind.choices], required=False)
    country = forms.RegexField(r"^[A-Za-z]{2}$", label=_("Country"), required=False)
    cite = forms.SlugField(label=_("Cité"), max_length=60, required=False)
    language = forms.ChoiceField(
        label=_("Working language"), choices=[("", _("All languages")), *language_choices()], required=False
    )
    month = MonthField(required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)


@dataclass(slots=True)
class Row:
    """An event of a list: its facts and words, and its seats."""

    entry: Entry
    availability: Availability

    @property
    def event(self) -> Any:
        return self.entry.fact


def rows(events: Iterable[Event], request: HttpRequest | None) -> list[Row]:
    """Two queries, however many events."""
    events = list(events)
    seats = availability_of(events)
    return [Row(entry, seats[entry.fact.pk]) for entry in with_words(events, request)]


def filtered(events: EventQuerySet, wanted: dict[str, Any]) -> EventQuerySet:
    if kind := wanted.get("kind"):
        events = events.filter(kind=kind)
    if country := wanted.get("country"):
        code = country.upper()
        events = events.filter(Q(country=code) | Q(country="", cite__country=code))
    if slug := wanted.get("cite"):
        events = events.filter(cite__slug=slug)
    if language := wanted.get("language"):
        events = events.speaking(language)
    return events


def agenda_context(request: HttpRequest) -> dict[str, Any]:
    form = AgendaForm(request.GET)
    form.is_valid()  # a filter with an error is left out, and the page says so
    events = filtered(Event.objects.shown().select_related("cite", "project"), form.cleaned_data)
    context = {
        "form": form,
        "facets": facets(),
        "feed": to_chosen(form.cleaned_data),
        "this_month": written(this_month()),
    }
    if request.GET.get("month"):
        month = month_of(form.cleaned_data.get("month") or this_month(), events, request)
        return context | {"month": month, "noindex": month.is_far}
    return context | list_context(events, form.cleaned_data, request)


def list_context(events: EventQuerySet, wanted: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    is_past = wanted.get("when") == "past"
    events = events.past() if is_past else events.upcoming()
    page = Paginator(events, PAGE_SIZE).get_page(wanted.get("page") or 1)
    return {"is_past": is_past, "paginator_page": page, "rows": rows(page.object_list, request)}


def facets() -> dict[str, list[tuple[str, str]]]:
    """Hosts and countries that have an event, to choose from."""
    found = Event.objects.shown().values_list("country", "cite__country", "cite__slug", "cite__official_name")
    places = list(found.order_by().distinct())
    codes = {country or host for country, host, _slug, _name in places if country or host}
    cites = {slug: name for _country, _host, slug, name in places if slug}
    return {
        "countries": named(codes),
        "cites": sorted(cites.items(), key=lambda row: sort_key(row[1])),
    }


def upcoming_of(cite: Cite, limit: int) -> EventQuerySet:
    return Event.objects.shown().of_cite(cite).select_related("cite", "project").upcoming()[:limit]
