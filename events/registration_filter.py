"""Which of an event's registrations are meant: for the list, for acts on all that it finds, and for exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.models.admission import Way
from events.models.registration import Channel, RegistrationState
from home.countries import country_name
from portal.base.languages import language_choices

if TYPE_CHECKING:
    from events.models import Event
    from events.models.registration import RegistrationQuerySet

S = RegistrationState
ORDERS = {
    "": (_("newest first"), ("-created_at", "-pk")),
    "name": (_("by name"), ("name", "pk")),
    "country": (_("by country"), ("country", "name", "pk")),
    "organisation": (_("by organisation"), ("organisation_key", "name", "pk")),
}
EXACT = ("state", "way", "channel", "country", "language")


def any_or(choices: Any) -> list[tuple[str, str]]:
    return [("", gettext("all")), *choices]


class FilterForm(forms.Form):
    """Which of an event's registrations are meant; what makes no sense filters nothing."""

    q = forms.CharField(label=_("Name, e-mail or organisation"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False)
    way = forms.ChoiceField(label=_("Takes part"), required=False)
    channel = forms.ChoiceField(label=_("Came by"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    language = forms.ChoiceField(label=_("Language of the mails"), required=False)
    order = forms.ChoiceField(label=_("Order"), required=False)

    def __init__(self, data: Any, *, event: Event) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.event = event
        countries = event.registrations.order_by("country").values_list("country", flat=True).distinct()
        choices: dict[str, list[tuple[str, Any]]] = {
            "state": any_or(S.choices),
            "way": any_or(Way.choices),
            "channel": any_or(Channel.choices),
            "country": any_or((code, country_name(code)) for code in countries),
            "language": any_or(language_choices()),
            "order": [(code, label) for code, (label, _fields) in ORDERS.items()],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = offered
        self.full_clean()

    @property
    def asked(self) -> dict[str, str]:
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}

    @property
    def is_filtering(self) -> bool:
        return bool(self.asked.keys() - {"order"})

    def found(self) -> RegistrationQuerySet:
        asked = self.asked
        rows = self.event.registrations.filter(**{name: asked[name] for name in EXACT if name in asked})
        if words := asked.get("q"):
            rows = rows.named(words)
        return rows.order_by(*ORDERS[asked.get("order", "")][1])
