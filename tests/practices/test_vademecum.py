"""The facets of the vademecum: they combine, count what they would show, and take any address."""

import datetime as dt
import time

import pytest
from bs4 import BeautifulSoup
from django.http import QueryDict
from django.utils import translation
from wagtail.models import PageViewRestriction

from home.models import PartnerKind, Principle, Skill, SkillArea, TargetGroup
from practices import matrix
from practices.address import FACETS, MAX_SHEETS, read
from practices.models import Chapter, Handbook, PracticePage
from practices.vademecum import vademecum_context
from tests.factories import make_cite, make_practice, make_project, make_tree, practice_page, publish

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


def skill(code):
    area = SkillArea.objects.get_or_create(code="area", defaults={"labels": {"en": "Area"}})[0]
    return Skill.objects.get_or_create(code=code, defaults={"labels": {"en": code.title()}, "area": area})[0]


def practice(name, *, chapter="meet", groups=(), partners=(), principles=(), skills=(), **fields):
    row = make_practice(name, chapter=term(Chapter, chapter), live=False, **fields)
    row.target_groups = [term(TargetGroup, code) for code in groups]
    row.partner_kinds = [term(PartnerKind, code) for code in partners]
    row.principles = [term(Principle, code) for code in principles]
    row.skills = [skill(code) for code in skills]
    return publish(row)


def three():
    porto, lyon = make_cite("porto"), make_cite("lyon", country="FR")
    return {
        "a": practice("a", groups=["young", "adults"], partners=["school"], cite=porto),
        "b": practice("b", groups=["adults"], principles=["free"], cite=lyon),
        "c": practice("c", chapter="run", groups=["young"], partners=["school", "firm"]),
    }


def names(context):
    return [entry.fact.name for part in context["parts"] for entry in part.entries]


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
        "cite": {"lyon": 1, "porto": 1},
        "principle": {"free": 1},
        "evidence": {"tried": 3},
    }
    assert (found["active"], found["everything"]) == ([], "")


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
        ("cite=porto", ["a"]),
        ("cite=porto&cite=lyon&group=adults&evidence=tried", ["a", "b"]),
        ("evidence=measured", []),
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
        "cite": {"porto": 1},
        "evidence": {"tried": 2},
    }


def test_every_count_is_what_choosing_that_value_alone_would_show(index):
    three()

    for base in ("", "group=young", "partner=school&group=adults", "chapter=run"):
        wanted = read(QueryDict(base)).facets
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
    assert found["address"].filters == [("group", "young"), ("group", "adults"), ("partner", "school")]


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
        "cite": [("Cité porto", "fr")],
        "principle": [],
        "project": [],
        "language": [],
        "evidence": [("Tried", "")],
        "skill": [],
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
    [
        *("group=unknown", "country=XX", "language=xx", "chapter=%27%20OR%201", "group=" + "x" * 9000),
        *("group=%F0%9F%98%80", "cite=none", "project=%C3%A9", "evidence=proved", "skill=1"),
    ],
)
def test_a_value_that_does_not_exist_filters_nothing_and_is_said(index, query):
    three()

    found = index(query)

    assert (names(found), found["active"], found["unknown"]) == (["a", "b", "c"], [], 1)


def test_an_empty_value_filters_nothing(index):
    three()

    assert names(index("group=&country=")) == ["a", "b", "c"]


def test_a_thousand_values_are_cut(index):
    three()
    query = "&".join(f"{name}=x{number}" for number in range(90) for name in FACETS)

    address = read(QueryDict(query))

    assert {name: len(values) for name, values in address.facets.items()} == dict.fromkeys(FACETS, 20)
    assert (address.is_cut, names(index(query))) == (True, ["a", "b", "c"])


def test_a_long_value_is_cut():
    assert read(QueryDict("group=" + "x" * 100)).facets["group"] == ["x" * 60]


def test_a_thousand_facets_in_one_address_are_answered(client):
    tree = make_tree("fr")["fr"]
    three()

    answers = [
        client.get(f"{tree['vademecum'].get_url()}?" + "&".join(f"group=g{n}" for n in range(number)))
        for number in (1000, 1001)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "20" in answers[0].text


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
    project = make_project()
    for name in range(number):
        row = practice(f"{name}", groups=["young"], partners=["firm"], cite=make_cite(f"c{name}"), project=project)
        practice_page(tree["vademecum"], row)
    index()

    # version, vocabularies, Cités, projects, sheets, words, handbooks
    with django_assert_num_queries(7):
        found = index("group=young&partner=firm&evidence=tried")

    assert len(names(found)) == number


@pytest.mark.parametrize("query", ["group=%00", "page=%00", "group=a&group=b&page=2", "x=" + "y" * 5000])
def test_page_of_the_vademecum_takes_any_address(client, query):
    tree = make_tree("fr")["fr"]
    three()

    response = client.get(f"{tree['vademecum'].get_url()}?{query}")

    assert response.status_code == (400 if "%00" in query else 200)


# --- words


@pytest.fixture
def worded():
    trees = make_tree("fr", "en")
    rows = {name: practice(name, **fields) for name, fields in {"a": {"chapter": "run"}, "b": {}, "c": {}}.items()}
    texts = {
        "a": ("Carrières et orientation", ""),
        "b": ("Accueillir sans rendez-vous", "L’orientation d’abord."),
        "c": ("Former les équipes", ""),
    }
    for name, (title, summary) in texts.items():
        practice_page(trees["fr"]["vademecum"], rows[name], title, summary=summary)
    practice_page(trees["en"]["vademecum"], rows["b"], "Guidance without appointment")
    return rows


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=orientation", ["a", "b"]),  # the one that has it in its title first, though its chapter comes later
        ("q=ORIENTER", ["a", "b"]),
        ("q=carriere", ["a"]),
        ("q=guidance", ["b"]),
        ("q=orientation&chapter=meet", ["b"]),
        ("q=orientation&language=en", ["b"]),
        ("q=accueillir+former", []),
        ("q=xyzzy", []),
        ("q=the", []),
        ("q=%22%28%29*%27--", []),
        ("q=+", ["c", "b", "a"][::-1]),
    ],
)
def test_words_find_sheets_in_every_language(index, worded, query, expected):
    found = index(query)

    assert sorted(names(found)) == sorted(expected) if query == "q=+" else names(found) == expected
    assert found["paginator_page"].paginator.count == len(expected)


def test_words_count_in_the_facets(index, worded):
    assert counts(index("q=orientation"))["chapter"] == {"meet": 1, "run": 1}
    assert counts(index("q=carriere"))["chapter"] == {"run": 1}


def test_words_take_one_query_more(index, worded, django_assert_num_queries):
    index("q=guidance")

    # version, vocabularies, words, sheets, their words, handbooks, the root of the site
    with django_assert_num_queries(7):
        found = index("q=orientation&chapter=meet")

    assert names(found) == ["b"]


def test_words_that_were_just_asked_for_take_none(index, worded, django_assert_num_queries, monkeypatch):
    index("q=orientation")
    with django_assert_num_queries(6):
        again = index("q=orientation&chapter=meet")
    monkeypatch.setattr(matrix, "monotonic", lambda: time.monotonic() + 61)
    with django_assert_num_queries(7):
        index("q=orientation&chapter=meet")

    assert names(again) == ["b"]


def test_a_publication_is_found_by_words_that_were_just_asked_for(index, worded):
    before = names(index("q=former"))
    page = PracticePage.objects.get(practice=worded["b"], locale__language_code="fr")
    page.summary = "Se former."
    page.save_revision().publish()

    assert [before, names(index("q=former"))] == [["c"], ["c", "b"]]


# --- nothing found


def test_an_empty_result_proposes_what_to_drop(index):
    three()

    found = index("chapter=run&group=young&country=FR")

    assert [(row.label.text, row.count, row.query) for row in found["proposals"]] == [
        ("France", 1, "chapter=run&group=young"),
    ]


def test_an_empty_result_proposes_to_drop_the_words(index):
    three()

    found = index("chapter=run&q=xyzzy")
    proposals = found["proposals"]

    assert found["parts"] == []
    assert [(row.label.text, row.count, row.query) for row in proposals] == [("xyzzy", 1, "chapter=run")]


def test_an_empty_result_proposes_what_to_keep_where_dropping_one_is_not_enough(index):
    three()

    proposals = index("chapter=run&q=xyzzy&country=FR&sheet=0")["proposals"]

    assert [(row.label.text, row.count, row.query, row.is_kept) for row in proposals] == [
        ("Run", 1, "chapter=run", True),
        ("France", 1, "country=FR", True),
    ]


def test_words_that_no_sheet_has_can_be_looked_for_on_the_whole_site(client):
    address = make_tree("en")["en"]["vademecum"].get_url()
    three()

    pages = [BeautifulSoup(client.get(address + query).text, "html.parser") for query in ("?q=a%26b<i>", "?q=")]

    links = [[link["href"] for link in page.select('main a[href*="/search/"]')] for page in pages]
    assert links == [["/en/search/?q=a%26b%3Ci%3E"], []]


# --- chapters


def test_sheets_stand_under_the_number_of_their_chapter(index):
    for order, code in enumerate(["first", "second", "third"]):
        Chapter.objects.create(code=code, sort_order=order, labels={"en": code})
    for name, chapter in (("a", "third"), ("b", "first"), ("c", "third")):
        practice(name, chapter=chapter)

    found = index(), index("chapter=third")

    assert [[(part.number, part.code, part.count) for part in context["parts"]] for context in found] == [
        [(1, "first", 1), (3, "third", 2)],
        [(3, "third", 2)],
    ]
    assert names(found[0]) == ["b", "a", "c"]


# --- a selection


def test_chosen_sheets_stay_with_filters_words_and_pages(index):
    rows = three()
    a, b = rows["a"].pk, rows["b"].pk

    found = index(f"sheet={b}&sheet={a}&sheet={a}&group=young&q=&page=1")

    assert [entry.fact.name for entry, _without in found["selection"]] == ["b", "a"]
    assert [without for _entry, without in found["selection"]] == [f"group=young&sheet={a}", f"group=young&sheet={b}"]
    assert [option.without for option in found["active"]] == [f"sheet={b}&sheet={a}"]
    assert (found["everything"], found["elsewhere"]) == (f"sheet={b}&sheet={a}", [b])
    assert found["address"].kept == [("sheet", str(b)), ("sheet", str(a))]


def test_more_than_thirty_sheets_are_refused_in_words(client):
    tree = make_tree("en")["en"]
    rows = [make_practice(f"{number:02}") for number in range(MAX_SHEETS + 1)]
    query = "&".join(f"sheet={row.pk}" for row in rows)

    response = client.get(f"{tree['vademecum'].get_url()}?{query}")

    assert len(response.context["selection"]) == MAX_SHEETS
    assert "A selection has at most 30 sheets." in response.text
    assert "Your selection (30 of 30)" in " ".join(response.text.split())


@pytest.mark.parametrize("sheet", ["0", "-1", "x", "²", "9" * 30, str(2**63 - 1), "1.5", "1e3"])
def test_a_sheet_that_there_is_not_is_not_chosen(index, sheet):
    three()

    assert index(f"sheet={sheet}")["selection"] == []


def test_a_draft_is_not_chosen(index):
    draft = make_practice("draft", live=False)

    assert index(f"sheet={draft.pk}")["selection"] == []


# --- the handbook


def test_index_leads_to_the_handbook_of_all_and_of_each_chapter(client):
    tree = make_tree("en")["en"]
    practice_page(tree["vademecum"], practice("a", chapter="meet"), "a")
    practice_page(tree["vademecum"], practice("b", chapter="run"), "b")
    noon = dt.datetime(2026, 11, 5, 12, tzinfo=dt.UTC)
    for code, size in ((None, 2_400_000), ("meet", 300_000)):
        chapter = Chapter.objects.get(code=code) if code else None
        Handbook.objects.create(language="en", chapter=chapter, file="handbooks/x.pdf", bytes=size, built_at=noon)
    Handbook.objects.create(language="en", chapter=Chapter.objects.get(code="run"))
    Handbook.objects.create(language="fr", chapter=Chapter.objects.get(code="run"), file="x.pdf", built_at=noon)

    page = BeautifulSoup(client.get(tree["vademecum"].get_url()).content, "html.parser")

    ids = [element["id"] for element in page.select("[id]")]
    assert len(set(ids)) == len(ids)  # a facet's box and the heading of a chapter have names of their own
    found = {link["href"]: " ".join(link.text.split()) for link in page.select('a[href*="handbook.pdf"]')}
    assert {href: text.replace("\xa0", " ") for href, text in found.items()} == {
        "/en/handbook.pdf": "The whole vademecum as PDF (2.3 MB, 5 November 2026)",
        "/en/handbook.pdf?chapter=meet": "This chapter as PDF (Meet) (293.0 KB, 5 November 2026)",
        "/en/handbook.pdf?chapter=run": "This chapter as PDF (Run)",
    }
