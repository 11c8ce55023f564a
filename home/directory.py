"""The directory of the Cités: a list first, filtered by country, and the same on a map."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from home.countries import country_name
from home.models.cite import Cite, State
from portal.base.analysis import fold
from portal.base.geo import project
from portal.base.pages import with_words
from portal.base.sorting import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from portal.base.geo import Point


class DirectoryForm(forms.Form):
    """The filters of the directory; what it does not know it leaves out."""

    country = forms.CharField(label=_("Country"), required=False, max_length=2)
    q = forms.CharField(label=_("Town or name"), required=False, max_length=100)


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the directory with the number of its open Cités."""

    code: str
    name: str
    count: int
    pin: Point | None


def open_cites() -> list[Cite]:
    return list(Cite.objects.counted())


def countries(cites: Iterable[Cite]) -> list[Country]:
    """Countries by number of Cités, then by name in the reader's language."""
    cites = list(cites)
    numbers = Counter(cite.country for cite in cites)
    rows = [Country(code, country_name(code), count, pin(code, cites)) for code, count in numbers.items()]
    return sorted(rows, key=lambda row: (-row.count, sort_key(row.name)))


def pin(code: str, cites: Iterable[Cite]) -> Point | None:
    """Where the number of a country stands: the middle of its Cités on the main map."""
    points = [point for cite in cites if cite.country == code and not cite.territory and (point := dot(cite))]
    if not points:
        return None
    middle_x = sum(point.x for point in points) / len(points)
    return min(points, key=lambda point: abs(point.x - middle_x))


def dot(cite: Any) -> Point | None:
    if cite.latitude is None or cite.longitude is None:
        return None
    return project(cite.latitude, cite.longitude)


def directory_context(request: HttpRequest) -> dict[str, Any]:
    form = DirectoryForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {"country": "", "q": ""}
    everything = list(Cite.objects.published().prefetch_related("associated_centres", "intervals", "exceptions"))
    counted = [cite for cite in everything if cite.state == State.OPEN]
    shown = [cite for cite in everything if matches(cite, wanted["country"].upper(), wanted["q"])]
    return {
        "form": form,
        "country": wanted["country"].upper(),
        "query": wanted["q"],
        "cites_count": len(counted),
        "countries": countries(counted),
        "all_countries": countries(cite for cite in everything if cite.state != State.FORMER),
        "map_cites": [(cite, dot(cite)) for cite in counted if dot(cite)],
        "entries": with_words([cite for cite in shown if cite.state != State.FORMER], request),
        "former": with_words([cite for cite in shown if cite.state == State.FORMER], request),
    }


def matches(cite: Cite, country: str, text: str) -> bool:
    centres = cite.associated_centres.all()
    if country and country not in {cite.country, cite.territory, *(centre.country for centre in centres)}:
        return False
    places = [cite.official_name, cite.city, *(part for centre in centres for part in (centre.city, centre.name))]
    return fold_text(text) in " ".join(fold_text(place) for place in places)


def fold_text(text: str) -> str:
    return fold(text.lower())
