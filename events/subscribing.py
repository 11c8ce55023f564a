"""Feeds as people take them into their own calendars: an address to copy, and the way into each service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from events.models.event import Kind
from home.countries import country_choices, country_name
from home.models import Cite

if TYPE_CHECKING:
    from collections.abc import Mapping

GOOGLE = "https://calendar.google.com/calendar/r?cid="
OUTLOOK = "https://outlook.live.com/calendar/0/addfromweb?url="  # for oneself
OUTLOOK_OFFICE = "https://outlook.office.com/calendar/0/addfromweb?url="  # from a firm or a school


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed by its name and its address on this site."""

    name: str
    path: str
    is_official: bool = False  # the name, which is said the same in all languages

    @property
    def address(self) -> str:
        return settings.SITE_URL + self.path

    @property
    def webcal(self) -> str:
        """The address that the calendar of a device opens by itself."""
        _scheme, rest = self.address.split("://", 1)
        return f"webcal://{rest}"

    @property
    def google(self) -> str:
        return GOOGLE + quote(self.webcal, safe="")

    @property
    def outlook(self) -> str:
        return OUTLOOK + self.for_outlook

    @property
    def outlook_office(self) -> str:
        return OUTLOOK_OFFICE + self.for_outlook

    @property
    def for_outlook(self) -> str:
        """It takes no webcal address, and calls the calendar as it is told here."""
        return f"{quote(self.address, safe='')}&name={quote(self.name, safe='')}"

    @property
    def field_id(self) -> str:
        return "feed" + self.path.removesuffix(".ics").replace("/", "-")


def to_all() -> Subscription:
    return Subscription(_("Cités des métiers: all events"), reverse("feed-all"))


def to_kind(kind: str) -> Subscription:
    name = _("Cités des métiers: %(what)s") % {"what": Kind(kind).label}
    return Subscription(name, reverse("feed-kind", args=[kind]))


def to_country(code: str) -> Subscription:
    name = _("Cités des métiers: %(what)s") % {"what": country_name(code.upper())}
    return Subscription(name, reverse("feed-country", args=[code.lower()]))


def to_cite(cite: Cite, kind: str = "") -> Subscription:
    if kind:
        name = _("%(cite)s: %(what)s") % {"cite": cite.official_name, "what": Kind(kind).label}
        return Subscription(name, reverse("feed-cite-kind", args=[cite.slug, kind]))
    return Subscription(cite.official_name, reverse("feed-cite", args=[cite.slug]), is_official=True)


def to_event(event: Any, title: str) -> Subscription:
    return Subscription(capfirst(title), reverse("feed-event", args=[event.pk]))


def to_chosen(wanted: Mapping[str, Any]) -> Subscription:
    """The feed of these filters of the agenda; of all events where they have none of their own."""
    names = ("kind", "country", "cite", "language")
    chosen = {name: wanted[name] for name in names if wanted.get(name)}
    if chosen.keys() == {"kind"}:
        return to_kind(chosen["kind"])
    if chosen.keys() == {"country"} and chosen["country"].upper() in dict(country_choices()):
        return to_country(chosen["country"])
    if chosen.keys() in ({"cite"}, {"cite", "kind"}):
        cite = Cite.objects.shown().filter(slug=chosen["cite"]).first()
        if cite:
            return to_cite(cite, chosen.get("kind", ""))
    return to_all()
