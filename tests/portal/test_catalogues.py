"""Catalogues: compiled without GNU gettext, and complete where that is promised."""

import gettext
import tomllib
from pathlib import Path

import polib
import pytest
from django.conf import settings as portal
from django.utils import translation

from portal.management.commands.check_messages import gaps, gaps_of_apps
from portal.management.commands.compile_catalogues import compile_catalogues

HEADER = """msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"
"""


def catalogue(folder: Path, entries: str) -> Path:
    po = folder / "fr" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(f"{HEADER}\n{entries}")
    return po


def test_compiled_catalogue_translates_words_and_plurals(tmp_path):
    catalogue(
        tmp_path,
        'msgid "Seats"\nmsgstr "Places"\n\n'
        'msgid "one seat"\nmsgid_plural "%(n)s seats"\nmsgstr[0] "une place"\nmsgstr[1] "%(n)s places"\n\n'
        '#, fuzzy\nmsgid "Guess"\nmsgstr "Faux"\n',
    )

    compile_catalogues([tmp_path])

    words = gettext.translation("django", tmp_path, ["fr"])
    assert words.gettext("Seats") == "Places"
    assert [words.ngettext("one seat", "%(n)s seats", number) for number in (1, 2)] == ["une place", "%(n)s places"]
    assert words.gettext("Guess") == "Guess"


def test_catalogue_is_compiled_again_only_when_it_changed(tmp_path):
    po = catalogue(tmp_path, 'msgid "Seats"\nmsgstr "Places"\n')

    runs = [compile_catalogues([tmp_path]), compile_catalogues([tmp_path])]
    catalogue(tmp_path, 'msgid "Seats"\nmsgstr "Sièges"\n')
    runs.append(compile_catalogues([tmp_path]))

    assert runs == [[po], [], [po]]
    assert gettext.translation("django", tmp_path, ["fr"]).gettext("Seats") == "Sièges"


@pytest.mark.parametrize(
    ("entry", "complaints"),
    [
        ('msgid "Seats"\nmsgstr "Places"', []),
        ('msgid "Seats"\nmsgstr ""', ["fr: not translated: 'Seats'"]),
        ('#, fuzzy\nmsgid "Seats"\nmsgstr "Places"', ["fr: fuzzy: 'Seats'"]),
        ('msgid "Hello %(name)s"\nmsgstr "Bonjour %(name)s"', []),
        ('msgid "100 % free"\nmsgstr "gratuit"', []),
        ('msgid "Hello %(name)s"\nmsgstr "Bonjour"', ["fr: a placeholder is missing: 'Hello %(name)s'"]),
        (
            'msgid "Hello {name}"\nmsgstr "Bonjour {nom}"',
            ["fr: a placeholder that the original does not have: 'Hello {name}'"],
        ),
        ('msgid "one"\nmsgid_plural "%(n)s"\nmsgstr[0] "un"\nmsgstr[1] "%(n)s"', []),
        ('msgid "one"\nmsgid_plural "%(n)s"\nmsgstr[0] "un"\nmsgstr[1] ""', ["fr: not translated: 'one'"]),
        ('msgid "one"\nmsgid_plural "%(n)s"\nmsgstr[0] "un"\nmsgstr[1] "n"', ["fr: a placeholder is missing: 'one'"]),
        ('#~ msgid "Old"\n#~ msgstr ""', []),
    ],
)
def test_gaps_names_what_is_wrong_with_an_entry(tmp_path, entry, complaints):
    po = catalogue(tmp_path, f"{entry}\n")

    assert list(gaps(po, "fr")) == complaints


def test_gaps_takes_the_words_of_the_code_for_english(tmp_path):
    po = catalogue(tmp_path, 'msgid "Seats"\nmsgstr ""\n\n#, fuzzy\nmsgid "Guess"\nmsgstr "Wrong"\n')

    assert list(gaps(po, "en")) == ["en: fuzzy: 'Guess'"]


def test_words_compiled_now_are_spoken_now(tmp_path, settings):
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("fr"):
        before = translation.gettext("A word of this test")
    catalogue(tmp_path, 'msgid "A word of this test"\nmsgstr "Un mot de cet essai"\n')

    compile_catalogues([tmp_path])

    with translation.override("fr"):
        assert (before, translation.gettext("A word of this test")) == ("A word of this test", "Un mot de cet essai")


def test_words_for_apps_are_in_every_language_or_complained_of(tmp_path):
    catalogue(tmp_path, 'msgid "Save draft"\nmsgstr "Garder"\n\nmsgid "Nobody says this"\nmsgstr "Rien"\n')

    assert list(gaps_of_apps(tmp_path, "django", ["fr", "pt"])) == [
        "pt: neither ours nor an app's: 'Nobody says this'",
        "django: no app says it: 'Nobody says this'",
    ]


def test_glossary_says_what_the_catalogues_say():
    lines = Path(portal.BASE_DIR, "docs", "glossary.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    languages = rows[0][1:-1]
    said = {language: vocabulary(language) | catalogued(language) for language in languages}

    wrong = {
        (term, language, word): said[language].get(term)
        for term, *words, _source in rows
        for language, word in zip(languages, words, strict=True)
        if term != "English" and word != said[language].get(term)
    }

    assert len(rows) > 60
    assert wrong == {}


def catalogued(language):
    entries = polib.pofile(str(Path(portal.LOCALE_PATHS[0], language, "LC_MESSAGES", "django.po")))
    return {entry.msgid: entry.msgstr for entry in entries}


def vocabulary(language):
    terms = tomllib.loads(Path(portal.BASE_DIR, "portal", "demo", "vocabularies.toml").read_text())
    return {term["labels"]["en"]: term["labels"][language] for kind in terms.values() for term in kind}
