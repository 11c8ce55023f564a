"""What Wagtail and wagtail-localize let through by default: translations, copies, deletions."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection, Locale, Page
from wagtail_localize.models import Translation, TranslationSource

from events.models import Event, EventPage, Registration
from home.models import CitePage
from home.models.team import ensure_team
from tests import factories
from tests.admin.conftest import logged_in, told
from tests.admin.people import registered
from tests.factories import admit, make_event, make_practice, stored

pytestmark = pytest.mark.django_db

REFUSED = "/admin/"


@pytest.fixture
def event(porto):
    return make_event("Formation", cite=porto, original_language="")


@pytest.fixture
def original(porto, event):
    return factories.event_page(porto.pages.get(), event, "Formation")


@pytest.fixture
def cite_in_english(trees, porto):
    page = porto.pages.get()
    return factories.cite_page(trees["en"]["network"], porto, "Cité porto", translation_key=page.translation_key)


@pytest.fixture
def stranger(lyon):
    """An editor of another Cité, with all rights there."""
    return logged_in(factories.make_user("stranger", cite=lyon))


def submit(client, page, *codes, **data: Any):
    locales = Locale.objects.filter(language_code__in=codes or ("en",))
    address = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    return client.post(address, {"locales": [locale.pk for locale in locales], **data})


def update(client, source, **data: Any):
    return client.post(reverse("wagtail_localize:update_translations", args=[source.pk]), data)


def translate(page):
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))
    translation.save_target(publish=False)
    return translation


# --- translations


def test_editor_begins_a_translation_of_the_same_event(editor, event, original, cite_in_english):
    answer = submit(editor, original)

    page = EventPage.objects.get(locale__language_code="en")
    assert answer["Location"] == f"/admin/pages/{page.pk}/edit/"
    assert (page.live, page.event, page.alias_of, page.get_parent().pk) == (False, event, None, cite_in_english.pk)


def test_translation_of_a_page_of_others_is_refused(stranger, original, cite_in_english):
    answer = submit(stranger, original)

    assert (answer["Location"], EventPage.objects.count(), Translation.objects.count()) == (REFUSED, 1, 0)


def test_update_of_translations_of_others_is_refused(stranger, original, cite_in_english):
    translation = translate(original)
    page = translation.get_target_instance()
    before = page.latest_revision_id

    answer = update(stranger, translation.source, publish_translations="on")

    page.refresh_from_db()
    assert (answer["Location"], page.live, page.latest_revision_id) == (REFUSED, False, before)


def test_update_never_publishes_what_is_not_translated_yet(editor, original, cite_in_english):
    translation = translate(original)
    page = translation.get_target_instance()
    page.save_revision().publish()
    changed = stored(original)
    changed.title = "Nouvelle formation"
    changed.save_revision().publish()

    update(editor, translation.source, publish_translations="on")

    assert (stored(page).title, TranslationSource.objects.get().object_repr) == ("Formation", "Nouvelle formation")


def test_update_of_a_source_that_is_gone_is_refused(editor, original, cite_in_english):
    source = translate(original).source
    stored(original).delete()

    assert update(editor, source)["Location"] == REFUSED


def test_translation_of_a_draft_waits_for_its_publication(editor, porto, event, cite_in_english):
    page = factories.event_page(porto.pages.get(locale__language_code="fr"), event, "Formation", live=False)

    answer = submit(editor, page)

    assert (answer["Location"], told(answer)) == (
        f"/admin/pages/{page.pk}/edit/",
        ["Publish the original first; then it can be translated."],
    )
    assert EventPage.objects.count() == 1


def test_editor_may_edit_a_translation_of_the_own_cite_made_later(trees, lyon, porto):
    editor = factories.make_user("later", cite=lyon)
    source, _created = TranslationSource.update_or_create_from_instance(lyon.pages.get())
    Translation.objects.create(source=source, target_locale=trees["en"]["network"].locale).save_target(publish=False)
    page = CitePage.objects.get(cite=lyon, locale__language_code="en")

    may = page.permissions_for_user(get_user_model().objects.get(pk=editor.pk))

    assert (may.can_edit(), may.can_publish(), may.can_add_subpage()) == (True, True, True)
    stranger = get_user_model().objects.get(pk=factories.make_user("other", cite=porto).pk)
    assert not page.permissions_for_user(stranger).can_edit()


def test_translation_begins_from_the_original_only(editor, original, cite_in_english):
    factories.locale("it")
    page = translate(original).get_target_instance()
    page.save_revision().publish()

    answer = submit(editor, page, "it")

    assert told(answer) == ["Translate from the original page, not from a translation."]
    assert EventPage.objects.count() == 2


def test_translation_has_no_place_where_the_page_above_is_not_translated(editor, original):
    """wagtail-localize would make a public page of the Cité there, with French words under an English address."""
    answer = submit(editor, original)

    assert (answer.status_code, EventPage.objects.count()) == (200, 1)
    assert CitePage.objects.filter(locale__language_code="en").count() == 0


def test_translation_takes_no_drafts_along(editor, porto, event, original):
    factories.event_page(porto.pages.get(), make_event("Draft", cite=porto, live=False), "Draft", live=False)

    submit(editor, porto.pages.get(), include_subtree="on")

    assert CitePage.objects.filter(locale__language_code="en").count() == 1
    assert EventPage.objects.filter(locale__language_code="en").count() == 0


def test_facts_are_not_translated(editor, event):
    snippet = {"app_label": "events", "model_name": "event"}
    names = [("submit_snippet_translation", snippet | {"pk": event.pk}), ("snippets_api_listing", snippet)]
    names.append(("snippets_api_detail", snippet | {"pk": event.pk}))

    answers = [editor.get(reverse(f"wagtail_localize:{name}", kwargs=kwargs)).status_code for name, kwargs in names]

    assert answers == [404, 404, 404]


REPORTS = [
    "wagtail_localize:translations_report",
    *(f"wagtailadmin_reports:{name}" for name in ("site_history", "workflow", "workflow_tasks", "aging_pages")),
    *(f"wagtailadmin_reports:{name}" for name in ("locked_pages", "page_types_usage")),
]


@pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning")
@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_for_coordinators(editor, coordinator, name):
    assert (editor.get(reverse(name))["Location"], coordinator.get(reverse(name)).status_code) == (REFUSED, 200)


# --- copies


def copy(client, page, **data):
    parent = page.get_parent()
    sent = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": parent.pk, **data}
    return client.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), sent)


@pytest.mark.parametrize("who", ["editor", "coordinator"])
@pytest.mark.parametrize("alias", [{}, {"alias": "on"}])
def test_copy_of_words_is_refused(request, original, porto, who, alias):
    pages = Page.objects.count()

    answers = [copy(request.getfixturevalue(who), page, **alias) for page in (original, porto.pages.get())]

    assert [answer["Location"] for answer in answers] == [REFUSED, REFUSED]
    assert Page.objects.count() == pages


@pytest.mark.parametrize("who", ["editor", "coordinator"])
@pytest.mark.parametrize("act", ["copy", "create_alias"])
def test_copy_of_words_by_the_api_is_refused(request, original, who, act):
    address = reverse("wagtailadmin_api:pages:action", args=[original.pk, act])

    answer = request.getfixturevalue(who).post(address, {"destination_page_id": original.get_parent().pk})

    assert (answer.status_code in (403, 404), EventPage.objects.count()) == (True, 1)


def test_copy_of_a_tree_leaves_no_second_page_of_an_event(coordinator, trees, original, porto, event):
    practice = make_practice(cite=porto)
    factories.practice_page(porto.pages.get(), practice, "Pratique")

    copy(coordinator, trees["fr"]["network"], copy_subpages="on", publish_copies="on")

    copied = Page.objects.get(slug="copy").get_descendants().specific()
    assert len(copied) == 3
    assert [page.fact for page in copied] == [None, None, None]
    assert [page.get_latest_revision_as_object().fact for page in copied] == [None, None, None]
    assert (event.pages.count(), practice.pages.count(), porto.pages.count()) == (1, 1, 1)
    assert [Client().get(page.url).status_code for page in copied if page.live] == [404] * sum(p.live for p in copied)


def test_page_without_facts_is_not_published(editor, coordinator, trees, original):
    copy(coordinator, trees["fr"]["network"], copy_subpages="on")
    page = EventPage.objects.get(event=None)

    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    coordinator.post(address, {"title": "Copy", "slug": "copy", "body-count": "0", "action-publish": "1"})

    assert stored(page).live is False


# --- deletions


def delete(client, fact, how):
    viewset = type(fact).snippet_viewset
    if how == "single":
        return client.post(reverse(viewset.get_url_name("delete"), args=[fact.pk]))
    names = [fact._meta.app_label, fact._meta.model_name, "delete"]
    return client.post(f"{reverse('wagtail_bulk_action', args=names)}?id={fact.pk}")


KEPT = "Kept: {}. What has been public or is in use is not deleted; unpublish or cancel it instead."


def published_event(porto):
    return make_event("Formation", cite=porto)


def event_that_was_public(porto):
    event = make_event("Formation", cite=porto)
    event.unpublish()
    return stored(event)


def draft_with_a_page(porto):
    event = make_event("Formation", cite=porto, live=False)
    factories.event_page(porto.pages.get(), event, "Formation", live=False)
    return event


def draft_with_a_registration(porto):
    event = make_event("Formation", cite=porto, live=False)
    person = {"name": "Maria", "email": "maria@example.org", "country": "PT", "language": "fr"}
    Registration.objects.create(event=event, state="awaiting", token_digest="x", **person)
    return event


def published_practice(porto):
    return make_practice("Accueil", cite=porto)


def cite_in_use(porto):
    return porto


def draft_of_a_cite_with_an_event(porto):
    cite = factories.make_cite("braga", live=False)
    make_event("Formation", cite=cite, live=False)
    return cite


def project_in_use(porto):
    project = factories.make_project(live=False)
    make_event("Formation", cite=porto, project=project, live=False)
    return project


USED = [
    *(published_event, event_that_was_public, draft_with_a_page, draft_with_a_registration, published_practice),
    *(cite_in_use, draft_of_a_cite_with_an_event, project_in_use),
]


@pytest.mark.parametrize("how", ["single", "bulk"])
@pytest.mark.parametrize("used", USED)
def test_facts_that_were_public_or_are_used_are_kept(coordinator, porto, used, how):
    fact = used(porto)

    answer = delete(coordinator, fact, how)

    assert (answer.status_code, told(answer)) == (302, [KEPT.format(fact)])
    assert type(fact).objects.filter(pk=fact.pk).exists()


@pytest.mark.parametrize("how", ["single", "bulk"])
@pytest.mark.parametrize("make", [make_event, make_practice])
def test_draft_that_nobody_uses_is_deleted(coordinator, porto, make, how):
    fact = make("Begun", cite=porto, live=False)

    answer = delete(coordinator, fact, how)

    assert (answer.status_code, type(fact).objects.count()) == (302, 0)


@pytest.mark.parametrize("how", ["single", "bulk"])
def test_editor_deletes_no_facts(editor, porto, how):
    event = make_event("Begun", cite=porto, live=False)

    delete(editor, event, how)

    assert Event.objects.count() == 1


@pytest.mark.parametrize("how", ["single", "bulk"])
def test_page_is_deleted_and_registrations_stay(editor, event, original, how):
    admit(event)
    row = registered(event)
    address = reverse("wagtailadmin_pages:delete", args=[original.pk])
    if how == "bulk":
        address = f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'delete'])}?id={original.pk}"

    answer = editor.post(address)

    assert (answer.status_code, EventPage.objects.count()) == (302, 0)
    assert (stored(row).state, stored(event).live) == ("confirmed", True)
    assert Client().get(f"/fr/event/{event.pk}/").status_code == 200


@pytest.mark.parametrize("act", ["delete", "unpublish", "move"])
def test_page_of_a_cite_stays_where_it_is(editor, porto, act):
    page = porto.pages.get()

    answer = editor.post(reverse(f"wagtailadmin_pages:{act}", args=[page.pk]))

    assert (answer["Location"], CitePage.objects.filter(live=True).count()) == (REFUSED, 1)


def test_page_moves_nowhere_else(editor, original, lyon):
    target = lyon.pages.get()

    answer = editor.post(reverse("wagtailadmin_pages:move_confirm", args=[original.pk, target.pk]))

    assert (answer["Location"], stored(original).get_parent().pk) == (REFUSED, original.get_parent().pk)


def test_files_of_a_team_are_kept_in_words(porto):
    root = Client()
    root.force_login(get_user_model().objects.create_superuser("root", "root@example.org", "password"))

    answer = root.post(reverse("wagtailadmin_collections:delete", args=[porto.team.collection_id]))

    assert answer.status_code < 500
    assert Collection.objects.filter(pk=porto.team.collection_id).count() == 1


def test_explorer_opens_no_page_of_another_cite(editor, porto, lyon, trees):
    foreign = lyon.pages.get()
    own = factories.cite_page(trees["en"]["network"], porto, "Cité Porto", slug="porto")
    ensure_team(porto)  # in two trees, whose common root is above everything

    answers = [editor.get(f"/admin/pages/{page.pk}/").status_code for page in (own, own.get_parent(), foreign)]

    assert answers == [200, 200, 403]
    assert foreign.title not in editor.get(f"/admin/pages/{foreign.pk}/").content.decode()
