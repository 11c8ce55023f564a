from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail_localize.fields import SynchronizedField, TranslatableField

from events.agenda import agenda_context
from events.display import event_context
from events.models.event import Event
from portal.base.pages import BasePage, FactsPanel, WordsPage

if TYPE_CHECKING:
    from django.http import HttpRequest


class AgendaPage(BasePage):
    """All events, coming and past; the words of the network's own events lie below it."""

    parent_page_types = ["home.HomePage"]

    class Meta:
        verbose_name = _("agenda")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | agenda_context(request)


class EventPage(WordsPage):
    """The words about an event, in one language."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="pages")

    fact_field = "event"
    search_related = ("event",)
    parent_page_types = ["home.CitePage", "events.AgendaPage"]
    exclude_fields_in_copy = ["event"]
    content_panels = [FactsPanel(heading=_("Facts")), *WordsPage.content_panels]
    override_translatable_fields = [SynchronizedField("event", overridable=False), TranslatableField("slug")]

    class Meta:
        verbose_name = _("text about an event")
        verbose_name_plural = _("texts about events")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | event_context(self.event)

    def search_parts(self) -> list[object]:
        return [*super().search_parts(), self.event.name if self.event else ""]

    def search_facts(self) -> list[str]:
        place = (self.event.place_name, self.event.city) if self.event else ()
        return [name for name in place if name]
