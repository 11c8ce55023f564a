import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from wagtail.models import Page, ReferenceIndex
from wagtail.search.models import IndexEntry
from wagtail_localize.models import Translation, TranslationSource

from events.models import CalendarEntry, Event, EventPage
from home.models import Cite, CitePage, Project, TrainingModule
from home.models.team import PAGE_ACTIONS
from portal.demo import loading
from portal.management.commands.load_demo import FOLDER
from practices.models import Practice, PracticePage

pytestmark = pytest.mark.django_db


def tables(text, kind):
    """Split a data file into what stands before its tables, and the tables of a kind."""
    parts = re.split(rf"(?m)^(?=\[\[{kind}\]\])", text)
    return parts[0], parts[1:]


def keep(folder, name, kind, wanted):
    """Keep of a data file the tables that name one of the wanted."""
    before, rows = tables((FOLDER / name).read_text(), kind)
    kept = [row for row in rows if any(f'"{key}"' in row.partition("\n\n")[0] for key in wanted)]
    (folder / name).write_text(before + "".join(re.sub(r'(?m)^cite = ".*"\n', "", row) for row in kept))


@pytest.fixture
def folder(tmp_path, settings):
    """Three Cités, a project, two events and a practice of the real files."""
    settings.VAR_DIR = tmp_path
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "vocabularies.toml").write_text((FOLDER / "vocabularies.toml").read_text())
    keep(folder, "pages.toml", "page", ())
    keep(folder, "cites.toml", "cite", ("bruxelles", "germany", "limousin"))
    keep(folder, "projects.toml", "project", ("cocade",))
    keep(folder, "events.toml", "event", ("cocade-final-meeting", "cocade-kickoff"))
    keep(folder, "practices.toml", "practice", ("lome-lead-partner",))
    modules = (FOLDER / "modules.toml").read_text()
    (folder / "modules.toml").write_text(modules.replace('project = "keep-in-pact"\n', ""))
    return folder


WORDS = """
[home]
title = "Rete"
hero = "Trovare la Cité più vicina"
lead = "{cites} Cités in {countries} paesi."
[network]
title = "La rete"
intro = "Paese per paese."
[agenda]
title = "Agenda"
intro = "Riunioni e visite."
[vademecum]
title = "Vademecum"
intro = "Le buone pratiche."
[projects]
title = "Progetti"
intro = "I progetti europei."
[skills]
title = "Competenze"
intro = "Il repertorio."
[cite.bruxelles]
summary = "Nella torre Astro."
body = ["Aperta nel 2018.", "Due lingue.", "## Date", "- 2015: label.\\n- 2018: apertura.\\n- 2018: inaugurazione.\\n- 2019: visite."]
[event."cocade-kickoff"]
title = "COCADE: riunione di avvio"
summary = "Tutti i partner."
body = ["La prima riunione.", "La fonte dice il mese."]
"""  # noqa: E501


@pytest.fixture
def italian(folder):
    """The same with words in Italian for one Cité and one event."""
    (folder / "words").mkdir()
    (folder / "words" / "it.toml").write_text(WORDS)
    return folder


def counts():
    models = (Cite, Project, Event, Practice, TrainingModule, CitePage, EventPage, PracticePage, CalendarEntry)
    return [model.objects.count() for model in models]


def break_file(folder, name, old, new):
    path = Path(folder, name)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_load_demo_twice_gives_the_same_counts(folder, capsys, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_demo", folder=folder)
    first = counts()

    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_demo", folder=folder)

    assert first[:5] == [3, 1, 2, 1, 3]
    assert counts() == first


def test_load_demo_publishes_what_is_known_and_keeps_the_rest_as_drafts(
    folder, capsys, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_demo", folder=folder)

    found = {cite.slug: (cite.state, cite.live) for cite in Cite.objects.all()}
    languages = sorted((page.language, page.live) for page in CitePage.objects.filter(cite__slug="bruxelles"))
    assert found == {"bruxelles": ("open", True), "germany": ("unidentified", False), "limousin": ("former", True)}
    assert languages == [("en", True), ("fr", True)]


def test_load_demo_keeps_what_an_editor_changed(folder, capsys, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_demo", folder=folder)
    Cite.objects.filter(slug="bruxelles").update(phone="+32 2 000 00 00")
    CitePage.objects.filter(cite__slug="bruxelles").update(summary="Relu.")

    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_demo", folder=folder)

    cite = Cite.objects.get(slug="bruxelles")
    assert (cite.phone, {page.summary for page in cite.pages.all()}) == ("+32 2 000 00 00", {"Relu."})


def test_load_demo_opens_a_tree_for_a_further_language(italian, capsys, django_capture_on_commit_callbacks):
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("load_demo", folder=italian)

    pages = Page.objects.filter(locale__language_code="it").order_by("path").specific()
    assert [(page.title, page.summary, page.live, page.alias_of_id) for page in pages] == [
        ("Rete", "", True, None),
        ("La rete", "Paese per paese.", True, None),
        ("Cité des métiers de Bruxelles", "Nella torre Astro.", True, None),
        ("Vademecum", "Le buone pratiche.", True, None),
        ("Agenda", "Riunioni e visite.", True, None),
        ("COCADE: riunione di avvio", "Tutti i partner.", True, None),
        ("Progetti", "I progetti europei.", True, None),
        ("Competenze", "Il repertorio.", True, None),
    ]
    cite = pages[2].specific
    assert [str(block.value) for block in cite.body][:2] == ["<p>Aperta nel 2018.</p><p>Due lingue.</p>", "Date"]
    assert cite.cite.slug == "bruxelles"
    assert Translation.objects.get(source__object_id=cite.translation_key, target_locale=cite.locale).enabled
    assert cite.group_permissions.filter(group=cite.cite.team.group).count() == len(PAGE_ACTIONS)


def test_load_demo_translates_no_original_that_an_editor_changed(italian, capsys, django_capture_on_commit_callbacks):
    (italian / "words" / "it.toml").rename(italian / "it.toml")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_demo", folder=italian)
    TranslationSource.objects.all().delete()
    CitePage.objects.filter(cite__slug="bruxelles", locale__language_code="fr").update(summary="Relu.")
    (italian / "it.toml").rename(italian / "words" / "it.toml")

    with django_capture_on_commit_callbacks(execute=True):
        call_command("load_demo", folder=italian)

    assert not CitePage.objects.filter(locale__language_code="it").exists()
    assert EventPage.objects.filter(locale__language_code="it", live=True).count() == 1


def search_entries():
    return sorted(IndexEntry.objects.values_list("content_type", "object_id", "title", "autocomplete", "body"))


def references():
    fields = ("content_type", "object_id", "to_content_type", "to_object_id", "model_path", "content_path")
    return sorted(ReferenceIndex.objects.values_list(*fields))


def test_load_demo_leaves_indexes_as_if_they_were_rebuilt(italian, capsys):
    call_command("load_demo", folder=italian)
    found = search_entries(), references()

    call_command("update_index", verbosity=0)
    call_command("rebuild_references_index", verbosity=0)

    assert len(found[0]) == Page.objects.count()
    assert found == (search_entries(), references())


def test_load_demo_after_an_interruption_ends_as_if_there_had_been_none(italian, capsys, monkeypatch):
    def break_off(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loading, "load_practice", break_off)
        with pytest.raises(KeyboardInterrupt):
            call_command("load_demo", folder=italian)
    assert not IndexEntry.objects.exists()
    call_command("load_demo", folder=italian)
    found = search_entries(), references()

    call_command("update_index", verbosity=0)
    call_command("rebuild_references_index", verbosity=0)

    assert counts()[:4] == [3, 1, 2, 1]
    assert CalendarEntry.objects.filter(event__name__startswith="COCADE").count() == counts()[-1]
    assert found == (search_entries(), references())


def test_load_demo_lets_what_is_saved_afterwards_be_indexed(folder, capsys):
    call_command("load_demo", folder=folder)
    page = CitePage.objects.filter(cite__slug="bruxelles").first()

    page.title = "Huis"
    page.save()

    # SQLite keeps the words, PostgreSQL what it made of them.
    kept = {"sqlite": "Huis huis", "postgresql": "'huis':1B,2"}[connection.vendor]
    assert IndexEntry.objects.get(object_id=page.pk, content_type=page.content_type).title == kept


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('hero = "Trovare la Cité più vicina"', "", ["home", "hero", "missing"]),
        ("[projects]", "[project]", ["projects", "missing"]),
        ('summary = "Nella torre Astro."', "", ["cite bruxelles", "summary", "missing"]),
        ('summary = "Nella torre Astro."', 'title = "Bruxelles"', ["cite bruxelles", "title"]),
        ('"Due lingue.", ', "", ["cite bruxelles", "body", "string 2"]),
        ("\\n- 2019: visite.", "", ["cite bruxelles", "body", "string 4"]),
        ('"La fonte dice il mese."', '"- il mese"', ["event cocade-kickoff", "body", "string 2"]),
        ("[cite.bruxelles]", "[cite.germany]", ["cite germany", "not published"]),
    ],
)
def test_load_demo_refuses_words_that_would_leave_french(italian, old, new, said):
    break_file(italian / "words", "it.toml", old, new)

    with pytest.raises(CommandError) as caught:
        call_command("load_demo", folder=italian)

    assert [word for word in ["it.toml", *said] if word not in str(caught.value)] == []
    assert counts() == [0] * 9


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("cites.toml", 'country = "BE"', 'country = "Belgium"', ["cite bruxelles", "country"]),
        ("cites.toml", 'timezone = "Europe/Brussels"', 'timezone = "Europe/Bruxelles"', ["bruxelles", "timezone"]),
        ("cites.toml", "latitude = 50.8503", 'latitude = "north"', ["bruxelles", "latitude"]),
        ("projects.toml", 'amount = "185195"', 'amount = "a lot"', ["cocade", "grants 2", "amount"]),
        ("events.toml", 'kind = "meeting"', 'kind = "party"', ["cocade-kickoff", "kind"]),
        ("events.toml", 'project = "cocade"', 'project = "cacao"', ["cocade-kickoff", "project"]),
        ("modules.toml", 'requires = ["keep', 'requires = ["later', ["demonstration-meeting", "requires"]),
        ("practices.toml", 'chapter = "partnerships"', 'chapter = "nine"', ["lome-lead-partner", "chapter"]),
        ("vocabularies.toml", "[[pole]]", "[[pole]", ["vocabularies.toml", "line"]),
    ],
)
def test_load_demo_names_what_is_wrong_and_loads_nothing(folder, name, old, new, said):
    break_file(folder, name, old, new)

    with pytest.raises(CommandError) as caught:
        call_command("load_demo", folder=folder)

    assert [word for word in [name, *said] if word not in str(caught.value)] == []
    assert counts() == [0] * 9


def test_load_demo_refuses_a_missing_file(folder):
    (folder / "events.toml").unlink()

    with pytest.raises(CommandError, match=r"events\.toml: the file is missing"):
        call_command("load_demo", folder=folder)
