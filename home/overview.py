"""What the home page says in numbers: always computed from published facts, never typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from home.directory import countries, dot, open_cites
from home.models.vocabularies import Pole

if TYPE_CHECKING:
    from django.http import HttpRequest

    from home.models.pages import HomePage


def home_context(page: HomePage, _request: HttpRequest) -> dict[str, Any]:
    cites = open_cites()
    lands = countries(cites)
    numbers = {"{cites}": str(len(cites)), "{countries}": str(len(lands))}
    lead = page.lead
    for token, number in numbers.items():
        lead = lead.replace(token, number)
    return {
        "lead": lead,
        "cites_count": len(cites),
        "countries": lands,
        "map_cites": [(cite, dot(cite)) for cite in cites if dot(cite)],
        "poles": list(Pole.objects.all()),
    }
