"""Mails of the reviews: by the outbox, each in its reader's language, void when there is nothing to say any more."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone
from wagtail.models import Comment
from wagtail.users.models import UserProfile

from portal.base.comments import queue_comments
from portal.base.models import OutgoingMail
from practices.checking import ask_to_check, check
from practices.models import Practice
from practices.models.review import decide, review_of
from practices.reviewing import submit, take_back
from tests import factories
from tests.events.mails import deliver_all
from tests.factories import stored
from tests.practices.reviewed import make_reviewer, make_sheet

pytestmark = pytest.mark.django_db


def speaks(user, language):
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})
    return user


@pytest.fixture
def porto():
    trees = factories.make_tree("fr", "en")
    cite = factories.make_cite("porto")
    factories.cite_page(trees["fr"]["network"], cite, slug="porto")
    return stored(cite)


@pytest.fixture
def editor(porto):
    return speaks(factories.make_user("editor", cite=porto), "en")


@pytest.fixture
def reviewer():
    return speaks(make_reviewer(), "en")


@pytest.fixture
def sheet(porto):
    return make_sheet(porto, porto.pages.get())


def current(sheet):
    return review_of(sheet.practice).current_task_state


def sent():
    """Receiver and subject of what left since it was asked last."""
    mail.outbox.clear()
    deliver_all()
    return sorted((*message.to, message.subject) for message in mail.outbox)


def test_reviewers_are_told_and_then_the_editors(sheet, porto, editor, reviewer):
    speaks(factories.make_user("colleague", cite=porto), "fr")
    submit(sheet.practice, editor)
    submitted = sent()
    decide(current(sheet), reviewer, "reject", "Say how it was counted.\n\nAnd when.")
    asked = sent()
    body = next(message.body for message in mail.outbox if message.to == ["editor@example.org"])
    submit(sheet.practice, editor)
    again = sent()
    decide(current(sheet), reviewer, "approve", "Very good!")
    published = sent()

    assert submitted == again == [("reviewer@example.org", "To review: Premier accueil")]
    assert [to for to, _subject in asked] == ["colleague@example.org", "editor@example.org"]
    assert asked[1][1] == "Changes asked for: Premier accueil"
    assert "Say how it was counted.\n\nAnd when." in body
    assert f"/admin/practices/{sheet.practice.pk}/" in body
    assert published[1] == ("editor@example.org", "Published: Premier accueil")


def test_what_was_taken_back_is_not_told(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    take_back(sheet.practice, editor)

    assert sent() == []


def test_a_decision_before_the_mail_leaves_makes_it_void(sheet, editor, reviewer):
    make_reviewer("other")
    submit(sheet.practice, editor)
    decide(current(sheet), reviewer, "reject", "Why")
    submit(sheet.practice, editor)
    decide(current(sheet), reviewer, "approve")

    assert sent() == [("editor@example.org", "Published: Premier accueil")]


def test_who_has_left_is_told_nothing(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    decide(current(sheet), reviewer, "reject", "Why")
    editor.groups.clear()
    reviewer.groups.clear()

    assert sent() == []


def test_a_deleted_page_breaks_no_mail(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    sheet.page.delete()

    assert sent() == []


def test_a_dead_server_loses_nothing_and_breaks_nothing(sheet, editor, reviewer, settings):
    settings.EMAIL_BACKEND = "nowhere.Backend"
    submit(sheet.practice, editor)
    decide(current(sheet), reviewer, "approve")

    kinds = OutgoingMail.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["practice_submitted", "practice_published"]
    assert mail.outbox == []


# --- comments


def comment(page, user, text):
    row = Comment.objects.create(page=page, user=user, text=text, contentpath="title")
    queue_comments(page, user, {"new_comments": [row], "new_replies": []})
    return row


def later():
    OutgoingMail.objects.update(next_try_at=timezone.now())


def test_comments_of_some_minutes_are_one_mail(sheet, editor, reviewer):
    comment(sheet.page, reviewer, "Which year?")
    comment(sheet.page, reviewer, "And where?")
    at_once = sent()
    later()
    told = sent()
    body = mail.outbox[0].body
    comment(sheet.page, editor, "2022, in Porto.")
    later()
    answered = sent()

    assert at_once == []
    assert told == [("editor@example.org", "New comments: Premier accueil")]
    assert "“Which year?”" in body
    assert "“And where?”" in body
    assert answered == [("reviewer@example.org", "New comments: Premier accueil")]
    assert "Which year?" not in mail.outbox[0].body


def test_a_comment_taken_away_is_not_told(sheet, editor, reviewer):
    comment(sheet.page, reviewer, "Which year?").delete()
    later()

    assert sent() == []


# --- checked today


def test_after_five_years_the_owner_is_asked_once_a_year(porto, editor):
    practice = factories.make_practice("Accueil", cite=porto)
    network = factories.make_practice("Du réseau")
    now = timezone.now()
    Practice.objects.update(first_published_at=now - dt.timedelta(days=5 * 365 + 2))

    asked = [ask_to_check(now), ask_to_check(now + dt.timedelta(days=300)), ask_to_check(now + dt.timedelta(days=367))]

    assert [row.is_stale for row in (stored(practice), stored(network))] == [True, True]
    assert asked == [1, 0, 1]
    assert sent()[0] == ("editor@example.org", "Is it still so? Accueil")


def test_checking_says_so_and_ends_the_asking(porto, editor):
    practice = factories.make_practice("Accueil", cite=porto)
    Practice.objects.update(first_published_at=timezone.now() - dt.timedelta(days=6 * 365))
    ask_to_check()
    checked = check(practice.pk, editor)

    assert (checked.checked_on, checked.checked_by, checked.is_stale) == (timezone.localdate(), editor, False)
    assert (list(Practice.objects.stale()), sent()) == ([], [])


@pytest.mark.parametrize(
    ("fields", "is_stale"),
    [
        ({"checked_on": dt.date(2020, 1, 1)}, True),
        ({"checked_on": dt.date(2020, 1, 1), "until": "2021"}, False),
        ({"checked_on": timezone.localdate()}, False),
        ({}, False),
    ],
)
def test_stale_is_the_same_in_the_row_and_in_the_query(porto, fields, is_stale):
    practice = factories.make_practice("Accueil", cite=porto, **fields)

    assert (practice.is_stale, Practice.objects.stale().exists()) == (is_stale, is_stale)
