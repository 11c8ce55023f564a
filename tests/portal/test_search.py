import json
from urllib.parse import quote_plus

import pytest
from django.utils.html import strip_tags

from home.models import AssociatedCentre, CiteName
from portal.base import languages
from portal.search import PAGE_SIZE
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_locales_of_other_tests():
    """A process remembers the codes of locales, whose numbers the next test uses again."""
    languages._codes.clear()


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


@pytest.mark.parametrize("text", ["annemasse", "centre de l’Arve", "Genf", "office cantonal", "geneve"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_search_finds_a_cite_by_facts_that_changed_after_its_page(client, trees, language, text):
    cite = factories.make_cite("geneve", city="")
    page = factories.cite_page(trees["fr"]["network"], cite, "Page fr")
    factories.cite_page(trees["en"]["network"], cite, "Page en", translation_key=page.translation_key)
    draft = cite.get_latest_revision_as_object()
    draft.associated_centres = [AssociatedCentre(name="Centre de l’Arve", city="Annemasse", country="FR")]
    draft.names = [CiteName(name="Berufszentrum Genf", language="de")]
    draft.bearer, draft.city = "Office cantonal", "Genève"
    draft.save_revision()
    before = titles(client, f"/{language}/search/?q=annemasse")

    draft.save_revision().publish()

    assert before == []
    assert titles(client, f"/{language}/search/?q={text}") == [(f"Page {language}", language)]


def test_search_shows_the_associated_centre_that_was_looked_for(client, trees):
    cite = factories.make_cite("geneve")
    draft = cite.get_latest_revision_as_object()
    draft.associated_centres = [AssociatedCentre(name="Centre de l’Arve", city="Annemasse", country="FR")]
    draft.save_revision().publish()
    factories.cite_page(trees["fr"]["network"], factories.publish(cite.__class__.objects.get()), "Page")

    assert [hit.text for hit in hits(client, "/en/search/?q=annemasse")] == ["Centre de l’Arve, <mark>Annemasse</mark>"]


# One page a language; what is asked in the page's language, and the languages of all pages that it finds.
TITLES = {
    "fr": "Œuvrer pour la carrière où l’on va",
    "it": "Tirocinio in biblioteca",
    "pt": "Orientação profissional",
    "de": "Prüfung in der Straße",
    "da": "Vejledning på Ærø",
    "bg": "Кариерно ориентиране и обучение",
}
FOUND = {
    "fr": {"oeuvrer": "fr", "œuvre": "fr", "carriere": "fr", "CARRIÈRES": "fr", "l’oeuvre": "fr", "oeuf": ""},
    "it": {"tirocini": "it", "biblioteche": "it", "tiro": ""},
    "pt": {"orientacao": "pt", "orientações": "pt", "profissional": "pt"},
    "de": {"strasse": "de", "Straßen": "de", "prufung": "de", "Prüfungen": "de"},
    "da": {"aero": "da", "vejledningen": "da"},
    "bg": {"КАРИЕРНО": "bg", "обучение": "bg", "кариерна": "", "обучения": ""},
}


def test_search_has_the_same_hits_on_every_database(client):
    trees = factories.make_tree(*TITLES)
    for code, title in TITLES.items():
        factories.practice_page(trees[code]["vademecum"], factories.make_practice(), title)

    found = {
        code: {text: " ".join(lang for _t, lang in titles(client, f"/{code}/search/?q={text}")) for text in asked}
        for code, asked in FOUND.items()
    }

    assert found == FOUND


def test_search_ranks_by_the_title_on_every_database(client, trees):
    below = trees["fr"]["vademecum"]
    for title, summary in (("Mobilité", "Un stage."), ("Stage et mobilité", ""), ("Stage", "La mobilité."), ("A", "")):
        factories.practice_page(below, factories.make_practice(), title, summary=summary)

    found = titles(client, "/fr/search/?q=stage+mobilite")

    assert found == [("Stage et mobilité", "fr"), ("Stage", "fr"), ("Mobilité", "fr")]


@pytest.fixture
def many(trees):
    """Six practices in French, two of them in English too; an event in English only; a Cité."""
    for number in range(6):
        practice = factories.make_practice()
        page = factories.practice_page(trees["fr"]["vademecum"], practice, f"Orientation {number}")
        if number < 2:
            same = {"translation_key": page.translation_key}
            factories.practice_page(trees["en"]["vademecum"], practice, f"Orientation {number}", **same)
    factories.event_page(trees["en"]["agenda"], factories.make_event(original_language="en"), "Orientation day")
    factories.cite_page(trees["fr"]["network"], factories.make_cite(), "Cité de l’orientation")


def shape(client, query):
    return [
        (group.kind, group.count, len(group.hits))
        for group in client.get(f"/fr/search/?q=orientation{query}").context.get("groups", ())
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [("cite", 1, 1), ("event", 1, 1), ("practice", 6, 4)]),
        ("&kind=practice", [("practice", 6, 6)]),
        ("&lang=en", [("event", 1, 1), ("practice", 2, 2)]),
        ("&lang=en&kind=practice&page=9", [("practice", 2, 2)]),
        ("&lang=it", []),
        ("&kind=project", []),
        ("&kind=x%27&lang=klingon", [("cite", 1, 1), ("event", 1, 1), ("practice", 6, 4)]),
    ],
)
def test_results_are_grouped_and_filtered(client, many, query, found):
    assert shape(client, query) == found


def test_filters_say_how_much_they_show(client, many):
    response = client.get("/fr/search/?q=orientation&kind=practice&page=1")
    results = response.context["results"]

    assert [(row.value, row.count, row.is_chosen) for row in results.kinds] == [
        (None, 8, False),
        ("cite", 1, False),
        ("event", 1, False),
        ("practice", 6, True),
    ]
    assert [(row.value, row.count) for row in results.languages] == [(None, 6), ("fr", 6), ("en", 2)]
    assert "?q=orientation&amp;kind=practice&amp;lang=en" in response.content.decode()


def test_a_translation_that_was_asked_for_leads_to_itself(client, many):
    urls = [hit.url for hit in hits(client, "/fr/search/?q=orientation&lang=en&kind=practice")]

    assert [url.split("/")[1] for url in urls] == ["en", "en"]


def test_an_excerpt_shows_where_the_words_are_and_nothing_runs(client, trees):
    body = [{"type": "text", "value": f"<p>{'Avant. ' * 40}</p><p>Les conseillères &lt;b&gt; accueillent.</p>"}]
    title = "<script>alert(1)</script> Conseiller"
    factories.practice_page(trees["fr"]["vademecum"], factories.make_practice(), title, body=json.dumps(body))

    [hit] = hits(client, "/en/search/?q=conseillere")

    assert hit.title == "&lt;script&gt;alert(1)&lt;/script&gt; <mark>Conseiller</mark>"
    assert hit.text.endswith("Les <mark>conseillères</mark> &lt;b&gt; accueillent.")
    assert (hit.text.startswith("… "), len(hit.text) < 300) == (True, True)
    page = client.get("/en/search/?q=conseillere").content.decode()
    assert "<script>alert" not in page
    assert f'<p  lang="fr">{hit.text}</p>' in page or f'<p lang="fr">{hit.text}</p>' in " ".join(page.split())


@pytest.mark.parametrize(
    ("text", "found"),
    [("orientatoin", ["orientation"]), ("acueil orientatio", ["accueil orientation", "accueil", "orientation"])],
)
def test_nothing_found_suggests_words_of_titles(client, trees, text, found):
    below = trees["fr"]["vademecum"]
    factories.practice_page(below, factories.make_practice(), "Accueil et orientation")
    factories.practice_page(below, factories.make_practice("B", live=False), "Orientatoins cachées")

    response = client.get("/fr/search/", {"q": text})

    assert response.context["suggestions"] == found
    assert f"?q={quote_plus(found[0])}" in response.content.decode()
    assert below.get_url() in response.content.decode()


def test_search_shows_no_draft(client, trees):
    factories.practice_page(trees["fr"]["vademecum"], factories.make_practice(live=False), "Brouillon de faits")
    factories.practice_page(trees["fr"]["vademecum"], factories.make_practice("B"), "Brouillon de texte", live=False)

    assert titles(client, "/fr/search/?q=brouillon") == []


@pytest.mark.parametrize("text", ["", '"', "c++ %22x", "' OR 1=1 --", "*", "NEAR(", "%F0%9F%92%A9", "a" * 200])
def test_search_takes_any_words(client, trees, text):
    assert client.get("/fr/search/", {"q": text}).status_code == 200


def test_search_refuses_in_words_what_is_too_long(client, trees):
    answer = client.get("/en/search/", {"q": "a" * 201})

    assert (answer.status_code, "Use fewer words." in answer.content.decode()) == (400, True)


@pytest.mark.parametrize(
    ("page", "number"), [("x", 1), ("-1", 1), ("0", 1), ("1e3", 1), ("²", 1), ("2", 2), ("9" * 5000, 2), ("", 1)]
)
def test_page_that_is_none_is_the_first_or_the_last(client, trees, page, number):
    for each in range(PAGE_SIZE + 1):
        factories.practice_page(trees["fr"]["vademecum"], factories.make_practice(), f"Orientation {each}")

    answer = client.get("/fr/search/", {"q": "orientation", "page": page})

    assert (answer.status_code, answer.context["paginator_page"].number) == (200, number)
    assert answer.context["form"].errors == {}
