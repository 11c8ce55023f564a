import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from events.models import CalendarEntry, Event, EventPage
from home.models import Cite, CitePage, Project
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
    return folder


def counts():
    models = (Cite, Project, Event, Practice, CitePage, EventPage, PracticePage, CalendarEntry)
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

    assert first[:4] == [3, 1, 2, 1]
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


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("cites.toml", 'country = "BE"', 'country = "Belgium"', ["cite bruxelles", "country"]),
        ("cites.toml", 'timezone = "Europe/Brussels"', 'timezone = "Europe/Bruxelles"', ["bruxelles", "timezone"]),
        ("cites.toml", "latitude = 50.8503", 'latitude = "north"', ["bruxelles", "latitude"]),
        ("projects.toml", 'amount = "185195"', 'amount = "a lot"', ["cocade", "grants 2", "amount"]),
        ("events.toml", 'kind = "meeting"', 'kind = "party"', ["cocade-kickoff", "kind"]),
        ("events.toml", 'project = "cocade"', 'project = "cacao"', ["cocade-kickoff", "project"]),
        ("practices.toml", 'chapter = "partnerships"', 'chapter = "nine"', ["lome-lead-partner", "chapter"]),
        ("vocabularies.toml", "[[pole]]", "[[pole]", ["vocabularies.toml", "line"]),
    ],
)
def test_load_demo_names_what_is_wrong_and_loads_nothing(folder, name, old, new, said):
    break_file(folder, name, old, new)

    with pytest.raises(CommandError) as caught:
        call_command("load_demo", folder=folder)

    assert [word for word in [name, *said] if word not in str(caught.value)] == []
    assert counts() == [0] * 8


def test_load_demo_refuses_a_missing_file(folder):
    (folder / "events.toml").unlink()

    with pytest.raises(CommandError, match=r"events\.toml: the file is missing"):
        call_command("load_demo", folder=folder)
