import re

import pytest
from django.test import override_settings
from django.utils import translation

from events.retention import ASKED
from tests.factories import cite_page, make_cite, make_event, make_tree

pytestmark = pytest.mark.django_db

LANGUAGES = ["fr", "en", "it", "es", "pt", "de", "nl", "da", "bg"]


@pytest.fixture
def tree():
    return make_tree("en")


def text(client, language="en"):
    """What a reader reads in the main part of the page."""
    answer = client.get(f"/{language}/personal-data/")
    assert answer.status_code == 200
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL).group()
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_record_says_of_each_thing_why_it_is_asked_in_each_language(client, tree, language):
    answer = client.get(f"/{language}/personal-data/")

    with translation.override(language):
        expected = [(str(asked.label), str(asked.purpose)) for asked in ASKED]
    rows = re.findall(r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>\s*<td>(.*?)</td>', answer.content.decode())
    assert [(label, purpose) for label, purpose, _kept in rows] == expected
    assert len({kept for *_rest, kept in rows}) == 2


def test_record_says_how_long(client, tree):
    said = text(client)

    expected = [
        "Deleted 30 days after the last day of the event.",
        "Deleted 5 years after the end of the project that pays for the event, or 3 years after an event without",
        "Deleted 30 days after the last day of the event: it is evidence of nothing.",
        "Deleted after 7 days: somebody else may have typed it.",
        "Deleted when neither you nor the organisers have changed anything for 365 days.",
        "Deleted with the registration that the mail is about; after 30 days if it is about several.",
        "with the registrations that it shows, or when no calendar has asked for 395 days.",
    ]
    assert [sentence for sentence in expected if sentence not in said] == []


def test_record_names_hosts_outside_the_area_of_the_law_from_the_published_facts(client, tree):
    for slug, country in (("porto", "PT"), ("reunion", "RE"), ("geneve", "CH"), ("lome", "TG")):
        make_cite(slug, country=country)
    make_cite("montreal", country="CA", live=False)

    assert "outside the European Economic Area: Switzerland, Togo." in text(client)


def test_record_does_not_speak_of_other_countries_where_there_are_none(client, tree):
    make_cite()

    assert "European Economic Area" not in text(client)


def test_record_names_organisers_of_coming_events_by_their_address(client, tree):
    make_event("Coming", contact_email="team@example.org")
    make_event("Nobody's")
    make_event("Past", in_days=-9, contact_email="past@example.org")
    make_event("Withdrawn", state="withdrawn", contact_email="withdrawn@example.org")

    said = text(client)

    assert re.findall(r"\S+@\S+", said) == ["team@example.org"]
    assert "to be confirmed" in said


def test_record_names_the_service_that_carries_mails(client, tree):
    own = text(client)
    with override_settings(EMAIL_BACKEND="anymail.backends.postmark.EmailBackend"):
        theirs = text(client)

    assert "the mail server of whoever runs this portal" in own
    assert "carried by Postmark" in theirs


def test_record_sets_no_cookie_and_refuses_posts(client, tree):
    answer = client.get("/en/personal-data/")

    assert (answer.cookies, client.post("/en/personal-data/").status_code) == ({}, 405)


def test_record_asks_the_same_queries_for_one_event_and_three(client, tree, django_assert_num_queries):
    cite_page(tree["en"]["network"], make_cite())
    make_event("1", contact_email="1@example.org")
    client.get("/en/personal-data/")
    with django_assert_num_queries(5) as first:
        client.get("/en/personal-data/")
    for number in range(2):
        make_event(str(number), contact_email=f"{number}@example.org")

    with django_assert_num_queries(len(first)):
        client.get("/en/personal-data/")
