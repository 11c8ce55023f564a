"""The Cités as public data: what their pages say, and nothing else.

Left out although it is on the page: the contact for access needs, which may be a person's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from home.models import Cite
from home.models.cite import Appointment, Known
from home.models.pages import CITE_CHILDREN
from portal.base.languages import Text
from portal.base.open_data import (
    Part,
    absolute,
    clock,
    data_response,
    day,
    figures,
    said,
    source,
    sources,
)
from portal.base.pages import with_words

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from home.models import AssociatedCentre, CitePartner, CitePole
    from portal.base.pages import Entry

YES_OR_NO = {Known.YES: True, Known.NO: False}


@csrf_exempt
@require_safe
def cites(request: HttpRequest) -> HttpResponse:
    rows = Cite.objects.shown().order_by("slug").prefetch_related(*CITE_CHILDREN, "partners__pole")
    found = [cite_row(entry) for entry in with_words(rows)]
    return data_response(
        request,
        "cites",
        found,
        Part(1, 1, len(found)),
        title=_("Cités des métiers: the Cités"),
        description=_("The Cités des métiers of the international network, as this portal publishes them."),
    )


def cite_row(entry: Entry) -> dict[str, Any]:
    cite: Cite = entry.fact
    return {
        "slug": cite.slug,
        "uuid": str(cite.uuid),
        "page": absolute(entry.url),
        "neutral_address": absolute(cite.get_absolute_url()),
        "calendar": absolute(reverse("feed-cite", args=[cite.slug])),
        "name": said(cite.working_title),
        "other_names": [said(Text(name.name, name.language)) for name in cite.names.all()],
        "title": said(entry.title) if entry.page else None,
        "summary": said(entry.summary),
        "texts_in": list(entry.languages),
        "is_demonstration": cite.is_demonstration,
        "state": cite.state,
        "state_name": cite.get_state_display(),
        "state_in_source": cite.state_read_from or None,
        "verified_on": day(cite.verified_on),
        **where(cite),
        **visit(cite),
        **who(cite),
        "figures": figures(cite.figures.all()),
        "sources": sources(cite.sources.all()),
    }


def where(cite: Cite) -> dict[str, Any]:
    has_position = cite.latitude is not None and cite.longitude is not None
    return {
        "address": {
            "street": cite.address or None,
            "city": cite.city or None,
            "country": cite.country,
            "country_name": cite.country_name,
            "territory": cite.territory or None,
            "territory_name": cite.territory_name or None,
        },
        "position": {
            "latitude": cite.latitude,
            "longitude": cite.longitude,
            "of": "door" if cite.is_exact_position else "town",
        }
        if has_position
        else None,
        "timezone": cite.timezone,
        "associated_centres": [centre(row) for row in cite.associated_centres.all()],
    }


def centre(row: AssociatedCentre) -> dict[str, Any]:
    has_position = row.latitude is not None and row.longitude is not None
    return {
        "name": row.name,
        "address": {
            "street": row.address or None,
            "city": row.city,
            "country": row.country,
            "country_name": row.country_name,
        },
        "position": {"latitude": row.latitude, "longitude": row.longitude, "of": None} if has_position else None,
        "website": row.url or None,
        "source": source(row.source_title, row.source_url),
    }


def visit(cite: Cite) -> dict[str, Any]:
    return {
        "phone": cite.phone or None,
        "email": cite.email or None,
        "website": cite.website or None,
        "links": [{"title": said(link.label), "url": link.url} for link in cite.links.all()],
        "languages": cite.all_languages or None,
        "appointment": None if cite.appointment == Appointment.UNKNOWN else cite.appointment,
        "getting_here": said(cite.access_text),
        "step_free": YES_OR_NO.get(Known(cite.step_free)),
        "hearing_loop": YES_OR_NO.get(Known(cite.hearing_loop)),
        "sign_language": YES_OR_NO.get(Known(cite.sign_language)),
        "opening_hours": opening_hours(cite) if cite.are_hours_known else None,
        "opening_exceptions": [
            {
                "first_day": day(row.first_on),
                "last_day": day(row.last_on),
                "opens": clock(row.opens),
                "closes": clock(row.closes),
                "note": said(row.note),
            }
            for row in cite.exceptions.all()
        ],
    }


def opening_hours(cite: Cite) -> dict[str, Any]:
    """Local times; a day that is neither here nor among those not known is closed. Monday is 1, as in ISO 8601."""
    return {
        "week": [
            {"weekday": row.weekday, "opens": clock(row.opens), "closes": clock(row.closes)}
            for row in cite.intervals.all()
        ],
        "weekdays_not_known": [int(code) for code in cite.days_not_known],
        "note": said(cite.hours_note_text),
    }


def who(cite: Cite) -> dict[str, Any]:
    return {
        "opened": day(cite.opened_on) or (str(cite.year_opened) if cite.year_opened else None),
        "bearer": cite.bearer or None,
        "bearer_kind": cite.bearer_kind or None,
        "bearer_kind_name": cite.get_bearer_kind_display() or None,
        "label_stages": [
            {
                "stage": row.stage,
                "stage_name": row.get_stage_display(),
                "date": row.on or None,
                "note": said(row.note),
            }
            for row in cite.stages.all()
        ],
        "poles": [pole(row) for row in cite.poles.all()],
        "partners": [partner(row) for row in cite.partners.all()],
    }


def pole(row: CitePole) -> dict[str, Any]:
    return {"network_pole": row.network_pole.code if row.network_pole else None, "name": said(row.label)}


def partner(row: CitePartner) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind.code if row.kind else None,
        "kind_name": said(row.kind.label) if row.kind else None,
        "leads_pole": row.pole.code if row.pole else None,
        "website": row.url or None,
    }
