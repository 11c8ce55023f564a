"""What people type, checked for its shape; whether there is a seat is for the rules to say."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.fields import AddressField, NameField, OneLineField, StampField, TextField, stamp
from events.models.admission import Admission, QuestionKind, QuotaBy, Way
from events.models.registration import Delegation, Registration
from events.organisations import organisations_to_choose
from events.registration import Applicant
from events.retention import BY_FIELD, LOGISTICS_DAYS, kept_until
from home.countries import country_choices
from portal.base import when
from portal.base.languages import Text, current_language, language_choices, language_name
from portal.base.widgets import QuickSelect

if TYPE_CHECKING:
    from events.availability import Availability
    from events.models import Event, Question
    from events.models.registration import Invitation

ADDRESS_ERRORS = {
    "required": _("Enter an e-mail address like name@example.org"),
    "invalid": _("Enter an e-mail address like name@example.org"),
}


def countries_to_choose() -> list[tuple[str, str]]:
    return [("", str(_("Choose a country"))), *country_choices()]


def why_and_how_long(event: Event, purpose: Any, retention: str) -> str:
    """Why something is asked and when it is deleted, in the active language; a purpose in another is marked."""
    day = kept_until(event, retention)
    if day:
        kept = gettext("Deleted on %(day)s.") % {"day": when.long_day(day)}
    elif retention == "logistics":
        kept = gettext("Deleted %(days)s days after the event.") % {"days": LOGISTICS_DAYS}
    else:
        kept = gettext("Deleted when the organisers’ duty to keep evidence ends.")
    if isinstance(purpose, Text) and purpose.language != current_language():
        return format_html('<span lang="{}">{}</span> {}', purpose.language, purpose, kept)
    return f"{purpose} {kept}"


class PersonForm(forms.Form):
    """What is asked of everybody, in a few fields; each says why it is asked and when it is deleted."""

    use_required_attribute = False

    name = NameField(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Enter your name")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        error_messages=ADDRESS_ERRORS,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    organisation = OneLineField(
        label=_("Organisation or Cité"),
        max_length=200,
        required=False,
        error_messages={"required": _("Enter your organisation")},
        widget=forms.TextInput(attrs={"autocomplete": "organization", "list": "organisations"}),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=countries_to_choose,
        error_messages={
            "required": _("Choose the country that you come from"),
            "invalid_choice": _("Choose the country that you come from"),
        },
        widget=QuickSelect(attrs={"autocomplete": "country"}),
    )
    language = forms.ChoiceField(label=_("Language of our mails"), choices=language_choices, initial=current_language)

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self.admission = event.admission_or_none or Admission(event_id=event.pk)
        self.fields["organisation"].required = self.admission.quota_by == QuotaBy.ORGANISATION
        for name, field in self.fields.items():
            if name in BY_FIELD:
                asked = BY_FIELD[name]
                field.help_text = why_and_how_long(event, asked.purpose, asked.retention)

    @property
    def organisations(self) -> list[str]:
        """Names to suggest."""
        return organisations_to_choose(self.event)


class StampedForm(PersonForm):
    """What a stranger sends for the first time: with traps for robots, and no riddle for people."""

    stamp = StampField()
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, availability: Availability, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.availability = availability
        if len(availability.ways) > 1:
            self.fields["way"] = way_field(availability)

    def applicant(self, **details: Any) -> Applicant:
        data = self.cleaned_data
        return Applicant(
            name=data["name"],
            email=data["email"],
            organisation=data["organisation"],
            country=data["country"],
            language=data["language"],
            way=data.get("way") or next(iter(self.availability.ways), Way.ON_SITE),
            **details,
        )

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    @property
    def age(self) -> dt.timedelta:
        """How long the form was open."""
        age: dt.timedelta = self.cleaned_data["stamp"]
        return age

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:  # shown again, the form is as new
            sent: Any = self.data
            fresh = sent.copy()
            fresh[self.add_prefix("stamp")] = stamp()
            self.data = fresh


class Details(forms.Form):
    """What this event asks beside: needs, meals, interpretation, and its own questions."""

    event: Event
    admission: Admission

    def add_details(self, own: Registration | None = None) -> None:
        """Ask; `own` is what somebody has told, to be changed or taken back even if it is asked no more."""
        if self.admission.asks_access or (own and own.access_needs):
            self.fields["access_needs"] = TextField(**self.said("access_needs"), max_length=500, required=False)
        if self.admission.asks_diet or (own and own.diet):
            self.fields["diet"] = OneLineField(**self.said("diet"), max_length=200, required=False)
        if languages := self.languages_to_choose(own):
            self.fields["interpretation"] = forms.MultipleChoiceField(
                **self.said("interpretation"),
                choices=[(code, capfirst(language_name(code))) for code in languages],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        told = {answer.question_id: answer.value for answer in own.answers.all()} if own else {}
        questions = self.event.questions.asked() | self.event.questions.filter(pk__in=told)
        self.questions = list(questions.prefetch_related("choices"))
        for question in self.questions:
            self.fields[name_of(question)] = question_field(question, self.event, told.get(question.pk))

    def languages_to_choose(self, own: Registration | None) -> list[str]:
        asked = self.event.languages if self.admission.asks_interpretation else []
        return list(dict.fromkeys([*asked, *(own.interpretation if own else [])]))

    def said(self, name: str) -> dict[str, Any]:
        asked = BY_FIELD[name]
        return {"label": asked.label, "help_text": why_and_how_long(self.event, asked.purpose, asked.retention)}

    def details(self) -> list[Any]:
        """The bound fields of this part, in order."""
        names = ["access_needs", "diet", "interpretation", *(name_of(question) for question in self.questions)]
        return [self[name] for name in names if name in self.fields]

    def answers(self) -> dict[int, Any]:
        """What was answered, by question; yes-or-no always is."""
        found = {}
        for question in self.questions:
            value = self.cleaned_data[name_of(question)]
            found[question.pk] = value == "yes" if question.kind == QuestionKind.YES_NO and value else value
        return found

    def needs(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("access_needs", "diet") if name in self.fields},
            **({"interpretation": tuple(data["interpretation"])} if "interpretation" in self.fields else {}),
        }


def name_of(question: Question) -> str:
    """A field name that no change of words or of order can move to another question."""
    return f"question-{question.uuid.hex}"


def question_field(question: Question, event: Event, told: Any = None) -> forms.Field:
    """`told` was answered before: it may be kept though it is offered no more, and taken back unless it is required."""
    required = question.is_required and not question.withdrawn
    said: dict[str, Any] = {
        "label": question.label,
        "help_text": why_and_how_long(event, question.purpose, question.retention),
        "required": required,
        "error_messages": {"required": gettext("Please answer: %(question)s") % {"question": question.label}},
    }
    if question.kind == QuestionKind.TEXT:
        return TextField(**said, max_length=1000)
    if question.kind == QuestionKind.CHOICES:
        return forms.MultipleChoiceField(
            **said, choices=choices_of(question, told), widget=forms.CheckboxSelectMultiple
        )
    # A browser takes a choice back only by another one.
    none = [("", _("no answer"))] if told not in (None, "") and not required else []
    return forms.ChoiceField(**said, choices=[*none, *choices_of(question, told)], widget=forms.RadioSelect)


def choices_of(question: Question, told: Any) -> list[tuple[str, Any]]:
    if question.kind == QuestionKind.YES_NO:
        return [("yes", _("yes")), ("no", _("no"))]
    kept = told if isinstance(told, list) else [told]
    return [
        (choice.code, choice.label) for choice in question.choices.all() if not choice.withdrawn or choice.code in kept
    ]


def way_field(availability: Availability) -> forms.ChoiceField:
    """Both ways, also a full one, since it has a waiting list."""

    def label(way: Way) -> str:
        if availability.status == "interest" or availability.left_for(way):
            return str(way.label)
        return gettext("%(way)s (full: waiting list)") % {"way": way.label}

    ways = [Way(way) for way in availability.ways]
    return forms.ChoiceField(
        label=_("How will you take part?"),
        choices=[(way.value, label(way)) for way in ways],
        initial=next((way for way in ways if availability.left_for(way)), ways[0]),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how you will take part"),
            "invalid_choice": _("Choose how you will take part"),
        },
    )


class RegistrationForm(StampedForm, Details):
    """Somebody registers; an invited guest's address is given."""

    def __init__(self, *args: Any, invitation: Invitation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_details()
        if invitation is not None:
            self.initial = {"name": invitation.name, "language": invitation.language}
            self.fields["email"].initial = invitation.email
            self.fields["email"].disabled = True

    def applicant(self, **details: Any) -> Applicant:
        return super().applicant(answers=self.answers(), **self.needs(), **details)


class ChangeForm(PersonForm, Details):
    """What somebody told, to be changed; the address is not, since the link went there."""

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any) -> None:
        super().__init__(*args, event=registration.event, **kwargs)
        del self.fields["email"]
        self.add_details(registration)
        self.initial = {
            name: getattr(registration, name)
            for name in (
                *("name", "organisation", "country", "language"),
                *("access_needs", "diet", "interpretation"),
            )
        }
        for answer in registration.answers.select_related("question"):
            value = answer.value
            if answer.question.kind == QuestionKind.YES_NO:
                value = "yes" if value else "no"
            self.initial[name_of(answer.question)] = value

    def changes(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {**{name: data[name] for name in ("name", "organisation", "country", "language")}, **self.needs()}


class ColleagueForm(forms.Form):
    """One person: of a group, or who gets somebody's seat."""

    use_required_attribute = False

    name = NameField(
        label=_("Name"),
        max_length=120,
        error_messages={"required": _("Enter the name of your colleague")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        error_messages=ADDRESS_ERRORS,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class Colleagues(forms.BaseFormSet[ColleagueForm]):
    """The colleagues of a group; each address once."""

    def initial_form_count(self) -> int:
        """None: a row that was typed before more rows were asked for may still be left empty."""
        return 0

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            email = form.cleaned_data.get("email") if hasattr(form, "cleaned_data") else None
            if email in seen:
                form.add_error("email", _("This address is there twice."))
            if email:
                seen.add(email)


def people_in(colleagues: forms.BaseFormSet[ColleagueForm]) -> list[tuple[str, str]]:
    """Name and address from each row that was filled in."""
    filled = [form.cleaned_data for form in colleagues.forms if form.cleaned_data.get("email")]
    return [(data["name"], data["email"]) for data in filled]


class GroupForm(StampedForm):
    """The coordinator of a delegation: whose address is confirmed for all."""

    takes_part = forms.BooleanField(label=_("I take part myself"), required=False, initial=True)

    def everybody(self, colleagues: list[tuple[str, str]]) -> list[tuple[str, str]]:
        own = (self.cleaned_data["name"], self.cleaned_data["email"])
        others = [pair for pair in colleagues if pair[1] != own[1]]
        takes_part = self.cleaned_data["takes_part"] or len(others) < len(colleagues)  # or is in a row
        return [own, *others] if takes_part else others


class AddressForm(forms.Form):
    """Asks for an address, to mail one link to what is registered under it."""

    use_required_attribute = False

    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        error_messages=ADDRESS_ERRORS,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def found(self) -> Registration | Delegation | None:
        """The latest of what is registered under the address."""
        email = self.cleaned_data["email"]
        rows = Registration.objects.active().filter(email=email).order_by("-created_at")
        return rows.first() or Delegation.objects.filter(email=email).order_by("-created_at").first()
