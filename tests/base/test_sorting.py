"""The order of names in the reader's language."""

import pytest

from portal.base.sorting import sort_key


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("fr", ["Œuvre", "Ete", "Été", "Étage", "Eu", "École", "Zoo"]),
        ("da", ["Århus", "Ødis", "Ærø", "Zoo", "Odense", "Aabenraa"]),
        ("de", ["Österreich", "Oman", "Ozean", "Ägypten", "Afrika"]),
        ("es", ["Ñandú", "Nube", "Nación", "Oso", "África", "Alemania"]),
        ("bg", ["Йордания", "Италия", "Ирак", "Австрия", "Кения"]),
    ],
)
def test_names_are_sorted_as_in_a_dictionary_of_the_language(language, names):
    expected = {
        "fr": ["École", "Étage", "Ete", "Été", "Eu", "Œuvre", "Zoo"],
        "da": ["Aabenraa", "Odense", "Zoo", "Ærø", "Ødis", "Århus"],
        "de": ["Afrika", "Ägypten", "Oman", "Österreich", "Ozean"],
        "es": ["África", "Alemania", "Nación", "Nube", "Ñandú", "Oso"],
        "bg": ["Австрия", "Ирак", "Италия", "Йордания", "Кения"],
    }

    assert sorted(names, key=lambda name: sort_key(name, language)) == expected[language]
