"""What pages say of a Cité: open or closed in its own time, and never a guess."""

import datetime as dt

import pytest
import time_machine
from django.template.loader import render_to_string
from django.utils import translation

from home.models import CitePartner, OpeningException, OpeningInterval, Pole
from home.templatetags import cite_tags
from home.templatetags.cite_tags import Saying
from portal.base.languages import Text
from portal.base.pages import Entry
from tests.factories import make_cite

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 11, 23)


def at(hour: int, *, day: dt.date = MONDAY) -> time_machine.travel:
    """A moment in Lisbon, which has the time of UTC in winter."""
    return time_machine.travel(dt.datetime.combine(day, dt.time(hour), dt.UTC), tick=False)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def cite():
    made = make_cite(are_hours_known=True)
    for weekday, opens, closes in ((1, 9, 13), (1, 14, 18), (2, 9, 13), (5, 10, 12)):
        OpeningInterval.objects.create(cite=made, weekday=weekday, opens=dt.time(opens), closes=dt.time(closes))
    return made


@pytest.mark.parametrize(
    ("hour", "day", "saying"),
    [
        (10, MONDAY, Saying("ok", "Open now, until 13:00")),
        (13, MONDAY, Saying("wait", "Closed now. Opens today at 14:00")),
        (19, MONDAY, Saying("wait", "Closed now. Opens tomorrow at 09:00")),
        (19, MONDAY + dt.timedelta(days=1), Saying("wait", "Closed now. Opens on Friday 27 November at 10:00")),
    ],
)
def test_opening_status_says_what_comes_next(cite, hour, day, saying):
    with at(hour, day=day):
        assert cite_tags.opening_status(cite) == saying


def test_opening_status_is_silent_where_hours_are_not_known():
    assert cite_tags.opening_status(make_cite()) is None


def test_opening_status_says_closed_where_nothing_comes():
    with at(10):
        assert cite_tags.opening_status(make_cite(are_hours_known=True)) == Saying("wait", "Closed now")


def test_opening_week_runs_from_monday_and_marks_today(cite):
    with at(10):
        days = cite_tags.opening_week(cite)

    assert [day.name for day in days] == [
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ]
    assert days[0].hours == ("09:00–13:00", "14:00–18:00")
    assert [day.is_today for day in days] == [True] + [False] * 6


@pytest.mark.parametrize(
    ("last", "opens", "text"),
    [
        (24, None, "Closed on 24 December 2026."),
        (31, None, "Closed from 24 December 2026 to 31 December 2026."),
        (24, dt.time(9), "Open from 09:00 to 12:00 on 24 December 2026."),
        (31, dt.time(9), "Open from 09:00 to 12:00 from 24 December 2026 to 31 December 2026."),
    ],
)
def test_exception_text_is_a_whole_sentence(last, opens, text):
    exception = OpeningException(
        first_on=dt.date(2026, 12, 24), last_on=dt.date(2026, 12, last), opens=opens, closes=opens and dt.time(12)
    )

    assert cite_tags.exception_text(exception) == text


def test_coming_exceptions_are_those_that_are_near(cite):
    for day in (dt.date(2026, 11, 1), dt.date(2026, 12, 24), dt.date(2027, 7, 1)):
        OpeningException.objects.create(cite=cite, first_on=day, last_on=day)

    with at(10):
        assert [row.first_on for row in cite_tags.coming_exceptions(cite)] == [dt.date(2026, 12, 24)]


@pytest.mark.parametrize(
    ("state", "kind"), [("open", "ok"), ("project", "few"), ("former", "off"), ("unknown", "none")]
)
def test_state_kind_has_a_colour_for_each_state(state, kind):
    assert cite_tags.state_kind(make_cite(state=state)) == kind


def test_place_on_map_cuts_out_the_place():
    cite = make_cite(latitude=41.1496, longitude=-8.611)
    found = cite_tags.place_on_map(cite)

    assert found["outline"] == "c-PT"
    assert found["point"].frame.name == "europe"


@pytest.mark.parametrize("fields", [{}, {"latitude": 35.68, "longitude": 139.69}])
def test_place_on_map_is_none_where_nothing_can_be_drawn(fields):
    assert cite_tags.place_on_map(make_cite(**fields)) is None


def test_network_charts_draw_the_cites():
    porto = make_cite(latitude=41.1496, longitude=-8.611)

    assert [chart.outlines for chart in cite_tags.network_charts([(porto, None)])] == [("c-PT",)]


def test_openstreetmap_writes_numbers_with_points():
    with translation.override("fr"):
        address = cite_tags.openstreetmap(make_cite(latitude=41.1496, longitude=-8.611))

    assert address == "https://www.openstreetmap.org/?mlat=41.1496&mlon=-8.611#map=15/41.1496/-8.611"


@pytest.mark.parametrize(("title", "language"), [("Cidade das Profissões", "pt"), ("Portos Cité", "en")])
def test_cite_title_is_in_the_language_of_the_name(title, language):
    cite = make_cite(official_name="Cidade das Profissões", name_language="pt")
    entry = Entry(cite, None, Text(title, "en"), Text("", "en"), "/", ())

    assert cite_tags.cite_title(entry) == Text(title, language)


def test_by_country_groups_in_the_order_of_the_names():
    entries = [
        Entry(make_cite(slug, country=country), None, Text(slug, ""), Text("", ""), "/", ())
        for slug, country in (("porto", "PT"), ("namur", "BE"), ("cascais", "PT"))
    ]
    groups = cite_tags.by_country(entries)

    assert [(group.name, [str(entry.title) for entry in group.entries]) for group in groups] == [
        ("Belgium", ["namur"]),
        ("Portugal", ["porto", "cascais"]),
    ]


def test_pole_that_a_partner_leads_is_marked_where_it_is_in_another_language(cite):
    poles = [
        Pole.objects.create(code=code, labels=labels)
        for code, labels in {"choose": {"fr": "Choisir"}, "job": {"en": "Find a job"}}.items()
    ]
    for pole in poles:
        CitePartner.objects.create(cite=cite, name="Museum", pole=pole)

    html = " ".join(render_to_string("home/cite_facts.html", {"cite": cite}).split())

    assert 'leads the pole “<span lang="fr">Choisir</span>”' in html
    assert "leads the pole “Find a job”" in html
