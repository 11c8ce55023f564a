"""When a translation is older than its original: decided when words are published."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from wagtail_localize.models import Translation

from home.models import PlainPage
from portal.base.models import Wording
from portal.base.outdated import parts_of, work_on
from tests import factories
from tests.factories import make_event, stored
from tests.translating import begin, fill, publish, rewrite, translated

pytestmark = pytest.mark.django_db

BODY = [("text", "<p>Bonjour <b>à tous</b>.</p><p>Venez.</p>"), ("heading", "Programme")]


@pytest.fixture
def original():
    trees = factories.make_tree("fr", "en")
    agenda = trees["fr"]["agenda"]
    event = make_event("Formation", original_language="")
    return factories.event_page(agenda, event, "Formation", summary="Deux jours.", body=BODY)


def is_outdated(page) -> bool:
    row = Wording.objects.filter(page=page.pk).first()
    return bool(row and row.outdated_since)


def differences(page, original) -> list[str]:
    return page.wording.differences(original.wording)


def text(response) -> str:
    return BeautifulSoup(response.content, "html.parser").select_one("main").get_text(" ", strip=True)


def test_translation_is_outdated_by_other_words_and_says_in_which_parts(original):
    page = translated(original)
    before = is_outdated(page)

    changed = rewrite(original, summary="Trois jours.")

    page = stored(page)
    assert (before, is_outdated(page), differences(page, changed)) == (False, True, ["summary"])
    assert page.wording.outdated_since <= timezone.now()
    assert (page.wording.revision_id, changed.wording.revision_id) == (
        original.live_revision_id,
        changed.live_revision_id,
    )


def test_same_words_published_again_outdate_nothing(original):
    page = translated(original)
    since = stored(original).wording.changed_at

    rewrite(original)
    rewrite(original, slug="autre-adresse")

    assert (is_outdated(page), stored(original).wording.changed_at) == (False, since)


def test_draft_of_the_original_outdates_nothing(original):
    page = translated(original)
    draft = stored(original)
    draft.title = "Nouvelle formation"
    draft.save_revision()

    assert not is_outdated(page)


def test_words_taken_back_bring_the_translation_up_to_date_again(original):
    page = translated(original)
    rewrite(original, title="Nouvelle formation")
    outdated = is_outdated(page)

    rewrite(original, title="Formation")

    assert (outdated, is_outdated(page)) == (True, False)


def test_small_correction_outdates_nothing_and_is_not_remembered(original):
    page = translated(original)

    rewrite(original, means_the_same=True, title="Formations")
    after_correction = is_outdated(page)
    rewrite(original, summary="Trois jours.")

    assert (after_correction, is_outdated(page), differences(page, original)) == (False, True, ["summary"])


def test_small_correction_of_one_part_leaves_another_outdated(original):
    page = translated(original)
    rewrite(original, summary="Trois jours.")
    since = stored(page).wording.outdated_since

    rewrite(original, means_the_same=True, title="Formations", summary="Trois jours !")

    page = stored(page)
    assert (page.wording.outdated_since, differences(page, original)) == (since, ["summary"])


def test_translation_is_up_to_date_once_published_after_a_sync_with_all_segments(original):
    page = translated(original)
    rewrite(original, summary="Trois jours.")
    translation = Translation.objects.get()
    states = []

    publish(translation)  # without a sync: the old words
    states.append(is_outdated(page))
    translation.source.update_from_db()
    publish(translation)  # its summary is French now
    states.append(is_outdated(page))
    fill(translation)
    states.append(is_outdated(page))
    publish(translation)
    states.append(is_outdated(page))

    assert states == [True, True, True, False]


def test_original_that_changed_after_the_sync_is_newer(original):
    translation = begin(original)
    rewrite(original, summary="Trois jours.")
    fill(translation)

    page = publish(translation)

    assert (is_outdated(page), differences(page, original)) == (True, ["summary"])


def test_translation_out_of_the_editor_is_up_to_date_when_somebody_says_so(original):
    page = translated(original)
    Translation.objects.update(enabled=False)
    rewrite(original, title="Nouvelle formation")

    rewrite(page, title="New training")
    unsaid = is_outdated(page)
    rewrite(page, means_the_same=True)

    assert (unsaid, is_outdated(page)) == (True, False)


def test_translation_from_before_such_rows_were_kept_is_compared_with_what_it_was_made_from(original):
    page = translated(original)
    Wording.objects.all().delete()

    rewrite(original)
    same = is_outdated(page)
    rewrite(original, title="Nouvelle formation")

    assert (same, is_outdated(page)) == (False, True)


def test_link_that_leads_elsewhere_outdates_nothing(original):
    first = rewrite(original, body=[("text", '<p><a href="https://example.org/a">Bonjour</a></p>')])

    second = rewrite(original, body=[("text", '<p><a href="https://example.org/b">Bonjour</a></p>')])

    assert parts_of(first) == parts_of(second)


def test_reader_is_told_that_the_translation_is_older(original):
    page = translated(original)
    up_to_date = text(Client().get(page.url))

    rewrite(original, summary="Trois jours.")
    answer = Client().get(page.url)

    today = f"{timezone.localdate():%-d %B %Y}"
    link = BeautifulSoup(answer.content, "html.parser").select_one(f'main .notice a[href="{original.url}"]')
    assert "older than the original" not in up_to_date
    assert f"This translation is older than the original of {today}." in text(answer)
    assert (link.text, link["hreflang"]) == ("Read the original in French", "fr")
    assert "original" not in text(Client().get(original.url))


def test_reader_is_told_of_parts_that_nobody_has_translated(original):
    translation = begin(original)
    fill(translation, "title", "summary")

    page = publish(translation)

    assert "A part of this text is not translated yet." in text(Client().get(page.url))
    assert (work_on(page).done, work_on(page).total) == (2, 5)


def test_page_without_facts_gets_old_as_well(original):
    home = original.get_ancestors().get(depth=2).specific
    charter = factories.make_page(home, PlainPage, "Charte", body=BODY)
    page = translated(charter)

    rewrite(charter, title="Nouvelle charte")

    assert "This translation is older" in text(Client().get(page.url))


@pytest.mark.parametrize("section", ["home", "network", "agenda", "vademecum", "projects"])
def test_first_page_and_lists_say_that_their_words_are_old(section):
    original = factories.make_tree("fr", "en")["fr"][section]
    page = translated(original)
    before = text(Client().get(page.url))

    rewrite(original, title="Autrement")

    notice = BeautifulSoup(Client().get(page.url).content, "html.parser").select_one("main .notice")
    assert "older than the original" not in before
    assert "This translation is older than the original of" in notice.text
    assert notice.a["href"] == original.url
    assert "older than the original" not in text(Client().get(original.url))
