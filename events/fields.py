"""Fields of the forms that strangers fill in."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
UNSEEN_IN_TEXT = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
ADDRESS_IN_NAME = re.compile(
    r"://|\bwww\.|\w\.[a-z]{2,}/|\.(?:com|net|org|ru|cn|xyz|info|top|shop|online|site)\b", re.IGNORECASE
)
OPEN_FOR = dt.timedelta(hours=24)  # how long a form may lie open before it is sent


class OneLineField(forms.CharField):
    """One line of text, without characters that nobody sees, in the usual form (NFC)."""

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFC", super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if UNSEEN.search(value):
            raise ValidationError(_("Please write this on one line, without control characters."))


class NameField(OneLineField):
    """A person's name; our mails begin with it, so it must not carry an advertisement to a stranger."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if ADDRESS_IN_NAME.search(value):
            raise ValidationError(_("Please write a name, without a web address."))


class TextField(OneLineField):
    """Some lines of text."""

    widget = forms.Textarea(attrs={"rows": 3})

    def validate(self, value: str) -> None:
        forms.CharField.validate(self, value)
        if UNSEEN_IN_TEXT.search(value):
            raise ValidationError(_("Please write this without control characters."))


class PublicAddressValidator(EmailValidator):
    """Takes no address of a machine of ours: neither root@localhost nor x@[127.0.0.1]."""

    def validate_domain_part(self, domain_part: str) -> bool:
        return bool(self.domain_regex.match(domain_part))


class AddressField(forms.EmailField):
    """An e-mail address as registrations keep it: in lower case, and short enough after that."""

    default_validators = [PublicAddressValidator(allowlist=[])]
    default_error_messages = {"invalid": EmailValidator.message}

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").strip().lower()

    def validate(self, value: str) -> None:
        super().validate(value)
        if UNSEEN.search(value):  # a quoted name before the @ may hold them
            raise ValidationError(self.error_messages["invalid"])


class StampField(forms.CharField):
    """A hidden, signed time: when the form was opened. A robot that posts what it once recorded has an old one."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        said = _("This page was open for a long time. Nothing is lost: please send it once more.")
        super().__init__(initial=stamp, error_messages={"required": said, "invalid": said}, **kwargs)

    def to_python(self, value: Any) -> Any:
        """The age of the form, as a timedelta."""
        text = super().to_python(value)
        if not text:
            return ""
        try:
            then = dt.datetime.fromtimestamp(float(signing.loads(text, salt=SALT, max_age=OPEN_FOR)), dt.UTC)
        except (signing.BadSignature, ValueError, TypeError):
            raise ValidationError(self.error_messages["invalid"]) from None
        return dt.datetime.now(dt.UTC) - then

    def run_validators(self, value: Any) -> None:
        return


SALT = "events.form"


def stamp() -> str:
    return signing.dumps(dt.datetime.now(dt.UTC).timestamp(), salt=SALT)


class MonthField(forms.RegexField):
    """A month as 2027-02; cleaned, it is its first day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])\Z", **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return dt.date.fromisoformat(f"{text}-01") if text else None
