"""Words as search sees them: the same hits for every way of writing them, on every database."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from modelsearch.query import And, Or, PlainText

from portal.base.analysis import MAX_QUERY_LENGTH, MAX_QUERY_WORDS, analyse, asked_words, document, fold, stem
from portal.base.analysis import query as query_of

HOSTILE = [
    "",
    " ",
    "\x00",
    "' OR 1=1 --",
    '" ) * ( NEAR/3',
    "a AND NOT b*",
    "%_",
    "\ud800",
    "🎉",
    "<script>alert(1)</script>",
    "\u202e",
]
ENDINGS = ["s", "er", "ation", "ations", "eurs", "alement", "alité", "issement", "euses", "é", "ée", "és", "ant", "iez"]


def forms(text, language):
    return {form for pair in analyse(text, language) for form in pair}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("carrière", "carriere"),
        ("œuvre", "oeuvre"),
        ("straße", "strasse"),
        ("ærø", "aero"),
        ("łódź", "lodz"),
        ("e\u0301", "e"),
        ("кариера", "кариера"),
        ("й", "и"),
        ("", ""),
    ],
)
def test_fold_leaves_plain_letters(word, expected):
    assert fold(word) == expected


@pytest.mark.parametrize(
    ("language", "written", "typed"),
    [
        ("fr", "Carrières", "carriere"),
        ("fr", "l’orientation", "orientations"),
        ("fr", "L'ORIENTATION", "orientation"),
        ("fr", "qu’une œuvre", "oeuvres"),
        ("fr", "conseillers", "conseiller"),
        ("fr", "métiers", "metiers"),
        ("en", "counsellors", "counsellor"),
        ("en", "trainings", "training"),
        ("it", "dell’orientamento", "orientamento"),
        ("it", "lavori", "lavoro"),
        ("es", "orientación", "orientacion"),
        ("pt", "formação", "formacao"),
        ("de", "Straßen", "strassen"),
        ("de", "Berufe", "beruf"),
        ("nl", "beroepen", "beroepen"),
        ("da", "uddannelser", "uddannelse"),
        ("bg", "Кариера", "кариера"),
        ("ca", "Orientació", "orientacio"),
        ("fr", "2019", "2019"),
    ],
)
def test_words_are_found_however_they_are_typed(language, written, typed):
    indexed, asked = forms(written, language), analyse(typed, language)

    assert asked != []
    assert all(indexed & set(pair) for pair in asked)


def test_words_that_say_nothing_are_left_out():
    found = {
        "fr": analyse("la Cité des métiers de l’Europe", "fr"),
        "en": analyse("the house of the trades", "en"),
        "xx": analyse("the house", "xx"),
    }

    assert found == {
        "fr": [("cit",), ("met",), ("europ",)],
        "en": [("hous",), ("trade",)],
        "xx": [("the",), ("house",)],
    }


def test_words_of_other_languages_keep_their_apostrophes_apart():
    assert analyse("l'x", "en") == [("l",), ("x",)]


def test_document_is_text_without_markup():
    parts = ["Titre", None, "", "<p>Un <b>conseil</b> &amp; plus&nbsp;d&#x27;idées</p>", 7]

    assert document(parts, "fr") == "titr conseil plus ide 7"


def test_document_keeps_words_of_two_paragraphs_apart():
    part = "<ul><li>Accueil</li><li>Atelier</li></ul><p>Emploi<br/>Formation</p>"

    assert document([part], "fr") == "accueil atel emploi format"


def test_document_of_nothing_is_empty():
    assert document([], "fr") == document([None, ""], "fr") == ""


def query(text, language):
    return query_of(asked_words(text, [language]).values())


def test_query_asks_for_every_word_in_one_of_its_forms():
    found = query("Associação Europa", "pt")

    first, second = found.subqueries
    assert isinstance(found, And)
    assert [type(first), type(second)] == [Or, PlainText]
    assert [part.query_string for part in first.subqueries] == ["assoc", "associac"]
    assert second.query_string == "europ"


@pytest.mark.parametrize("text", ["", "  ", "le la les", "'", "!!", "__", "🎉", "\x00"])
def test_query_without_a_word_is_none(text):
    assert query(text, "fr") is None


def test_query_is_cut_to_a_sensible_length():
    found = query("mot " * 10_000, "fr"), query("x" * 10_000, "fr")

    assert len(found[0].subqueries) == MAX_QUERY_WORDS
    assert len(found[1].query_string) == MAX_QUERY_LENGTH


@pytest.mark.parametrize("text", HOSTILE)
def test_query_holds_nothing_but_letters(text):
    found = query(text, "fr")

    words = [found] if isinstance(found, PlainText) else list(getattr(found, "subqueries", []))
    plain = [part for word in words for part in getattr(word, "subqueries", [word])]
    assert [part.query_string for part in plain if not part.query_string.isalnum()] == []


def test_threads_do_not_stem_each_others_words():
    """Snowball's stemmers keep the word that they work on: shared, they gave IndexError, or another word's stem."""
    words = [f"{beginning}{end}" for beginning in ("nation", "conseil", "orient") for end in ENDINGS]
    stem.cache_clear()
    expected = [stem("fr", word) for word in words]
    pause = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(20):
                stem.cache_clear()
                assert list(pool.map(partial(stem, "fr"), words)) == expected
    finally:
        sys.setswitchinterval(pause)
