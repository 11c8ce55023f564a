"""All public feeds on one page, with what it means to subscribe; the same in every language, tree or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from events.agenda import AgendaForm
from events.models.event import Kind
from events.subscribing import to_chosen
from home.countries import named
from home.models import Cite
from home.models.cite import State

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def calendars(request: HttpRequest) -> HttpResponse:
    form = AgendaForm(request.GET)
    form.is_valid()
    cites = list(Cite.objects.shown().exclude(state=State.FORMER))
    codes = {cite.country for cite in cites}
    context = {
        "form": form,
        "feed": to_chosen(form.cleaned_data),
        "kinds": Kind.choices,
        "countries": named(codes),
        "cites": cites,
        "noindex": True,
    }
    return render(request, "events/calendars.html", context)
