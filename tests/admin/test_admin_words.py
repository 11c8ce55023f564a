"""What editors read in the admin in languages that Wagtail knows in part: neither English nor the site's French."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests import factories
from tests.admin.conftest import logged_in

pytestmark = pytest.mark.django_db

LANGUAGES = ("bg", "da", "pt", "es")
# None of them is a word of one of these languages too.
FREQUENT = [
    *("Save draft", "Publish", "Unpublish", "Dashboard", "History", "Images", "Settings", "Select all"),
    *("Skip to main content", "Keyboard shortcuts", "Toggle sidebar", "Show filters", "Filter by", "Checks"),
    *("Side panels", "Go to the first error", "No publishing schedule set", "Visible to all", "Content metrics"),
    *("Add an image", "Choose an image", "Preview in new tab", "First published", "Reading time", "Go back"),
    *("Close dialog", "Set publishing schedule", "Page type", "Updated", "Pagination", "Add comment"),
]


def read(page: Any) -> set[str]:
    """The texts of a page and those that a screen reader says."""
    soup = BeautifulSoup(page.content, "html.parser")
    spoken = {tag.get(name, "") for tag in soup.find_all(True) for name in ("aria-label", "title", "placeholder")}
    return {" ".join(text.split()) for text in {*soup.stripped_strings, *spoken}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_admin_speaks_the_language_of_the_editor(porto: Any, language: str) -> None:
    editor = logged_in(factories.make_user("editor", cite=porto), language)
    page = porto.pages.get()
    addresses = [
        reverse("wagtailadmin_home"),
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        reverse("wagtailadmin_explore", args=[page.pk]),
        reverse("cites:edit", args=[porto.pk]),
        reverse("events:list"),
        reverse("wagtailimages:index"),
        reverse("wagtailimages_chooser:choose"),
        reverse("wagtailadmin_account"),
    ]
    foreign = {*FREQUENT}
    with translation.override("fr"):
        foreign |= {translation.gettext(word) for word in FREQUENT}

    found = {address: read(answered(editor, address)) & foreign for address in addresses}

    assert {address: words for address, words in found.items() if words} == {}


def answered(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer


def test_scripts_of_the_admin_speak_it_too(porto: Any) -> None:
    said = {}
    for language in LANGUAGES:
        editor = logged_in(factories.make_user(language, cite=porto), language)
        wagtail = answered(editor, reverse("wagtailadmin_javascript_catalog")).text
        localize = answered(editor, reverse("wagtail_localize:javascript_catalog")).text
        said[language] = [json.dumps(word) in wagtail + localize for word in SCRIPTED[language]]

    assert said == {language: [True, True] for language in LANGUAGES}


# Autosave of the page editor, and the lock that an editor puts on a translation.
SCRIPTED = {
    "bg": ["Промените са запазени автоматично.", "Заключва се"],
    "da": ["Ændringerne er gemt automatisk.", "Låser"],
    "pt": ["As alterações foram gravadas automaticamente.", "A aplicar o bloqueio"],
    "es": ["Los cambios se han guardado automáticamente.", "Aplicando el bloqueo"],
}


@pytest.mark.parametrize(("language", "written_in"), [("fr", "fr"), ("en", "en"), ("da", "en")])
def test_the_guide_answers_and_its_links_lead_somewhere(porto: Any, language: str, written_in: str) -> None:
    editor = logged_in(factories.make_user("editor", cite=porto), language)

    page = answered(editor, reverse("guide"))

    guide = BeautifulSoup(page.content, "html.parser").select_one(".guide")
    links = {link["href"] for link in guide.select("a")}
    anchors = {f"#{tag['id']}" for tag in guide.select("[id]")}
    addresses = {link for link in links if not link.startswith("#")}
    assert guide["lang"] == written_in
    assert links - addresses == anchors - {"#contents"}
    assert len(anchors) == 7
    assert len(addresses) >= 5
    assert {address: editor.get(address, follow=True).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )
    assert {button["lang"] for button in guide.select("strong")} == {language}
    assert all(button.text for button in guide.select("strong"))


def test_the_guide_is_the_help_of_editors_and_of_nobody_else(porto: Any) -> None:
    editor = logged_in(factories.make_user("editor", cite=porto))

    menu = answered(editor, reverse("wagtailadmin_home")).text

    assert reverse("guide") in menu
    assert "whats-new-in-wagtail" not in menu
    assert Client().get(reverse("guide")).status_code == 302
