"""Short labels that have no page of their own: one value, said in several languages.

A chapter, a pole or a half-day is a fact with a few words; a row per language would break the foreign keys
that point to it. So the words live in the row, as {"fr": …, "en": …}, and are edited side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from portal.base.languages import Text, current_language, pick


class LabelsWidget(forms.MultiWidget):
    """One line of text a language, each named in its own tongue.

    French, English, the editor's own language and what is filled in come first; the others are folded away.
    """

    template_name = "base/widgets/labels.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, long: bool = False, max_length: int = 200) -> None:
        kind = forms.Textarea if long else forms.TextInput
        common = {"maxlength": max_length, **({"rows": 2} if long else {})}
        widgets: dict[str, forms.Widget | type[forms.Widget]] = {
            code: kind(attrs={**common, "lang": code}) for code, _name in settings.LANGUAGES
        }
        super().__init__(widgets, attrs)

    def decompress(self, value: dict[str, str] | None) -> list[str]:
        return [(value or {}).get(code, "") for code, _name in settings.LANGUAGES]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        first = {settings.LANGUAGE_CODE, "en", current_language()}
        rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
        for widget, (code, label) in zip(context["widget"]["subwidgets"], settings.LANGUAGES, strict=True):
            rows[code in first or bool(widget["value"])].append({"widget": widget, "code": code, "name": label})
        return context | {"first": rows[True], "others": rows[False]}


class LabelsFormField(forms.MultiValueField):
    """Asks for one language at least where the label is required."""

    def __init__(self, *, max_length: int = 200, long: bool = False, **kwargs: Any) -> None:
        kwargs.pop("encoder", None)
        kwargs.pop("decoder", None)
        fields = [forms.CharField(required=False, max_length=max_length) for _language in settings.LANGUAGES]
        kwargs["widget"] = LabelsWidget(long=long, max_length=max_length)
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, str]:
        codes = (code for code, _name in settings.LANGUAGES)
        return {code: text for code, text in zip(codes, data_list, strict=False) if text}

    def validate(self, value: dict[str, str]) -> None:
        forms.Field.validate(self, value)  # Django's asks before spaces are cut off

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.compress(data or []) != (initial or {})


class LabelsField(models.JSONField):
    """The same short words in several languages: {"fr": "Choisir", "en": "Choose"}."""

    def __init__(self, *args: Any, max_length: int = 200, long: bool = False, **kwargs: Any) -> None:
        self.length, self.long = max_length, long
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def formfield(self, form_class: Any = None, choices_form_class: Any = None, **kwargs: Any) -> Any:
        defaults = {"form_class": LabelsFormField, "max_length": self.length, "long": self.long}
        # Django would add a hidden copy for the default's sake, by which every row seems changed.
        defaults["show_hidden_initial"] = False
        return models.Field.formfield(self, **{**defaults, **kwargs})

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        known = dict(settings.LANGUAGES)
        if not isinstance(value, dict) or not all(
            code in known and isinstance(text, str) for code, text in value.items()
        ):
            raise ValidationError(_("Labels are words by language, for example French and English."))


class CodesFormField(forms.TypedMultipleChoiceField):
    """Check boxes for a list of codes."""

    widget = forms.CheckboxSelectMultiple


if TYPE_CHECKING:
    CharField = models.CharField[Any, Any]
else:
    CharField = models.CharField


class CodesField(CharField):
    """A list of short codes in one column, written ",fr,en," so that every database can search it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_args: Any) -> list[str]:
        return self.to_python(value)

    def to_python(self, value: Any) -> list[str]:
        if isinstance(value, str):
            return [code for code in value.split(",") if code]
        return list(value or [])

    def get_prep_value(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        return f",{','.join(value)}," if value else ""

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        known = {code for code, _name in self.flatchoices} if self.choices else None
        for code in value:
            if known is not None and code not in known:
                message = self.error_messages["invalid_choice"]
                raise ValidationError(message, code="invalid_choice", params={"value": code})
        if not value and not self.blank:
            raise ValidationError(self.error_messages["blank"], code="blank")

    def run_validators(self, value: Any) -> None:
        super().run_validators(self.get_prep_value(value))

    def formfield(self, form_class: Any = None, choices_form_class: Any = None, **kwargs: Any) -> Any:
        codes: Any = self.choices
        return CodesFormField(
            choices=codes, required=not self.blank, label=capfirst(self.verbose_name), help_text=self.help_text
        )

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)  # the list of languages is code, not schema
        return name, path, args, kwargs


class Term(models.Model):
    """A word of a controlled vocabulary: a stable code, an order, labels by language."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    labels = LabelsField(_("label"))

    panels = ["code", "labels", "sort_order"]

    class Meta:
        abstract = True
        ordering = ["sort_order", "code"]

    def __str__(self) -> str:
        return self.label.text or self.code

    @property
    def label(self) -> Text:
        return pick(self.labels) or Text(self.code, "")
