"""When handbooks are made: in a while, once for many publications, again after a worker died, never half."""

import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from practices import handbook_building
from practices.checking import check
from practices.handbook_building import (
    LONGEST,
    PAUSE,
    build,
    build_due,
    changed,
    claim_next,
    ensure_rows,
    look_again,
    make_due,
    note,
    stale,
    sweep,
)
from practices.models import Chapter, Handbook, PracticePage
from practices.models.handbook import FOLDER
from practices.typesetting import Typeset, TypesettingFailed
from tests.factories import make_user, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_french(monkeypatch):
    """One language, and an empty folder."""
    monkeypatch.setattr(handbook_building, "settings", SimpleNamespace(LANGUAGES=[("fr", "Français")]))
    for name in default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else []:
        default_storage.delete(f"{FOLDER}/{name}")


@pytest.fixture
def made(monkeypatch):
    calls = []

    def typeset(contents, *, seconds):
        calls.append(contents.sheets)
        return Typeset(b"%PDF " + contents.digest.encode(), 7)

    monkeypatch.setattr(handbook_building, "typeset", typeset)
    return calls


@pytest.fixture
def built(vademecum, made):
    """All handbooks are made, and nothing is due."""
    Handbook.objects.all().delete()
    build_due()
    made.clear()
    return vademecum


def whole():
    return Handbook.objects.get(language="fr", chapter=None)


def content(row):
    with default_storage.open(row.file.name) as file:
        return file.read()


def change(title="Décider à plusieurs", words="<p>Seul.</p>"):
    page = PracticePage.objects.get(title=title)
    page.context = words
    page.save_revision().publish()


def later(delta=PAUSE + dt.timedelta(seconds=1)):
    return time_machine.travel(timezone.now() + delta, tick=False)


def test_each_language_has_the_whole_and_each_chapter(vademecum, made):
    assert build_due() == 4

    assert sorted(made) == [1, 1, 2]  # the empty chapter makes no file
    row = whole()
    assert (row.sheets, row.pages, row.due_at, row.failures) == (2, 7, None, 0)
    assert content(row) == b"%PDF " + row.digest.encode()
    assert row.bytes == len(content(row))
    empty = Handbook.objects.get(chapter=Chapter.objects.get(code="empty"))
    assert (empty.file.name, empty.sheets, empty.due_at) == ("", 0, None)


def test_many_publications_are_one_making(built, made):
    for words in ("<p>a</p>", "<p>b</p>", "<p>c</p>"):
        change(words=words)

    assert build_due() == 0  # not yet
    with later():
        build_due()
        build_due()

    assert sorted(made) == [1, 2]  # the whole, and the chapter of that sheet; the other says the same


def test_what_says_the_same_is_not_made_again(built, made):
    changed()
    with later():
        assert build_due() == 4

    assert made == []
    assert Handbook.objects.exclude(due_at=None).count() == 0


def test_the_first_publication_starts_the_clock_and_the_next_does_not_put_it_off(built):
    changed()
    first = whole().due_at
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=10), tick=False):
        changed()

    assert whole().due_at == first


def test_readers_have_the_old_file_while_the_new_one_is_made(built, made):
    old = whole()
    change()
    with later():
        claimed = claim_next()
        assert (whole().file.name, whole().digest) == (old.file.name, old.digest)
        build(claimed)

    assert content(old) != content(whole())  # the old one is there, until it is swept


def test_a_worker_that_was_killed_leaves_a_row_that_falls_due_again(built, made):
    change()
    with later():
        claim_next()  # and dies
        while claim_next():
            pass
        assert build_due() == 0
    with later(LONGEST + PAUSE * 2):
        assert make_due() == 4
        build_due()

    assert 2 in made
    assert list(stale()) == []


def test_what_is_published_while_it_is_made_is_made_after_it(built, made):
    change()
    with later():
        claimed = claim_next()
        change(words="<p>Encore.</p>")
        build(claimed)
        assert Handbook.objects.get(pk=claimed.pk).due_at is not None
    with later(PAUSE * 3):
        build_due()

    assert list(stale()) == []


def test_a_worker_that_another_has_overtaken_writes_nothing(built):
    change()
    with later():
        slow = claim_next()
    Handbook.objects.filter(pk=slow.pk).update(due_at=timezone.now() - dt.timedelta(hours=1))
    quick = claim_next()
    assert quick.pk == slow.pk

    note(quick, digest="new")
    note(slow, digest="old")

    assert Handbook.objects.get(pk=slow.pk).digest == "new"


def test_one_that_cannot_be_made_stops_no_other_and_is_tried_again(built, monkeypatch, made):
    def fails(contents, *, seconds):
        if contents.sheets == 2:
            raise TypesettingFailed("no such glyph\nmore")
        return Typeset(b"%PDF", 1)

    change()
    old = whole()
    monkeypatch.setattr(handbook_building, "typeset", fails)
    with later():
        build_due()
        row = whole()
        assert (row.failures, row.file.name) == (1, old.file.name)
        assert row.due_at > timezone.now()
        assert list(stale()) == ["handbook fr could not be made: TypesettingFailed: no such glyph"]
    assert Handbook.objects.filter(failures=0).count() == 3


def test_audit_says_what_is_stale_and_what_is_gone(built):
    assert list(stale()) == []

    Handbook.objects.filter(pk=whole().pk).update(digest="0" * 64)
    assert list(stale()) == ["handbook fr is not what would be made now"]

    row = Handbook.objects.get(chapter__code="run")
    default_storage.delete(row.file.name)
    assert "handbook fr/run: its file is gone" in list(stale())


def test_a_file_that_is_gone_is_made_again_within_the_hour(built, made):
    default_storage.delete(whole().file.name)

    look_again()
    with later():
        build_due()

    assert made == [2]
    assert default_storage.exists(whole().file.name)


def test_files_that_no_row_names_are_swept_after_an_hour(built):
    half = default_storage.save(f"{FOLDER}/half.pdf", ContentFile(b"%P"))

    assert sweep() == 0
    with later(dt.timedelta(hours=2)):
        assert sweep() == 1
    assert not default_storage.exists(half)
    assert default_storage.exists(whole().file.name)


def test_labels_that_change_are_seen_within_the_hour(built, made):
    Chapter.objects.filter(code="run").update(labels={"fr": "Conduire"})
    assert len(list(stale())) == 2

    look_again()
    with later():
        build_due()

    assert sorted(made) == [1, 2]


def test_a_new_chapter_has_rows(built):
    Chapter.objects.create(code="new", labels={"fr": "Nouveau"})

    ensure_rows()
    ensure_rows()

    assert Handbook.objects.filter(chapter__code="new").count() == 1


def test_too_many_sheets_make_no_file(built, monkeypatch, made):
    monkeypatch.setattr(handbook_building, "MAX_SHEETS", 1)
    changed()
    with later():
        build_due()

    assert (whole().file.name, whole().sheets) == ("", 2)
    assert list(stale()) == []
    assert made == []


def test_facts_and_words_of_owners_are_published_into_it(built):
    full = built["full"]
    for fact in (full, full.cite, full.project):
        Handbook.objects.update(due_at=None)
        publish(fact)
        assert whole().due_at is not None
    Handbook.objects.update(due_at=None)
    PracticePage.objects.get(title="Décider à plusieurs").unpublish()
    assert whole().due_at is not None


def test_a_check_makes_them_due(built, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as refused, pytest.raises(PermissionDenied):
        check(built["full"].pk, make_user("nobody"))
    assert (refused, whole().due_at) == ([], None)

    with django_capture_on_commit_callbacks(execute=True):
        check(built["full"].pk, make_user("coordinator", is_coordinator=True))

    assert whole().due_at is not None


def test_stored_ones_are_known_by_their_chapters(built):
    assert set(Handbook.objects.stored("fr")) == {"", "meet", "run"}
    assert Handbook.objects.stored("fr")[""].built_on == timezone.localdate()
    assert Handbook.objects.stored("en") == {}
