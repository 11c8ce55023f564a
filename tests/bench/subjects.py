"""The pages that are measured, found in the demo's database."""

from typing import Any

from events.availability import availability_of
from events.models import AgendaPage, Event, EventPage
from home.models import CitePage, HomePage, NetworkPage, PlainPage, ProjectPage
from practices.models import PracticePage, VademecumPage
from tests.bench.data import LANGUAGE

FEED = f"/{LANGUAGE}/calendar/all.ics"
STYLES = "site/site.css"
LISTING = "bare Wagtail listing of 20"  # the unit of all that is compared with Wagtail


def page_types() -> dict[str, str]:
    """One address of each type of page."""
    event = open_event()
    return {
        "home": page(HomePage).url,
        "directory": page(NetworkPage).url,
        "Cité": page(CitePage, cite__slug="porto").url,
        "agenda": page(AgendaPage).url,
        "event": page(EventPage, event=event).url,
        "register form": f"/{LANGUAGE}/event/{event.pk}/register/",
        "vademecum": page(VademecumPage).url,
        "practice": page(PracticePage).url,
        "project": page(ProjectPage, project__slug="cocade").url,
        "plain": page(PlainPage).url,
        "search": f"/{LANGUAGE}/search/?q=orientation",
    }


def bare_pages() -> dict[str, str]:
    """The two things of Wagtail's own to compare with, over the portal's pages."""
    return {
        "bare Wagtail page": f"/bench/page/{below_home(page(PlainPage))}",
        LISTING: f"/bench/listing/{below_home(page(NetworkPage))}",
    }


def page(model: Any, **lookup: Any) -> Any:
    found = model.objects.live().filter(locale__language_code=LANGUAGE, **lookup).order_by("path").first()
    assert found is not None, f"The demo has no {model.__name__} {lookup}"
    return found


def open_event() -> Event:
    """The next event of the demo that takes registrations and has words."""
    events = list(Event.objects.shown().upcoming().filter(pages__locale__language_code=LANGUAGE))
    seats = availability_of(events)
    return next(event for event in events if seats[event.pk].can_register)


def below_home(found: Any) -> str:
    return str(found.url).removeprefix(f"/{LANGUAGE}/")
