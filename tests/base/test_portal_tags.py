"""What templates are made of: tags, and the components with their accessible bindings."""

import datetime as dt
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

import home
import portal
from portal.base import geo
from portal.base.languages import Text

TEMPLATE_TAG = re.compile(r"\{[%{#].*?[%}#]\}", re.DOTALL)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def rendered(source: str, **context: object) -> str:
    return Template("{% load portal_tags %}" + source).render(Context(context))


def component(name: str, **context: object) -> BeautifulSoup:
    return BeautifulSoup(render_to_string(f"components/{name}.html", context), "html.parser")


class Ask(forms.Form):
    use_required_attribute = False

    name = forms.CharField(label="Your name", help_text="As on your card.")
    way = forms.ChoiceField(label="How?", choices=[("a", "On site"), ("b", "Online")], widget=forms.RadioSelect)
    note = forms.CharField(label="Anything else?", required=False)
    agrees = forms.BooleanField(label="Yes, please", required=False)
    token = forms.CharField(widget=forms.HiddenInput)


def test_tidy_leaves_out_indentation_but_nothing_that_somebody_wrote():
    source = "{% tidy %}<ul>\n    <li>One  two\n\n  </li>\n</ul><textarea>a\n\n    b</textarea>\n{% endtidy %}"

    assert rendered(source) == "<ul>\n<li>One  two\n</li>\n</ul><textarea>a\n\n    b</textarea>"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (Text("Choisir <b>", "fr"), '“<span lang="fr">Choisir &lt;b&gt;</span>”'),
        (Text("Choose <b>", "en"), "“Choose &lt;b&gt;”"),
        (Text("CH", ""), "“CH”"),
    ],
)
def test_words_of_another_language_are_marked_inside_a_sentence(words, expected):
    source = "{% load i18n %}{% blocktranslate with words=words|in_sentence %}“{{ words }}”{% endblocktranslate %}"

    assert rendered(source, words=words) == expected


def test_icon_is_silent():
    assert rendered('{% icon "clock" %}') == (
        '<svg class="icon" width="20" height="20" aria-hidden="true"><use href="/static/site/icons.svg#clock"/></svg>'
    )


def test_icon_takes_a_class():
    assert 'class="icon turns"' in rendered('{% icon "arrow-right" "turns" %}')


@pytest.mark.parametrize(("code", "text"), [("it", ' lang="it"'), ("en", ""), ("", ""), (None, "")])
def test_lang_attr_marks_other_languages_only(code, text):
    assert rendered("{% lang_attr code %}", code=code) == text


def test_lang_attr_escapes_what_it_prints():
    assert rendered("{% lang_attr code %}", code='x" onclick="') == ' lang="x&quot; onclick=&quot;"'


@pytest.mark.parametrize(("reader", "text"), [("en", "Italian"), ("fr", "italien"), ("de", "Italienisch")])
def test_language_name_is_written_as_within_a_sentence(reader, text):
    with translation.override(reader):
        assert rendered('{{ "it"|language_name }}') == text


def test_language_names_are_listed():
    with translation.override("fr"):
        assert rendered("{{ codes|language_names|capfirst }}", codes=["it", "fr"]) == "Italien, français"


def test_said_in_gives_plain_words_their_language():
    html = component("breadcrumb", trail=[("Home", "/en/")], title=Text("Agenda", "fr"))

    assert html.find_all("li")[1].attrs == {"aria-current": "page", "lang": "fr"}


def test_field_binds_its_hint_and_its_error():
    html = component("form_field", field=Ask({})["name"])

    bound = html.input["aria-describedby"].split()
    assert [html.find(id=name).get_text(strip=True) for name in bound] == [
        "As on your card.",
        "This field is required.",
    ]
    assert html.input["aria-invalid"] == "true"
    assert html.label["for"] == html.input["id"]


def test_field_says_that_it_is_optional_and_stars_nothing():
    label = component("form_field", field=Ask()["note"]).label

    assert label.get_text(" ", strip=True) == "Anything else? (optional)"


def test_radio_buttons_are_a_group_with_a_legend():
    html = component("form_field", field=Ask({})["way"])

    assert html.fieldset.legend.get_text(strip=True) == "How?"
    assert html.find(id=html.fieldset["aria-describedby"]).get_text(strip=True) == "This field is required."
    assert [label["for"] for label in html.find_all("label")] == [choice["id"] for choice in html.find_all("input")]


def test_checkbox_stands_before_its_label():
    html = component("form_field", field=Ask()["agrees"])

    assert [tag.name for tag in html.find(class_="check").find_all(["input", "label"])] == ["input", "label"]


def test_hidden_field_is_nothing_but_itself():
    assert [tag.name for tag in component("form_field", field=Ask()["token"]).find_all()] == ["input"]


def test_error_summary_leads_to_each_field():
    form = Ask({})
    form.add_error(None, "The last seat is gone.")
    html = component("error_summary", form=form)

    assert html.div["role"] == "alert"
    assert [link["href"] for link in html.find_all("a")] == ["#id_name", "#id_way_0"]
    assert [item.get_text(strip=True) for item in html.find_all("li")] == [
        "The last seat is gone.",
        *["This field is required."] * 3,
    ]


def test_error_summary_of_a_good_form_is_nothing():
    assert component("error_summary", form=Ask()).find() is None


def test_untranslated_notice_names_both_languages():
    text = component("untranslated", language="it").get_text(" ", strip=True)

    assert text == "This text is not in English yet. You are reading it in Italian."


def test_untranslated_notice_is_nothing_in_the_readers_language():
    assert component("untranslated", language="en").find() is None


def test_status_says_with_a_word_and_an_icon():
    html = component("status", kind="few", text="Only 2 seats left")

    assert html.get_text(strip=True) == "Only 2 seats left"
    assert html.use["href"].endswith("#hourglass")


def test_local_time_waits_for_the_script():
    when = dt.datetime(2027, 1, 14, 18, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    html = component("local_time", when=when)

    assert html.time.attrs == {
        "class": ["local"],
        "datetime": "2027-01-14T18:00:00+01:00",
        "data-local": "",
        "hidden": "",
        "data-text": "Your time: {time} ({place})",
    }


def test_pagination_keeps_the_other_parameters():
    request = RequestFactory().get("/agenda/?kind=training&page=2")
    page = Paginator(range(100), 10).page(2)
    html = component("pagination", page=page, request=request)

    assert html.find("a", rel="next")["href"] == "?kind=training&page=3"
    assert html.find("a", attrs={"aria-current": "page"}).get_text() == "Page 2"
    assert [item.get_text(strip=True) for item in html.find_all("li")] == ["Page1", "Page2", "Page3", "…", "Page10"]


def test_pagination_of_one_page_is_nothing():
    assert component("pagination", page=Paginator([1], 10).page(1)).find() is None


def test_facet_hides_all_but_seven_options():
    options = [{"code": str(n), "label": Text(f"Option {n}", "en"), "count": n, "is_chosen": n == 3} for n in range(9)]
    html = component("facet", facet={"name": "group", "heading": "For whom", "options": options})

    assert len(html.details.find_all("input")) == 2
    assert [box["value"] for box in html.find_all("input", checked=True)] == ["3"]


def test_place_map_writes_numbers_that_svg_reads():
    point = geo.project(44.4056, 8.9463)
    with translation.override("fr"):
        html = component("place_map", point=point, viewbox="0 0 1 1", outline="c-IT", label="Carte : Gênes, Italie")

    assert html.circle["cx"] == str(point.x)
    assert html.svg["aria-label"] == "Carte : Gênes, Italie"


@pytest.mark.parametrize("name", ["400", "403_csrf", "500"])
@pytest.mark.parametrize("language", ["fr", "bg"])
def test_error_page_needs_neither_database_nor_request(name, language):
    with translation.override(language):
        html = BeautifulSoup(render_to_string(f"{name}.html"), "html.parser")

    assert html.html["lang"] == language
    assert html.h1 is not None


def test_no_template_has_anything_inline():
    folders = [Path(portal.__file__).parent, Path(home.__file__).parent]
    folders += [folder.with_name(name) for folder in folders[1:] for name in ("events", "practices")]
    public = [
        path
        for folder in folders
        for path in folder.rglob("templates/**/*.html")
        if not {"panels", "widgets", "admin", "emails"} & set(path.parts) and "hub" not in path.name
    ]
    pages = {path: BeautifulSoup(TEMPLATE_TAG.sub("", path.read_text()), "html.parser") for path in public}
    found = [
        (path.name, tag.name)
        for path, page in pages.items()
        for tag in page.find_all()
        if tag.name == "style" or "style" in tag.attrs or any(name.startswith("on") for name in tag.attrs)
    ]

    assert len(pages) > 40
    assert found == []
