"""Cités and modules of the training plan as search engines read them (schema.org).

A Cité is a place that is an organisation, with its hours. Only those that a source says are in operation: who finds a
place on a map goes there. A module is a course: how long it lasts, what it teaches and what comes before. In which
language it is held, and by whom, nobody has said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from home.models.cite import State
from home.opening import coming_exceptions
from portal.base.open_data import absolute
from portal.base.structured_data import known

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from decimal import Decimal

    from home.models import Cite, Skill, TrainingModule
    from portal.base.pages import Entry

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CLOSED = "00:00"  # from midnight to midnight: how search engines are told that a day is closed


def structured_cite(cite: Cite, *, summary: str, url: str) -> dict[str, Any] | None:
    """What the page at `url` says of a Cité; None of one that is not public or not in operation."""
    if not cite.live or cite.state != State.OPEN or cite.is_demonstration:
        return None
    return known(
        {
            "@type": ["Organization", "Place"],
            "name": plain(cite.official_name),
            "alternateName": [plain(name.name) for name in cite.names.all()],
            "description": plain(summary),
            "url": url,
            "sameAs": [cite.website] if cite.website else None,
            "telephone": cite.phone,
            "email": cite.email,
            "foundingDate": cite.opened_on.isoformat() if cite.opened_on else str(cite.year_opened or ""),
            "knowsLanguage": cite.all_languages,
            "address": address(cite),
            "geo": position(cite),
            "openingHoursSpecification": week(cite),
            "specialOpeningHoursSpecification": exceptions(cite),
        }
    )


def plain(text: str) -> str:
    return " ".join(text.split())


def address(cite: Cite) -> dict[str, Any]:
    lines = {"streetAddress": plain(cite.address), "addressLocality": plain(cite.city)}
    return {"@type": "PostalAddress", **known(lines), "addressCountry": cite.territory or cite.country}


def position(cite: Cite) -> dict[str, Any] | None:
    """Where the door is; the middle of the town would send people there."""
    if not cite.is_exact_position or cite.latitude is None or cite.longitude is None:
        return None
    return {"@type": "GeoCoordinates", "latitude": cite.latitude, "longitude": cite.longitude}


def week(cite: Cite) -> list[dict[str, Any]]:
    """The hours of every day, or none at all: a day that is missing is read as closed."""
    if not cite.are_hours_known or cite.days_not_known:
        return []
    return [hours(row.opens, row.closes, dayOfWeek=DAYS[row.weekday - 1]) for row in cite.intervals.all()]


def exceptions(cite: Cite) -> list[dict[str, Any]]:
    return [
        hours(row.opens, row.closes, validFrom=row.first_on.isoformat(), validThrough=row.last_on.isoformat())
        for row in coming_exceptions(cite)
    ]


def hours(opens: dt.time | None, closes: dt.time | None, **when: str) -> dict[str, Any]:
    return {
        "@type": "OpeningHoursSpecification",
        **when,
        "opens": f"{opens:%H:%M}" if opens else CLOSED,
        "closes": f"{closes:%H:%M}" if closes else CLOSED,
    }


def structured_module(
    module: TrainingModule, *, title: str, summary: str, url: str, skills: Iterable[Skill], before: Iterable[Entry]
) -> dict[str, Any] | None:
    """What the page at `url` says of a module; None of one that is not public."""
    if not module.live:
        return None
    name = plain(title)
    return known(
        {
            "@type": "Course",
            "name": _("Demonstration: %(title)s") % {"title": name} if module.is_demonstration else name,
            "description": plain(summary),
            "url": url,
            "courseCode": plain(module.number),
            "timeRequired": duration(module.hours) if module.hours else None,
            "teaches": [
                {"@type": "DefinedTerm", "name": plain(skill.label.text), "termCode": skill.code} for skill in skills
            ],
            "coursePrerequisites": [
                {"@type": "Course", "name": plain(entry.title.text), "url": absolute(entry.url)} for entry in before
            ],
        }
    )


def duration(hours: Decimal) -> str:
    """Three and a half hours: PT3H30M (ISO 8601)."""
    whole, minutes = divmod(round(hours * 60), 60)
    return "PT" + (f"{whole}H" if whole else "") + (f"{minutes}M" if minutes else "")
