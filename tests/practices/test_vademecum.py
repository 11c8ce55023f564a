"""The facets of the vademecum: they combine, count what they would show, and take any address."""

import pytest
from django.http import QueryDict
from django.utils import translation
from wagtail.models import PageViewRestriction

from home.models import PartnerKind, Principle, TargetGroup
from practices.models import Chapter, Practice
from practices.vademecum import FACETS, Option, chosen, facets, matching, matrix, practice_context, vademecum_context
from tests.factories import make_cite, make_practice, make_project, make_tree, practice_page, publish, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def index(rf):
    return lambda query="": vademecum_context(rf.get(f"/en/?{query}"))


def term(model, code, **labels):
    return model.objects.get_or_create(code=code, defaults={"labels": labels or {"en": code.title()}})[0]


def practice(name, *, chapter="meet", groups=(), partners=(), principles=(), **fields):
    row = make_practice(name, chapter=term(Chapter, chapter), live=False, **fields)
    row.target_groups = [term(TargetGroup, code) for code in groups]
    row.partner_kinds = [term(PartnerKind, code) for code in partners]
    row.principles = [term(Principle, code) for code in principles]
    return publish(row)


def three():
    porto, lyon = make_cite("porto"), make_cite("lyon", country="FR")
    return {
        "a": practice("a", groups=["young", "adults"], partners=["school"], cite=porto),
        "b": practice("b", groups=["adults"], principles=["free"], cite=lyon),
        "c": practice("c", chapter="run", groups=["young"], partners=["school", "firm"]),
    }


def names(context):
    return [entry.fact.name for entry in context["entries"]]


def counts(context):
    return {
        facet.name: {option.code: option.count for option in facet.options}
        for facet in context["facets"]
        if facet.options
    }


# --- counts


def test_facets_count_every_published_sheet(index):
    three()
    make_practice("draft", live=False)
    term(TargetGroup, "nobody")

    found = index()

    assert names(found) == ["a", "b", "c"]
    assert counts(found) == {
        "chapter": {"meet": 2, "run": 1},
        "group": {"adults": 2, "young": 2},
        "partner": {"firm": 1, "school": 2},
        "country": {"FR": 1, "PT": 1},
        "principle": {"free": 1},
    }
    assert (found["active"], found["query"]) == ([], "")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("group=young", ["a", "c"]),
        ("group=young&group=adults", ["a", "b", "c"]),
        ("group=young&partner=firm", ["c"]),
        ("group=adults&partner=school", ["a"]),
        ("chapter=run&country=PT", []),
        ("country=FR&country=PT", ["a", "b"]),
        ("group=young&group=young", ["a", "c"]),
        ("unknown=x", ["a", "b", "c"]),
    ],
)
def test_facets_combine_within_by_or_and_between_by_and(index, query, expected):
    three()

    assert names(index(query)) == expected


def test_facets_count_what_each_value_would_show_with_the_others(index):
    three()

    found = index("group=young")

    assert counts(found) == {
        "chapter": {"meet": 1, "run": 1},
        # The chosen facet's own values are counted as if it were not chosen.
        "group": {"adults": 2, "young": 2},
        "partner": {"firm": 1, "school": 2},
        "country": {"PT": 1},
    }


def test_every_count_is_what_choosing_that_value_alone_would_show(index):
    three()

    for base in ("", "group=young", "partner=school&group=adults", "chapter=run"):
        wanted = chosen(QueryDict(base))
        for facet in index(base)["facets"]:
            for option in facet.options:
                alone = QueryDict(mutable=True)
                for name, values in {**wanted, facet.name: [option.code]}.items():
                    alone.setlist(name, values)
                assert option.count == len(names(index(alone.urlencode()))), (base, facet.name, option.code)


def test_a_chosen_value_that_shows_nothing_stays_to_be_dropped(index):
    three()

    found = index("chapter=run&country=FR")

    assert names(found) == []
    assert [(option.code, option.count, option.without) for option in found["active"]] == [
        ("run", 0, "country=FR"),
        ("FR", 0, "chapter=run"),
    ]


def test_facets_say_how_to_drop_each_value(index):
    three()

    found = index("group=young&group=adults&partner=school")

    assert [(option.code, option.without) for option in found["active"]] == [
        ("adults", "group=young&partner=school"),
        ("young", "group=adults&partner=school"),
        ("school", "group=young&group=adults"),
    ]
    assert found["query"] == "group=young&group=adults&partner=school"


# --- words


def test_facets_are_labelled_in_the_readers_language(index):
    term(TargetGroup, "young", fr="Jeunes", en="Young people")
    term(Chapter, "meet", fr="Rencontrer")
    PartnerKind.objects.create(code="firm", labels={})
    practice("a", groups=["young"], partners=["firm"], cite=make_cite())

    labels = {
        facet.name: [(option.label.text, option.label.language) for option in facet.options]
        for facet in index()["facets"]
    }

    assert labels == {
        "chapter": [("Rencontrer", "fr")],
        "group": [("Young people", "en")],
        "partner": [("firm", "")],
        "country": [("Portugal", "")],
        "principle": [],
        "language": [],
    }


def test_facets_are_in_the_order_of_the_vocabulary(index):
    for code, order in (("z", 1), ("m", 2), ("a", 2)):
        TargetGroup.objects.create(code=code, sort_order=order, labels={"en": code})
    practice("a", groups=["a", "m", "z"])

    group = next(facet for facet in index()["facets"] if facet.name == "group")

    assert [option.code for option in group.options] == ["z", "a", "m"]


def test_languages_are_those_of_live_words(index):
    trees, rows = make_tree("fr", "en"), three()
    practice_page(trees["fr"]["vademecum"], rows["a"])
    practice_page(trees["en"]["vademecum"], rows["a"])
    practice_page(trees["fr"]["vademecum"], rows["b"])
    practice_page(trees["en"]["vademecum"], rows["b"], live=False)

    found = index(), index("language=en")

    assert [counts(context)["language"] for context in found] == [{"fr": 2, "en": 1}] * 2
    assert names(found[1]) == ["a"]


def test_private_words_hide_a_sheet_and_its_counts(index):
    tree, rows = make_tree("fr")["fr"], three()
    page = practice_page(tree["vademecum"], rows["b"])

    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    found = index()
    assert names(found) == ["a", "c"]
    assert counts(found)["group"] == {"adults": 1, "young": 2}
    assert "language" not in counts(found)


# --- addresses


@pytest.mark.parametrize(
    "query",
    ["group=unknown", "country=XX", "language=xx", "chapter=%27%20OR%201", "group=" + "x" * 9000, "group=%F0%9F%98%80"],
)
def test_a_value_that_does_not_exist_shows_nothing(index, query):
    three()

    found = index(query)

    assert (names(found), found["active"]) == ([], [])
    assert found["paginator_page"].paginator.count == 0


def test_an_empty_value_filters_nothing(index):
    three()

    assert names(index("group=&country=")) == ["a", "b", "c"]


def test_a_thousand_values_are_cut(index):
    three()
    query = "&".join(f"{name}=x{number}" for number in range(1000) for name, _heading, _column in FACETS)

    wanted = chosen(QueryDict(query))

    assert {name: len(values) for name, values in wanted.items()} == {name: 20 for name, _heading, _column in FACETS}
    assert names(index(query)) == []


def test_a_long_value_is_cut():
    assert chosen(QueryDict("group=" + "x" * 100))["group"] == ["x" * 40]


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "99999999999999999999", "1.5", "²", "1e3", "%20"])
def test_any_page_number_shows_a_page(index, page):
    three()

    assert names(index(f"page={page}")) == ["a", "b", "c"]


def test_pages_hold_twenty_sheets(index):
    for number in range(21):
        practice(f"{number:02}")

    found = index(), index("page=2"), index("page=9")

    assert [len(names(context)) for context in found] == [20, 1, 1]
    assert [names(context)[0] for context in found] == ["00", "20", "20"]


@pytest.mark.parametrize("number", [1, 3])
def test_index_asks_the_database_a_few_times(index, django_assert_num_queries, number):
    tree = make_tree("fr")["fr"]
    for name in range(number):
        practice_page(
            tree["vademecum"], practice(f"{name}", groups=["young"], partners=["firm"], cite=make_cite(f"c{name}"))
        )
    index()

    with django_assert_num_queries(5):
        found = index("group=young")

    assert len(names(found)) == number


@pytest.mark.parametrize("query", ["group=%00", "page=%00", "group=a&group=b&page=2", "x=" + "y" * 5000])
def test_page_of_the_vademecum_takes_any_address(client, query):
    tree = make_tree("fr")["fr"]
    three()

    response = client.get(f"{tree['vademecum'].get_url()}?{query}")

    assert response.status_code == (400 if "%00" in query else 200)


# --- the parts


def test_matrix_of_nothing_has_every_facet():
    assert matrix() == {name: {} for name, _heading, _column in FACETS}


def test_matching_without_a_choice_is_all():
    found = {"group": {"young": {1, 2}, "adults": {2, 3}}, "partner": {"firm": {3}}}

    results = [
        matching(found, {"group": [], "partner": []}),
        matching(found, {"group": ["young"], "partner": []}),
        matching(found, {"group": ["young", "adults"], "partner": ["firm"]}),
        matching(found, {"group": ["young"], "partner": ["firm"]}),
        matching(found, {"group": ["young"], "partner": ["firm"]}, but="group"),
        matching(found, {"group": ["young"], "partner": []}, but="group"),
        matching(found, {"group": ["none"], "partner": []}),
    ]

    assert results == [None, {1, 2}, {3}, set(), {3}, None, set()]


def test_option_is_shown_only_if_it_shows_something_or_is_chosen():
    term(TargetGroup, "young")
    wanted = {name: [] for name, _heading, _column in FACETS}

    found = facets(matrix(), wanted | {"group": ["young"]})

    group = next(facet for facet in found if facet.name == "group")
    assert [(type(option), option.code, option.count) for option in group.options] == [(Option, "young", 0)]


# --- beside one sheet


def test_practice_is_shown_with_its_owner_project_and_neighbours(rf):
    tree, cite, project = make_tree("fr")["fr"], make_cite(), make_project()
    rows = [practice(f"{number}", cite=cite, project=project) for number in range(5)]
    practice("other chapter", chapter="run")
    practice_page(tree["vademecum"], rows[0])

    found = practice_context(rows[0], rf.get("/en/"))

    assert (found["practice"], found["owner"].fact, found["project"].fact) == (rows[0], cite, project)
    assert names({"entries": found["related"]}) == ["1", "2", "3"]


def test_practice_names_no_owner_or_project_that_is_not_public(rf):
    row = practice("a", cite=make_cite(live=False), project=make_project(live=False), chapter="alone")

    found = practice_context(stored(row), rf.get("/en/"))

    assert (found["owner"], found["project"], found["related"]) == (None, None, [])


def test_practice_that_is_not_chosen_yet_shows_nothing(rf):
    assert practice_context(None, rf.get("/en/")) == {"practice": None}


def test_practice_without_a_chapter_has_no_neighbours(rf):
    row = Practice(name="draft")

    assert practice_context(row, rf.get("/en/"))["related"] == []
