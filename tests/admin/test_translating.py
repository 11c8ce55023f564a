"""The work of translating: who may do what, files of translations, machines, and two people at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils.translation import override
from wagtail_localize.machine_translators.dummy import DummyTranslator
from wagtail_localize.models import OverridableSegment, StringSegment, StringTranslation, Translation
from wagtail_localize.strings import StringValue

from events.models import EventPage
from home.groups import ensure_translators
from portal.base.hub import words_status
from portal.base.models import Wording
from portal.base.outdated import work_on
from tests import factories
from tests.admin.conftest import logged_in, told
from tests.factories import make_event, stored
from tests.filled_forms import posted
from tests.translating import begin, fill, publish, rewrite, translated

pytestmark = pytest.mark.django_db

REFUSED = "/admin/"
BODY = [("text", '<p>Bonjour <a href="https://example.org/">à tous</a>.</p>')]


@pytest.fixture
def event(porto):
    return make_event("Formation", cite=porto, original_language="")


@pytest.fixture
def original(trees, porto, event):
    page = porto.pages.get()
    factories.cite_page(trees["en"]["network"], porto, "Cité porto", translation_key=page.translation_key)
    return factories.event_page(page, event, "Formation", body=BODY)


@pytest.fixture
def translation(original):
    return begin(original)


@pytest.fixture
def translator(trees):
    user = factories.make_user("translator")
    user.groups.add(ensure_translators())
    return logged_in(user)


def address(name: str, *args: Any) -> str:
    return reverse(f"wagtail_localize:{name}", args=args)


def segment(translation: Translation, path: str) -> StringSegment:
    return StringSegment.objects.get(source=translation.source, context__path__startswith=path)


def put(client: Client, translation: Translation, path: str, text: str) -> Any:
    where = address("edit_string_translation", translation.pk, segment(translation, path).pk)
    # As the editor's script sends it.
    return client.put(where, encode_multipart(BOUNDARY, {"value": text}), content_type=MULTIPART_CONTENT)


def edit(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def opened(client: Client, page: Any) -> dict[str, Any]:
    """The form of a page, whose body a browser's script would fill in."""
    return posted(client.get(edit(page))) | {"body-count": "0"}


# --- the small correction, in the editor


def test_editor_says_that_a_change_is_a_small_correction_for_this_version_only(editor, original):
    page = translated(original)
    data = opened(editor, original) | {"title": "Formations", "means_the_same": "on"}

    editor.post(edit(original), data | {"action-publish": "1"})
    form = opened(editor, original)

    assert (stored(original).title, stored(page).wording.outdated_since) == ("Formations", None)
    assert "means_the_same" not in form


def test_page_without_other_languages_is_not_asked(editor, original):
    page = BeautifulSoup(editor.get(edit(original)).content, "html.parser")

    assert page.select_one("[name=means_the_same]") is None


# --- translators


def test_translator_translates_and_the_text_is_in_work(translator, editor, original, translation, event):
    page = translation.get_target_instance()

    opened = translator.get(edit(page))
    answer = put(translator, translation, "title", "Training")

    with override("en"):
        row = next(row for row in words_status(event, factories.make_user("other")) if row["code"] == "en")
    assert (opened.status_code, answer.status_code, row["state"]) == (200, 201, "draft")
    assert (row["label"], row["notes"]) == ("in translation", ["1 of 2 passages translated"])


def test_translator_publishes_nothing(translator, original, translation, event):
    fill(translation)
    page = translation.get_target_instance()
    publish_hub = f"/admin/events/{event.pk}/publish/"
    source = translation.source

    answers = [
        translator.post(edit(page), {"action": "publish"}),
        translator.post(address("submit_page_translation", original.pk), {"locales": [page.locale_id]}),
        translator.post(address("update_translations", source.pk), {"publish_translations": "on"}),
        translator.post(address("convert_to_alias", page.pk)),
        translator.post(reverse("wagtailadmin_pages:delete", args=[page.pk])),
        translator.post(edit(original), opened(translator, original) | {"action-publish": "1"}),
    ]
    hub = translator.post(publish_hub, {"page": page.pk})

    after = EventPage.objects.get(pk=page.pk)
    assert [answer["Location"] for answer in answers[:5]] == [REFUSED] * 5
    assert (hub.status_code, after.live, after.alias_of_id) == (403, False, None)
    assert stored(original).live_revision_id == original.live_revision_id


def test_translator_has_no_facts(translator, event, original):
    answers = [translator.get(f"/admin/events/{event.pk}/"), translator.get("/admin/events/")]

    assert [answer.status_code in (302, 403) for answer in answers] == [True, True]


# --- the button of wagtail-localize's editor


def press(client: Client, page: Any) -> str:
    answer = client.post(edit(page), {"action": "publish"})
    assert answer["Location"] == edit(page)
    return told(answer)[-1]


def test_editor_publishes_no_translation_that_lacks_passages(editor, translation):
    page = translation.get_target_instance()
    fill(translation, "title", prefix="EN ")

    said = press(editor, page)

    assert said == ("Not published. “EN Formation” is not wholly translated yet. 1 passage is missing: Bonjour à tous.")
    assert (stored(page).live, stored(page).has_unpublished_changes) == (False, True)


def test_refusal_names_three_passages(editor, trees, porto, event):
    body = [("text", f"<p>{number} {'a ' * 40}</p>") for number in range(5)]
    cite = porto.pages.get()
    factories.cite_page(trees["en"]["network"], porto, "Cité porto", translation_key=cite.translation_key)
    translation = begin(factories.event_page(cite, event, "Formation", body=body))
    fill(translation, "title")

    said = press(editor, translation.get_target_instance())

    assert "5 passages are missing: 0 a a" in said
    assert (said.count("·"), said[-1]) == (3, "…")


def test_address_need_not_be_translated_and_stays_when_the_title_changes(editor, translation):
    page = translation.get_target_instance()
    for path, text in {"title": "Обучение: more", "body": "Hello."}.items():
        put(editor, translation, path, text)

    said = press(editor, page)

    assert (said, stored(page).live, stored(page).slug) == ("“Обучение: more” is public now.", True, "obuchenie-more")
    assert translation.get_progress() == (3, 3)
    put(editor, translation, "title", "Course")
    assert press(editor, page) == "“Course” is public now."
    assert (stored(page).title, stored(page).slug) == ("Course", "obuchenie-more")


@pytest.mark.parametrize(
    ("slug", "title", "expected"),
    [
        ("formation", "Training", "training"),
        ("formation-2", "Training", "training"),
        ("cfp", "Training", "cfp"),  # somebody chose it
        ("formation", "Event", "formation"),  # promised to something else
        ("formation", "…", "formation"),
    ],
)
def test_address_of_a_translation(editor, original, slug, title, expected):
    translation = begin(rewrite(original, slug=slug))
    put(editor, translation, "title", title)
    fill(translation, "title", "body")

    press(editor, translation.get_target_instance())

    assert translation.get_target_instance().slug == expected


def test_address_that_was_public_stays(editor, translation):
    fill(translation, "title", "body", prefix="EN ")
    page = publish(translation)

    press(editor, page)

    assert (stored(page).title, stored(page).slug) == ("EN Formation", page.slug)
    assert StringTranslation.objects.filter(context__path="slug", data=page.slug).count() == 1


# --- files of translations


def upload(client: Client, translation: Translation, content: bytes) -> list[str]:
    file = SimpleUploadedFile("en.po", content)
    answer = client.post(address("upload_pofile", translation.pk), {"file": file, "next": "/admin/pages/"})
    assert answer["Location"] == "/admin/pages/"
    return told(answer)


def exported(translation: Translation, **texts: str) -> bytes:
    po = translation.export_po()
    for entry in po:
        entry.msgstr = texts.get(entry.msgctxt.partition(".")[0], "")
    return str(po).encode()


def test_file_is_exported_filled_in_and_imported(translator, translation):
    file = translator.get(address("download_pofile", translation.pk)).content.decode()
    filled = file.replace('msgid "Formation"\nmsgstr ""', 'msgid "Formation"\nmsgstr "Training"')

    said = upload(translator, translation, filled.encode())

    assert said == ["Successfully imported translations from PO File."]
    assert StringTranslation.objects.get(context__path="title").data == "Training"


NOT_PO = "This is not a PO file that the portal can read. Export it anew, and fill that one in."


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Dear colleague, here it is.\n", NOT_PO),
        (b"\x00\x01\x02" * 100, NOT_PO),
        ('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8"\n'.encode("utf-16"), NOT_PO),
        (b"", NOT_PO),
        (b'msgid "Formation"\nmsgstr "Training"\n', "This file belongs to another page or language."),
        (b"#" * (2 * 1024 * 1024), "The file is larger than 1\xa0MB; a page’s is much smaller."),
    ],
)
def test_file_that_is_none_is_refused_in_words(translator, translation, content, expected):
    said = upload(translator, translation, content)

    assert ([line.replace("\xa0", " ") for line in said], StringTranslation.objects.count()) == (
        [expected.replace("\xa0", " ")],
        0,
    )


def test_no_file_at_all_is_refused_in_words(translator, translation):
    answer = translator.post(address("upload_pofile", translation.pk), {"next": "/admin/pages/"})

    assert told(answer) == [NOT_PO]


def test_file_of_another_page_changes_nothing(translator, translation, event, porto):
    other = begin(
        factories.event_page(porto.pages.get(locale__language_code="fr"), make_event(cite=porto), "Formation")
    )

    said = upload(translator, translation, exported(other, title="Training"))

    assert (said, StringTranslation.objects.count()) == (["This file belongs to another page or language."], 0)


@pytest.mark.parametrize(
    "text",
    [
        "Hello <script>alert(1)</script>",
        '<b onclick="alert(1)">Hello</b>',
        '<a href="javascript:alert(1)">Hello</a>',
        'Hello <a id="a7">everybody</a>',
        "<img src=x onerror=alert(1)>",
    ],
)
def test_markup_that_the_original_does_not_have_reaches_no_page(translator, translation, text):
    said = upload(translator, translation, exported(translation, title="Training", body=text))
    nothing = StringTranslation.objects.count()
    put(translator, translation, "body", text.replace("&", "%26"))
    fill(translation)

    page = publish(translation)

    assert said[0].startswith("Nothing was imported. “Bonjour")
    assert nothing == 0
    html = Client().get(page.url).content.decode()
    assert not any(part in html for part in ("alert(1)", 'id="a7"'))


def test_placeholders_stay_as_they_are(translator, trees):
    home = rewrite(trees["fr"]["home"], lead="Il y a {cites} Cités.")
    trees["en"]["home"].delete()
    translation = begin(home)

    wrong = upload(translator, translation, exported(translation, lead="There are {cities} Cités."))
    more = upload(translator, translation, exported(translation, title="Home {cites}"))
    right = upload(translator, translation, exported(translation, lead="There are {cites} Cités."))

    assert wrong == ["Nothing was imported. “Il y a {cites} Cités.”: Keep what stands in braces as it is: {cites}."]
    assert more[-1].endswith("The original has nothing in braces.")
    assert right[-1:] == ["Successfully imported translations from PO File."]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("There are {cities} Cités.", "Keep what stands in braces as it is: {cites}."),
        ("There are many Cités.", "Keep what stands in braces as it is: {cites}."),
        ("There are {cites} <b class='x'>Cités</b>.", "Strings cannot have any HTML tags with attributes (except f"),
        ("There are {cites} <script>x</script> Cités.", "<script> tag is not allowed. Strings can only contain st"),
    ],
)
def test_passage_that_no_page_can_use_is_kept_beside_the_reason(translator, trees, text, why):
    home = rewrite(trees["fr"]["home"], lead="Il y a {cites} Cités.")
    trees["en"]["home"].delete()
    translation = begin(home)
    fill(translation)

    answer = put(translator, translation, "lead", text)

    assert (answer.json()["data"], answer.json()["error"][:56]) == (text, why[:56])
    shown = json.loads(
        BeautifulSoup(translator.get(edit(translation.get_target_instance())).content, "html.parser").select_one(
            ".js-translation-editor"
        )["data-props"]
    )
    (kept,) = [row for row in shown["initialStringTranslations"] if row["error"]]
    assert (kept["data"], kept["error"][:56]) == (text, why[:56])
    assert work_on(translation.get_target_instance()).missing_parts == {"lead"}
    mended = put(translator, translation, "lead", "There are {cites} Cités.").json()
    assert (mended["error"], work_on(translation.get_target_instance()).is_complete) == (None, True)


def test_title_that_is_too_long_is_refused_in_words(translator, translation):
    put(translator, translation, "title", "Training")

    answer = put(translator, translation, "title", "x" * 256)
    said = upload(translator, translation, exported(translation, title="x" * 256))

    assert (answer.status_code, answer.json()["data"]) == (200, "x" * 256)
    assert answer.json()["error"] == "A title has at most 255 characters."
    assert said == ["Nothing was imported. “Formation”: A title has at most 255 characters."]
    assert StringTranslation.objects.get().data == "Training"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "https://example.org/en/"])
def test_link_of_a_translation_leads_to_no_script(translator, translation, link):
    row = OverridableSegment.objects.get(source=translation.source)
    where = address("edit_override", translation.pk, row.pk)

    answer = translator.put(where, f"value={link}", content_type="application/x-www-form-urlencoded")

    fill(translation)
    html = Client().get(publish(translation).url).content.decode()
    is_good = link.startswith("https:")
    assert (answer.status_code in (200, 201), f'href="{link}"' in html) == (is_good, is_good)


def test_request_without_a_value_is_a_bad_one(translator, translation):
    answers = [
        translator.put(address("edit_string_translation", translation.pk, segment(translation, "title").pk)),
        translator.put(address("edit_override", translation.pk, OverridableSegment.objects.get().pk)),
        put(translator, translation, "title", "Training\0"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]


def test_editor_of_another_cite_imports_nothing(lyon, translation):
    stranger = logged_in(factories.make_user("stranger", cite=lyon))
    file = SimpleUploadedFile("en.po", exported(translation, title="Training"))

    answer = stranger.post(address("upload_pofile", translation.pk), {"file": file})

    assert (answer["Location"], StringTranslation.objects.count()) == (REFUSED, 0)


# --- machines


DUMMY = {"CLASS": "wagtail_localize.machine_translators.dummy.DummyTranslator"}


def test_no_machine_translates_unless_one_is_set(translator, translation):
    assert translator.post(address("machine_translate", translation.pk)).status_code == 404


def test_machine_that_does_not_answer_is_said(settings, translator, translation):
    settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = {
        "CLASS": "wagtail_localize.machine_translators.libretranslate.LibreTranslator",
        "OPTIONS": {"LIBRETRANSLATE_URL": "http://127.0.0.1:9", "API_KEY": "", "TIMEOUT": 2},
    }

    answer = translator.post(address("machine_translate", translation.pk))

    assert told(answer) == ["The machine does not answer. Nothing was translated; try again later."]
    assert StringTranslation.objects.count() == 0


class Spoiling(DummyTranslator):
    """Translates what stands in braces as well."""

    def translate(self, source_locale: Any, target_locale: Any, strings: Any) -> dict[Any, StringValue]:
        return {string: StringValue(string.data.replace("{cites}", "{cities}")) for string in strings}


def test_machine_that_spoils_a_placeholder_is_found_out(settings, translator, trees):
    settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = {"CLASS": f"{__name__}.{Spoiling.__name__}"}
    home = rewrite(trees["fr"]["home"], lead="Il y a {cites} Cités.")
    trees["en"]["home"].delete()
    translation = begin(home)

    translator.post(address("machine_translate", translation.pk))

    assert work_on(translation.get_target_instance()).missing_parts == {"lead"}


def test_words_of_a_machine_are_marked_until_somebody_has_read_them_over(settings, translator, translation, event):
    settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = DUMMY
    notice = "This text was translated by a machine. Nobody has read it over yet."

    translator.post(address("machine_translate", translation.pk))
    row = next(row for row in words_status(event, factories.make_user("other")) if row["code"] == "en")
    page = publish(translation)
    machine = Client().get(page.url).content.decode()
    for text in StringTranslation.objects.select_related("context"):
        put(translator, translation, text.context.path, text.data)
    publish(translation)

    assert len(row["notes"]) == 1
    assert notice in machine
    assert (notice in Client().get(page.url).content.decode(), Wording.objects.get(page=page).is_unreviewed) == (
        False,
        False,
    )


# --- two people at once, and people who leave


def test_editor_who_left_the_team_is_refused_and_her_draft_stays(porto, original):
    user = factories.make_user("leaving", cite=porto)
    client = logged_in(user)
    data = opened(client, original) | {"title": "Brouillon"}
    client.post(edit(original), data)
    user.groups.clear()

    answers = [client.get(edit(original)), client.post(edit(original), data | {"title": "Trop tard"})]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert stored(original).get_latest_revision_as_object().title == "Brouillon"


def test_second_of_two_who_save_the_same_page_loses_nobodys_words(porto, original):
    first, second = (logged_in(factories.make_user(name, cite=porto)) for name in ("first", "second"))
    forms = [opened(client, original) for client in (first, second)]

    first.post(edit(original), forms[0] | {"title": "De la première"})
    second.post(edit(original), forms[1] | {"title": "Du second"})

    titles = [revision.as_object().title for revision in original.revisions.order_by("pk")]
    assert titles == ["Formation", "De la première", "Du second"]


def test_autosave_does_not_write_over_what_a_colleague_saved_meanwhile(porto, original):
    first, second = (logged_in(factories.make_user(name, cite=porto)) for name in ("first", "second"))
    form = opened(second, original)
    first.post(edit(original), opened(first, original) | {"title": "De la première"})

    answer = second.post(edit(original), form | {"title": "Du second"}, headers={"accept": "application/json"})

    assert answer.status_code == 400
    assert stored(original).get_latest_revision_as_object().title == "De la première"
