"""A forgotten password: the mail is in the language of the account, waits for the server, and tells nothing."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core import mail as sent
from django.test import Client
from django.utils import translation
from wagtail.users.models import UserProfile

from portal.base.accounts import PER_ADDRESS, password_url
from portal.base.models import OutgoingMail
from tests.events.mails import URL, deliver_all
from tests.factories import make_user, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_cache")]

ASK = "/admin/password_reset/"
NEW = {"new_password1": "a-long-passphrase", "new_password2": "a-long-passphrase"}


@pytest.fixture
def user() -> Any:
    user = make_user("maria")
    UserProfile.objects.create(user=user, preferred_language="fr")
    return user


def ask(email: str = "maria@example.org") -> Any:
    return Client(headers={"Accept-Language": "bg"}).post(ASK, {"email": email})


def test_the_link_sets_a_password_once_and_is_stored_nowhere(user):
    ask("Maria@Example.org")

    (letter,) = deliver_all()
    url = URL.findall(letter.body)[0]
    assert url.rstrip("/").rpartition("/")[2] not in str(list(OutgoingMail.objects.values_list("params", "key")))
    client = Client()
    client.post(client.get(url, follow=True).request["PATH_INFO"], NEW)
    assert stored(user).check_password("a-long-passphrase")
    assert "form method" not in Client().get(url, follow=True).content.decode()


def test_the_mail_is_in_the_language_of_the_account(user):
    profile = UserProfile.objects.get(user=user)
    subjects = {}
    for code, _name in settings.LANGUAGES:
        profile.preferred_language = code
        profile.save()
        OutgoingMail.objects.all().delete()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("portal.base.accounts.PER_ADDRESS", 100)
            ask()
        (letter,) = deliver_all()
        with translation.override(code):
            subjects[code] = (letter.subject, translation.gettext("Choose a password"))
        assert f'<html lang="{code}">' in letter.alternatives[0][0]
        assert "maria" in letter.body

    assert [said for said, wanted in subjects.values()] == [wanted for said, wanted in subjects.values()]


def test_the_answer_tells_nothing_and_the_limit_is_silent(user):
    known, unknown = ask(), ask("nobody@example.org")
    answers = [ask() for _number in range(PER_ADDRESS + 2)]

    assert {(answer.status_code, answer["Location"]) for answer in (known, unknown, *answers)} == {
        (302, "/admin/password_reset/done/")
    }
    assert OutgoingMail.objects.count() == PER_ADDRESS


def test_a_mail_server_that_is_down_breaks_nothing_and_the_mail_goes_later(user, settings):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    assert ask().status_code == 302
    deliver_all()
    row = OutgoingMail.objects.get()
    assert (sent.outbox, row.attempts > 0, row.gave_up_at) == ([], True, None)

    settings.EMAIL_BACKEND = working
    OutgoingMail.objects.update(next_try_at=row.created_at)

    assert [letter.to for letter in deliver_all()] == [["maria@example.org"]]


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "other@example.org"}])
def test_no_link_for_an_account_that_is_closed_or_has_moved_meanwhile(user, change):
    ask()
    for name, value in change.items():
        setattr(user, name, value)
    user.save()

    assert deliver_all() == []


def test_who_was_invited_and_let_the_link_run_out_gets_another(user):
    user.set_unusable_password()
    user.save()

    ask()

    assert len(deliver_all()) == 1


def language_of_page(client: Client, url: str, **sent_form: str) -> str:
    answer = client.post(url, sent_form) if sent_form else client.get(url, follow=True)
    return str(BeautifulSoup(answer.content, "html.parser").html["lang"])


@pytest.mark.parametrize(("chosen", "expected"), [("de", "de"), ("pt-br", "pt"), ("", "bg"), ("fi", "bg")])
def test_the_page_that_sets_a_password_is_in_the_language_of_the_account(user, chosen, expected):
    UserProfile.objects.filter(user=user).update(preferred_language=chosen)
    client = Client(headers={"Accept-Language": "bg"})
    url = password_url(user).removeprefix(settings.SITE_URL)

    opened = client.get(url, follow=True)
    form = opened.request["PATH_INFO"]
    languages = [language_of_page(client, form), language_of_page(client, form, new_password1="a", new_password2="b")]

    assert languages == [expected, expected]
    assert client.post(form, NEW)["Location"] == "/admin/password_reset/complete/"


def test_a_link_that_is_not_good_tells_no_language(user):
    UserProfile.objects.filter(user=user).update(preferred_language="de")
    client = Client(headers={"Accept-Language": "bg"})
    good = password_url(user).removeprefix(settings.SITE_URL)
    account = good.split("/")[-3]

    addresses = [f"/admin/password_reset/confirm/{account}/{token}/" for token in ("abc-def", "set-password")]

    assert [language_of_page(client, url) for url in addresses] == ["bg", "bg"]
