"""What editors are told about a text before they publish it."""

import pytest
from django.utils import translation

from portal.base.advice import advice_on
from tests.factories import event_page, make_event, make_tree

pytestmark = pytest.mark.django_db

LONG = f"<p>{'mot ' * 251}</p>"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def page():
    page = event_page(make_tree("fr")["fr"]["agenda"], make_event(), "Rencontre")
    page.summary = "Deux jours."
    return page


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([("text", '<h3>Programme</h3><p>Voir <a href="/x">le programme</a>.</p>')], ["heading"]),
        ([("heading", "Programme"), ("text", "<h3>Matin</h3>")], []),
        ([("text", '<p><a href="/x">Cliquez  ici</a> et <a href="/x">ИЗТЕГЛИ тук</a></p>')], ["Cliquez ici"]),
        ([("text", '<p><a href="/x"><b>Тук</b></a>, <a href="/x">aquí.</a></p>')], ["Тук"]),
        ([("text", LONG)], ["1,000"]),
        ([], []),
    ],
)
def test_advice_names_what_readers_stumble_over(page, body, said):
    page.body = body

    sentences = advice_on(page)

    assert len(sentences) == len(said)
    assert all(part in sentence for part, sentence in zip(said, sentences, strict=True))


def test_advice_asks_for_a_summary_first(page):
    page.summary, page.body = " ", [("text", '<a href="/x">ici</a>')]

    assert ["summary" in sentence for sentence in advice_on(page)] == [True, False]
