"""What people type, checked for its shape; whether there is a seat is for the rules to say."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from events.availability import Availability
from events.models.registration import Registration, Way
from events.registration import Applicant
from home.countries import country_choices
from portal.base.languages import current_language, language_choices

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


class OneLineField(forms.CharField):
    """One line of text, without characters that nobody sees, in the usual form (NFC)."""

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if UNSEEN.search(value):
            raise ValidationError(_("Please write this on one line, without control characters."))


class PublicAddressValidator(EmailValidator):
    """Takes no address of a machine of ours: neither root@localhost nor x@[127.0.0.1]."""

    def validate_domain_part(self, domain_part: str) -> bool:
        return bool(self.domain_regex.match(domain_part))


class AddressField(forms.EmailField):
    """An e-mail address as registrations keep it: in lower case, and short enough after that."""

    default_validators = [PublicAddressValidator(allowlist=[])]

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").strip().lower()

    def validate(self, value: str) -> None:
        super().validate(value)
        if UNSEEN.search(value):  # a quoted name before the @ may hold them
            raise ValidationError(self.error_messages["invalid"])


def countries_to_choose() -> list[tuple[str, str]]:
    return [("", str(_("Choose a country"))), *country_choices()]


def way_field(ways: list[Way]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("How will you take part?"),
        choices=[(way.value, way.label) for way in ways],
        initial=ways[0],
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose how you will take part")},
    )


class RegistrationForm(forms.Form):
    """Short: each question says why it is asked."""

    use_required_attribute = False

    name = OneLineField(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Enter your name")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("We send the confirmation here, and nothing else but changes of this event."),
        error_messages={
            "required": _("Enter an e-mail address like name@example.org"),
            "invalid": _("Enter an e-mail address like name@example.org"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    organisation = OneLineField(
        label=_("Organisation or Cité"),
        max_length=200,
        required=False,
        help_text=_("The organisers show it on the list of participants."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=countries_to_choose,
        help_text=_("The organisers report how many countries took part."),
        error_messages={
            "required": _("Choose the country that you come from"),
            "invalid_choice": _("Choose the country that you come from"),
        },
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    language = forms.ChoiceField(label=_("Language of our mails"), choices=language_choices, initial=current_language)
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, availability: Availability, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [
            way
            for way, left in ((Way.ON_SITE, availability.left_on_site), (Way.ONLINE, availability.left_online))
            if left
        ]
        # Who was offered both, and chose the one that has filled up since, is asked again.
        is_other_wanted = bool(ways) and self.data.get("way", ways[0]) != ways[0]
        if len(ways) > 1 or is_other_wanted:
            self.fields["way"] = way_field(ways)
        self.only_way = ways[0] if len(ways) == 1 else Way.ON_SITE

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    def applicant(self) -> Applicant:
        data = self.cleaned_data
        return Applicant(
            name=data["name"],
            email=data["email"],
            organisation=data["organisation"],
            country=data["country"],
            language=data["language"],
            way=data.get("way") or self.only_way,
        )


class AddressForm(forms.Form):
    """Asks for an address, to mail one link to what is registered under it."""

    use_required_attribute = False

    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Enter an e-mail address like name@example.org"),
            "invalid": _("Enter an e-mail address like name@example.org"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def registrations(self) -> Any:
        return Registration.objects.active().filter(email=self.cleaned_data["email"]).select_related("event")
