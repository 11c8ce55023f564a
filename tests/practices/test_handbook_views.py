"""The handbook over HTTP: stored files, chosen sheets, and words where there is no file."""

import threading

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone, translation

from portal.base.conditional import Body
from practices import handbook_views
from practices.handbook_views import MAX_SELECTION, Kept, Memory, memory
from practices.models import Chapter, Handbook
from practices.typesetting import Typeset, TypesettingFailed
from tests.factories import make_practice

pytestmark = pytest.mark.django_db

URL = "/en/handbook.pdf"


@pytest.fixture(autouse=True)
def empty_memory():
    memory.files.clear()


@pytest.fixture
def made(monkeypatch):
    calls = []

    def typeset(contents, **_options):
        calls.append([sheet["id"] for chapter in contents.data["chapters"] for sheet in chapter["sheets"]])
        return Typeset(b"%PDF-1.7 of this test", 1)

    monkeypatch.setattr(handbook_views, "typeset", typeset)
    return calls


def store(language="en", chapter=None, content=b"%PDF-1.7 stored"):
    name = default_storage.save("handbooks/test.pdf", ContentFile(content))
    fields = {"file": name, "digest": "a" * 64, "built_at": timezone.now(), "sheets": 2, "due_at": None}
    return Handbook.objects.update_or_create(language=language, chapter=chapter, defaults=fields)[0]


def said(response):
    return " ".join(response.content.decode().split())


# --- stored


def test_the_stored_file_is_answered_with_its_name(client, vademecum):
    store()

    response = client.get(URL, headers={"Accept-Encoding": "gzip"})

    assert (response.status_code, response.content) == (200, b"%PDF-1.7 stored")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="vademecum-en.pdf"'
    assert "Content-Encoding" not in response
    assert response["ETag"].startswith('"')
    assert "Last-Modified" in response
    assert response.cookies == {}


def test_who_has_it_already_gets_a_304(client, vademecum):
    store()
    tag = client.get(URL)["ETag"]

    assert client.get(URL, headers={"If-None-Match": tag}).status_code == 304
    assert client.head(URL).content == b""
    assert client.post(URL).status_code == 405


def test_a_chapter_has_a_file_of_its_own(client, vademecum):
    store(content=b"%PDF whole")
    store(chapter=Chapter.objects.get(code="run"), content=b"%PDF run")

    response = client.get(f"{URL}?chapter=run")

    assert (response.content, response["Content-Disposition"]) == (
        b"%PDF run",
        'inline; filename="vademecum-en-run.pdf"',
    )


@pytest.mark.parametrize("code", ["nothing", "x" * 5000, "%00", "'"])
def test_an_unknown_chapter_is_said_in_words(client, vademecum, code):
    response = client.get(f"{URL}?chapter={code}")

    assert response.status_code in {400, 404}
    if response.status_code == 404:
        assert "There is no such chapter" in said(response)


def test_while_none_is_made_yet_readers_are_asked_to_come_back(client, vademecum):
    Handbook.objects.all().delete()

    for response in (client.get(URL), client.get(URL)):
        assert (response.status_code, response["Retry-After"]) == (503, "60")
        assert "The handbook is being made" in said(response)
        assert response["Cache-Control"] == "no-store"
    assert Handbook.objects.count() == 0  # to read changes nothing


def test_a_file_that_the_storage_has_lost_is_being_made(client, vademecum):
    row = store()
    default_storage.delete(row.file.name)

    assert client.get(URL).status_code == 503


def test_an_empty_vademecum_and_a_huge_one_say_so(client, vademecum):
    Handbook.objects.update_or_create(language="en", chapter=None, defaults={"due_at": None, "file": "", "sheets": 0})
    response = client.get(URL)
    assert (response.status_code, "There is no sheet in it yet" in said(response)) == (404, True)

    Handbook.objects.update(sheets=2000)
    response = client.get(URL)
    assert (response.status_code, "This is too much for one file" in said(response)) == (404, True)


# --- chosen


def test_chosen_sheets_are_typeset_in_their_order_and_kept(client, vademecum, made):
    bare, full = vademecum["bare"].pk, vademecum["full"].pk
    url = f"{URL}?sheet={bare}&sheet={full}&sheet={bare}&sheet="

    first, second = client.get(url), client.get(url)

    assert first.content == second.content == b"%PDF-1.7 of this test"
    assert made == [[bare, full]]
    assert first["X-Robots-Tag"] == "noindex"
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_the_same_sheets_are_typeset_anew_once_they_have_changed(client, vademecum, made):
    url = f"{URL}?sheet={vademecum['bare'].pk}"
    client.get(url)
    vademecum["bare"].evidence = "measured"
    vademecum["bare"].save_revision().publish()
    client.get(url)

    assert len(made) == 2


def test_thirty_are_taken_and_more_are_refused_in_words(client, vademecum, made):
    many = [make_practice(f"n{number}").pk for number in range(MAX_SELECTION + 1)]

    ok = client.get(f"{URL}?" + "&".join(f"sheet={pk}" for pk in many[:MAX_SELECTION]))
    refused = client.get(f"{URL}?" + "&".join(f"sheet={pk}" for pk in many))

    assert ok.status_code == 200
    assert refused.status_code == 400
    assert "You have chosen 31 sheets" in said(refused)
    assert "At most 30 fit into one file" in said(refused)
    assert len(made) == 1


def test_two_thousand_in_the_address_are_refused_in_words(client, vademecum, made):
    refused = client.get(f"{URL}?" + "&".join(f"sheet={number}" for number in range(2000)))

    assert (refused.status_code, "You have chosen 2000 sheets" in said(refused), made) == (400, True, [])


@pytest.mark.parametrize("query", ["sheet=", "sheet=&sheet="])
def test_an_empty_selection_is_said_in_words(client, vademecum, made, query):
    response = client.get(f"{URL}?{query}")

    assert (response.status_code, "You have chosen no sheet" in said(response)) == (400, True)


@pytest.mark.parametrize("wrong", ["999999", "abc", "-1", "9" * 40, "1.5", "<script>", "²"])
def test_sheets_that_are_not_there_are_named_and_the_others_offered(client, vademecum, made, wrong):
    full, draft = vademecum["full"].pk, vademecum["draft"].pk

    response = client.get(URL, {"sheet": [wrong, str(full), str(draft)]})

    assert response.status_code == 404
    assert "2 of these sheets are not published" in said(response)
    assert f'href="{URL}?sheet={full}"' in said(response)
    assert "<script>" not in said(response).partition("<main")[2]
    assert made == []


def test_one_network_may_ask_for_so_many_an_hour(client, vademecum, made, own_cache, monkeypatch):
    monkeypatch.setattr(handbook_views, "PER_NETWORK", 2)
    keys = [make_practice(f"n{number}").pk for number in range(4)]

    found = [client.get(f"{URL}?sheet={pk}", REMOTE_ADDR="93.184.216.34") for pk in keys[:3]]
    again = client.get(f"{URL}?sheet={keys[0]}", REMOTE_ADDR="93.184.216.34")
    other = client.get(f"{URL}?sheet={keys[3]}", REMOTE_ADDR="93.184.217.34")

    assert [response.status_code for response in found] == [200, 200, 429]
    assert found[2]["Retry-After"] == "3600"
    assert (again.status_code, other.status_code) == (200, 200)  # what is kept costs nothing


def test_who_cannot_have_a_turn_is_asked_to_come_back(client, vademecum, made, monkeypatch):
    monkeypatch.setattr(handbook_views, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(handbook_views, "one_at_a_time", threading.BoundedSemaphore(1))
    with handbook_views.one_at_a_time:
        response = client.get(f"{URL}?sheet={vademecum['bare'].pk}")

    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert made == []


def test_a_failure_is_said_in_words_and_gives_the_turn_back(client, vademecum, monkeypatch):
    def fails(*_args, **_options):
        raise TypesettingFailed("x")

    monkeypatch.setattr(handbook_views, "typeset", fails)
    for _try in range(2):
        response = client.get(f"{URL}?sheet={vademecum['bare'].pk}")
        assert (response.status_code, "The file could not be made" in said(response)) == (503, True)


def test_what_is_kept_in_memory_has_a_limit():
    kept = Memory(limit=100)
    today = timezone.localdate()
    for name in "abcd":
        kept.keep((name, today), Kept(Body(b"x" * 40), timezone.now()))
        kept.get(("a", today))

    assert {name for name, _day in kept.files} == {"a", "d"}


def test_a_selection_is_a_real_file(client, vademecum):
    with translation.override("bg"):
        response = client.get(f"/bg/handbook.pdf?sheet={vademecum['full'].pk}")

    assert response.content.startswith(b"%PDF-1.7")
    assert response.status_code == 200
