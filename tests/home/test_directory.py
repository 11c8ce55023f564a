"""The directory: a list that is filtered by country and by words, and the numbers that go with it."""

import pytest
from django.utils import translation
from wagtail.models import PageViewRestriction

from home.directory import countries, directory_context, dot, matches, pin
from home.models import AssociatedCentre, Cite
from portal.base.geo import project
from tests.factories import cite_page, make_cite, make_tree, stored

pytestmark = pytest.mark.django_db

PORTO, LISBON, LYON = (41.15, -8.61), (38.72, -9.14), (45.76, 4.84)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def directory(rf):
    return lambda **query: directory_context(rf.get("/en/", query))


def centre(cite, **fields):
    cite.associated_centres = [AssociatedCentre(**{"name": "Centre", "city": "Annemasse", "country": "FR", **fields})]
    cite.save()
    return stored(cite)


def names(entries):
    return [entry.fact.slug for entry in entries]


def network():
    return [
        make_cite("lyon", country="FR", city="Lyon", latitude=LYON[0], longitude=LYON[1]),
        make_cite("porto", latitude=PORTO[0], longitude=PORTO[1]),
        make_cite("lisboa", city="Lisboa", latitude=LISBON[0], longitude=LISBON[1]),
        make_cite("faro", state="unknown"),
        make_cite("braga", state="project"),
        make_cite("evora", state="former"),
        make_cite("cayenne", country="FR", territory="GF", city="Cayenne", latitude=4.9, longitude=-52.3),
        make_cite("draft", country="DE", live=False),
    ]


def test_directory_lists_what_is_published_and_former_ones_apart(directory):
    network()

    found = directory()

    assert names(found["entries"]) == ["cayenne", "lyon", "braga", "faro", "lisboa", "porto"]
    assert names(found["former"]) == ["evora"]
    assert (found["country"], found["query"], found["form"].errors) == ("", "", {})


def test_directory_counts_open_cites_only(directory):
    network()

    found = directory()

    assert found["cites_count"] == Cite.objects.counted().count() == 4
    assert [(row.code, row.name, row.count) for row in found["countries"]] == [
        ("FR", "France", 2),
        ("PT", "Portugal", 2),
    ]


def test_directory_counts_the_same_whatever_is_filtered(directory):
    network()

    found = [directory(**query) for query in ({}, {"country": "PT"}, {"q": "nothing"})]

    assert [row["cites_count"] for row in found] == [4, 4, 4]
    assert found[0]["countries"] == found[1]["countries"] == found[2]["countries"]
    assert [len(row["map_cites"]) for row in found] == [4, 4, 4]


def test_directory_hides_cites_with_private_words(directory):
    tree = make_tree("fr")["fr"]
    page = cite_page(tree["network"], make_cite("hidden"))
    make_cite("shown")

    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    found = directory()
    assert (names(found["entries"]), found["cites_count"]) == (["shown"], 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"country": "FR"}, ["cayenne", "lyon", "porto"]),
        ({"country": "fr"}, ["cayenne", "lyon", "porto"]),
        ({"country": "GF"}, ["cayenne"]),
        ({"country": "DE"}, []),
        ({"q": "LYON"}, ["lyon"]),
        ({"q": "cité lyon"}, ["lyon"]),
        ({"q": "cite lyon"}, ["lyon"]),
        ({"q": "annemasse"}, ["porto"]),
        ({"q": "l"}, ["lyon"]),
        ({"q": "  "}, ["cayenne", "lyon", "porto"]),
        ({"q": "%"}, []),
        ({"q": "lyon", "country": "PT"}, []),
        ({"q": "annemasse", "country": "FR"}, ["porto"]),
        # What the form does not take filters nothing.
        ({"country": "FRA"}, ["cayenne", "lyon", "porto"]),
        ({"q": "x" * 101}, ["cayenne", "lyon", "porto"]),
        ({"country": ""}, ["cayenne", "lyon", "porto"]),
        ({"country": "F' OR"}, ["cayenne", "lyon", "porto"]),
        ({"unknown": "x"}, ["cayenne", "lyon", "porto"]),
    ],
)
def test_directory_is_filtered_by_country_and_words(directory, query, expected):
    make_cite("lyon", country="FR", city="Lyon")
    make_cite("cayenne", country="FR", territory="GF")
    centre(make_cite("porto"))

    found = directory(**query)

    assert names(found["entries"]) == expected


def test_directory_filters_former_ones_too(directory):
    make_cite("evora", state="former")
    make_cite("nantes", state="former", country="FR")

    assert names(directory(country="PT")["former"]) == ["evora"]


def test_directory_leads_to_the_words_there_are(directory):
    trees = make_tree("fr", "en")
    both, french, _none = (make_cite(slug) for slug in ("both", "french", "none"))
    cite_page(trees["fr"]["network"], both, "Les deux", slug="les-deux")
    cite_page(trees["en"]["network"], both, "Both", slug="both")
    cite_page(trees["fr"]["network"], french, "Le français")

    found = directory()["entries"]

    assert [(str(entry.title), entry.title.language, entry.url, entry.is_translated) for entry in found] == [
        ("Both", "en", "/en/network-en/both/", True),
        ("Le français", "fr", "/en/cite/french/", False),
        ("Cité none", "fr", "/en/cite/none/", False),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_directory_asks_the_database_a_few_times(directory, django_assert_num_queries, number):
    tree = make_tree("fr")["fr"]
    for index in range(number):
        cite = centre(make_cite(f"cite-{index}"))
        cite_page(tree["network"], cite)
    directory()

    with django_assert_num_queries(5):
        found = directory()

    assert len(found["entries"]) == number


# --- the numbers by country


def test_countries_are_the_largest_first_then_by_name():
    cites = [Cite(country=code) for code in ("IT", "FR", "BE", "IT", "ES")]

    found = countries(cites)

    assert [(row.code, row.count) for row in found] == [("IT", 2), ("BE", 1), ("FR", 1), ("ES", 1)]


def test_countries_are_named_in_the_readers_language():
    with translation.override("de"):
        found = countries([Cite(country="FR"), Cite(country="XX")])

    assert [row.name for row in found] == ["Frankreich", "XX"]


def test_countries_of_no_cites_are_none():
    assert countries(iter([])) == []


# --- places on the map


def test_pin_of_a_country_is_its_middlemost_cite():
    places = [(41.0, -8.0), (40.0, -7.0), (39.0, -3.0)]
    cites = [Cite(country="PT", latitude=lat, longitude=lon) for lat, lon in places]

    assert pin("PT", cites) == dot(cites[1]) == project(*places[1])


def test_pin_leaves_out_territories_and_places_nobody_knows():
    cites = [
        Cite(country="FR", latitude=LYON[0], longitude=LYON[1]),
        Cite(country="FR", territory="RE", latitude=-21.1, longitude=55.5),
        Cite(country="FR"),
        Cite(country="FR", latitude=45.0),
    ]

    assert pin("FR", cites) == dot(cites[0])
    assert [dot(cite) for cite in cites[2:]] == [None, None]
    assert pin("FR", cites[1:]) is None
    assert pin("PT", cites) is None


def test_dot_on_the_equator_and_the_meridian_is_a_place():
    assert dot(Cite(latitude=0.0, longitude=0.0)) == project(0.0, 0.0)


# --- matching


def test_matches_reads_names_towns_and_centres():
    cite = centre(make_cite("geneve", country="CH", city="Genève", official_name="Cité des métiers du Grand Genève"))

    texts = ["geneve", "GRAND GENÈVE", "métiers", "annemasse", "centre", "paris", ""]

    assert [matches(cite, "", text) for text in texts] == [True, True, True, True, True, False, True]
    assert [matches(cite, code, "") for code in ("CH", "FR", "BE", "ch")] == [True, True, False, False]


@pytest.mark.parametrize("query", ["?country=%00", "?q=%00", "?country=FR&country=PT", "?q=" + "a" * 9000, "?q=%FF"])
def test_page_of_the_directory_takes_any_address(client, query):
    tree = make_tree("fr")["fr"]
    make_cite()

    response = client.get(tree["network"].get_url() + query)

    assert response.status_code == (400 if "%00" in query else 200)
