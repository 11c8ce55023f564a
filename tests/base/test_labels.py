"""Short words in several languages, lists of codes, and what a reader gets where a language is missing."""

import json

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from events.models import Event, Session
from home.models import Pole, TargetGroup
from portal.base import languages
from portal.base.labels import CodesField, LabelsField, LabelsFormField
from portal.base.languages import Text, current_language, language_name, locale_code, pick
from tests.events.publishing import change
from tests.factories import locale, make_event, stored

BOTH = {"fr": "Choisir", "en": "Choose"}


@pytest.mark.parametrize(
    ("words", "language", "original", "expected"),
    [
        (BOTH, "fr", None, Text("Choisir", "fr")),
        (BOTH, "en", None, Text("Choose", "en")),
        (BOTH, "de", None, Text("Choisir", "fr")),
        (BOTH, "de", "en", Text("Choose", "en")),
        (BOTH, "de", "it", Text("Choisir", "fr")),
        ({"en": "Choose", "it": "Scegliere"}, "de", None, Text("Choose", "en")),
        ({"it": "Scegliere", "pt": "Escolher"}, "de", None, Text("Scegliere", "it")),
        ({"fr": "", "it": "Scegliere"}, "fr", None, Text("Scegliere", "it")),
        ({"ca": "Triar"}, "fr", None, Text("Triar", "ca")),
        ({}, "de", None, Text("", "de")),
        ({"fr": ""}, "de", "fr", Text("", "de")),
    ],
)
def test_pick_falls_back_to_what_there_is(words, language, original, expected):
    assert pick(words, language, original) == expected


def test_pick_asks_for_the_language_of_the_page():
    with translation.override("en"):
        found = pick(BOTH)

    assert found == Text("Choose", "en")


def test_text_is_as_true_as_its_words():
    texts = Text("Choisir", "fr"), Text("", "fr")

    assert [(str(text), bool(text)) for text in texts] == [("Choisir", True), ("", False)]


def test_current_language_is_the_sites_where_none_is_active():
    with translation.override(None):
        found = current_language()

    assert found == "fr"


@pytest.mark.parametrize(("code", "expected"), [("pt", "Portuguese"), ("ca", "Catalan"), ("xx", "xx"), ("", "")])
def test_language_name_is_in_the_readers_language(code, expected):
    with translation.override("en"):
        found = language_name(code)

    assert found == expected


@pytest.fixture
def fresh_codes():
    """What the process knows of locales: a test that is rolled back gives their numbers away again."""
    languages._codes.clear()
    yield
    languages._codes.clear()


@pytest.mark.usefixtures("fresh_codes")
@pytest.mark.django_db
def test_locale_code_knows_a_language_that_was_opened_just_now():
    codes = [locale_code(locale(code).pk) for code in ("fr", "bg", "fr")]

    assert codes == ["fr", "bg", "fr"]


@pytest.mark.django_db
def test_locale_code_of_nothing_is_an_error():
    with pytest.raises(KeyError):
        locale_code(0)


# --- labels in a form


class WordsForm(forms.Form):
    words = LabelsField().formfield(required=True)
    notes = LabelsField(blank=True, max_length=5).formfield()


def form(**data):
    return WordsForm(data)


def test_labels_form_has_a_line_for_each_language_in_its_own():
    page = str(WordsForm(initial={"words": BOTH})["words"])

    assert page.count("<input") == 9
    assert 'name="words_fr" value="Choisir"' in page
    assert 'lang="bg"' in page


def test_labels_form_that_comes_back_as_it_was_has_not_changed():
    data = {"words_fr": "Choisir", "words_en": "Choose", "notes_fr": ""}

    found = [WordsForm(data, initial={"words": words, "notes": {}}).changed_data for words in (BOTH, {"fr": "Choisir"})]

    assert found == [[], ["words"]]


def test_labels_form_keeps_what_was_filled_in():
    given = form(words_en=" Choose ", words_fr="", words_xx="?", notes_bg="да")

    assert (given.errors, given.cleaned_data) == ({}, {"words": {"en": "Choose"}, "notes": {"bg": "да"}})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, {"words": ["This field is required."]}),
        ({"words_fr": "  "}, {"words": ["This field is required."]}),
        ({"words_fr": "x" * 201}, {"words": ["Ensure this value has at most 200 characters (it has 201)."]}),
        (
            {"words_fr": "x", "notes_de": "123456"},
            {"notes": ["Ensure this value has at most 5 characters (it has 6)."]},
        ),
        ({"words_fr": "x\x00"}, {"words": ["Null characters are not allowed."]}),
    ],
)
def test_labels_form_refuses_what_is_missing_or_too_long(data, expected):
    with translation.override("en"):
        given = form(**data)

        assert given.errors == expected


@pytest.mark.parametrize(
    ("initial", "data", "expected"),
    [
        (BOTH, ["Choisir", "Choose"], False),
        (BOTH, ["Choisir", "Choose", "", "", "", "", "", "", ""], False),
        (BOTH, ["Choisir", "Pick"], True),
        (BOTH, ["Choisir", ""], True),
        (None, ["", ""], False),
        (None, None, False),
        ({}, ["Choisir"], True),
    ],
)
def test_labels_form_knows_whether_something_changed(initial, data, expected):
    assert LabelsFormField().has_changed(initial, data) is expected


# --- labels in a row


@pytest.mark.parametrize(
    "value",
    [{"xx": "?"}, {"fr": 1}, {"fr": None}, {"fr": ["x"]}, ["fr"], "fr", 7, {"fr": {"en": "x"}}],
    ids=json.dumps,
)
def test_labels_of_a_row_are_words_by_language(value):
    with pytest.raises(ValidationError) as refused, translation.override("en"):
        LabelsField().clean(value, None)

    with translation.override("en"):
        assert refused.value.messages == ["Labels are words by language, for example French and English."]


def test_labels_of_a_row_may_be_empty_only_where_that_was_said():
    with pytest.raises(ValidationError):
        LabelsField().clean({}, None)

    assert LabelsField(blank=True).clean({}, None) == {}


@pytest.mark.django_db
def test_labels_of_a_child_go_through_a_revision():
    event = make_event()

    change(event, sessions=[Session(on=event.starts_on, part="morning", labels=BOTH)])

    with translation.override("en"):
        assert stored(event).sessions.get().label == Text("Choose", "en")


@pytest.mark.django_db
def test_a_term_without_words_shows_its_code():
    pole, group = Pole.objects.create(code="choose", labels=BOTH), TargetGroup.objects.create(code="young")

    with translation.override("en"):
        found = [(str(term), term.label) for term in (pole, group)]

    assert found == [("Choose", Text("Choose", "en")), ("young", Text("young", ""))]


@pytest.mark.django_db
def test_terms_are_in_the_order_that_was_given_them():
    for code, order in (("c", 2), ("b", 1), ("a", 2)):
        TargetGroup.objects.create(code=code, sort_order=order)

    assert [term.code for term in TargetGroup.objects.filter(code__in="abc")] == ["b", "a", "c"]


# --- codes


@pytest.mark.django_db
@pytest.mark.parametrize("codes", [[], ["fr"], ["fr", "en"], ["en", "fr"]])
def test_codes_come_back_as_they_were_stored(codes):
    event = make_event(languages=codes)

    again = change(event, name="Again")

    assert (stored(event).languages, again.languages) == (codes, codes)


@pytest.mark.django_db
def test_codes_are_never_shared_between_rows():
    first, second = Event(), Event()

    first.languages.append("fr")

    assert second.languages == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, []), ("", []), (",fr,en,", ["fr", "en"]), ("fr", ["fr"]), (("fr", "en"), ["fr", "en"]), (",,", [])],
)
def test_codes_are_read_however_they_are_written(value, expected):
    field = CodesField()

    assert (field.to_python(value), field.get_prep_value(expected)) == (
        expected,
        f",{','.join(expected)}," if expected else "",
    )


CHOICES = [("fr", "French"), ("en", "English")]


@pytest.mark.parametrize("value", [["xx"], ["fr", ""], ["f"], ["fr,en"]])
def test_codes_that_do_not_exist_are_refused(value):
    with pytest.raises(ValidationError) as refused:
        CodesField(choices=CHOICES).clean(value, None)

    assert [error.code for error in refused.value.error_list] == ["invalid_choice"]


def test_codes_must_fit_into_their_column():
    field = CodesField(max_length=10)
    field.set_attributes_from_name("languages")

    with pytest.raises(ValidationError) as refused:
        field.clean(["french", "english"], None)

    assert [error.code for error in refused.value.error_list] == ["max_length"]


def test_codes_are_required_where_they_may_not_be_blank():
    with pytest.raises(ValidationError) as refused:
        CodesField(choices=CHOICES, blank=False).clean([], None)

    assert [error.code for error in refused.value.error_list] == ["blank"]


def test_codes_form_gives_a_list_of_boxes():
    class CodesForm(forms.Form):
        languages = CodesField(choices=CHOICES).formfield()

    found = CodesForm({"languages": ["en", "fr"]}), CodesForm({}), CodesForm({"languages": ["xx"]})

    assert [given.is_valid() for given in found] == [True, True, False]
    assert [given.cleaned_data.get("languages") for given in found[:2]] == [["en", "fr"], []]
    assert str(found[0]["languages"]).count('type="checkbox"') == 2
