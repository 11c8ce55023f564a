import pytest
from django.utils.html import strip_tags

from home.models import AssociatedCentre
from tests import factories

pytestmark = pytest.mark.django_db


def titles(client, address):
    return [(strip_tags(hit.title), hit.language) for hit in hits(client, address)]


def hits(client, address):
    return [hit for group in client.get(address).context.get("groups", ()) for hit in group.hits]


@pytest.fixture
def trees():
    return factories.make_tree("fr", "en")


@pytest.mark.parametrize("text", ["carrière", "carriere", "CARRIERES", "l’orientation", "orienter"])
def test_search_finds_words_whatever_their_form(client, trees, text):
    factories.practice_page(trees["fr"]["vademecum"], factories.make_practice(), "Carrières et orientation")

    assert titles(client, f"/fr/search/?q={text}") == [("Carrières et orientation", "fr")]


def test_search_finds_the_original_where_there_is_no_translation(client, trees):
    factories.practice_page(trees["fr"]["vademecum"], factories.make_practice(), "Accueillir")

    found = hits(client, "/en/search/?q=accueillir")

    assert [(hit.title, hit.language) for hit in found] == [("<mark>Accueillir</mark>", "fr")]
    assert found[0].url.startswith("/en/practice/")


def test_search_finds_an_associated_centre_with_its_cite(client, trees):
    cite = factories.make_cite("geneve")
    factories.cite_page(trees["fr"]["network"], cite, "Cité de Genève")
    draft = cite.get_latest_revision_as_object()
    draft.associated_centres = [AssociatedCentre(name="Centre d’Annemasse", city="Annemasse", country="FR")]
    draft.save_revision().publish()

    assert titles(client, "/fr/search/?q=annemasse") == [("Cité de Genève", "fr")]


def test_search_shows_no_draft(client, trees):
    factories.practice_page(trees["fr"]["vademecum"], factories.make_practice(live=False), "Brouillon de faits")
    factories.practice_page(trees["fr"]["vademecum"], factories.make_practice("B"), "Brouillon de texte", live=False)

    assert titles(client, "/fr/search/?q=brouillon") == []


@pytest.mark.parametrize("text", ["", '"', "c++ %22x", "' OR 1=1 --", "*", "NEAR(", "%F0%9F%92%A9", "a" * 200])
def test_search_takes_any_words(client, trees, text):
    assert client.get("/fr/search/", {"q": text}).status_code == 200


@pytest.mark.parametrize("query", [{"q": "a" * 201}, {"q": "a", "page": "x"}, {"q": "a", "page": "-1"}])
def test_search_refuses_what_is_too_long_or_no_number(client, trees, query):
    assert client.get("/fr/search/", query).status_code == 400
