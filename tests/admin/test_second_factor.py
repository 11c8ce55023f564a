"""The second factor through the real pages, with real codes: who is asked, who gets in, and who never does."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from portal.base.second_factor import key_in_letters
from portal.base.second_factor_guard import OPEN
from tests.admin.addresses import admin_patterns, fill
from tests.events.mails import deliver_all, require_same
from tests.factories import make_user, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asks_for_codes")]

CHECK, SET_UP, MINE = "/admin/second-factor/", "/admin/second-factor/set-up/", "/admin/second-factor/mine/"
NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def coordinator(trees: Any, clock: Any) -> Any:
    return person(make_user("coordinator", is_coordinator=True))


@pytest.fixture
def editor(porto: Any, clock: Any) -> Any:
    return person(make_user("editor", cite=porto))


def person(user: Any) -> Any:
    UserProfile.objects.create(user=user, preferred_language="en")
    return user


def logged_in(user: Any, following: str = "/admin/") -> tuple[Client, Any]:
    """With the password, through the form; and the page where that leads."""
    client = Client()
    sent = {"username": user.get_username(), "password": "password", "next": following}
    return client, client.post("/admin/login/", sent, follow=True)


def page_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def code_from(letters: str) -> str:
    """What an app shows that was given the key by hand."""
    return f"{TOTP(base64.b32decode(letters.replace(' ', ''))).token():06d}"


def code_of(user: Any) -> str:
    return code_from(key_in_letters(TOTPDevice.objects.get(user=user).key))


def set_up(client: Client, following: str = "/admin/", **given: str) -> Any:
    page = page_of(client.get(SET_UP, {"next": following}))
    fields = {one["name"]: one["value"] for one in page.select("main form input[type=hidden]")}
    code = code_from(page.select_one(".factor-key").text)
    return client.post(SET_UP, {**fields, "code": code, **given})


def codes_in(response: Any) -> list[str]:
    return [item.text for item in page_of(response).select(".factor-codes code")]


def with_factor(user: Any, clock: Any) -> tuple[Client, list[str]]:
    """Somebody who has set one up in an earlier session."""
    codes = codes_in(set_up(logged_in(user)[0]))
    clock.shift(60)
    return logged_in(user)[0], codes


def test_coordinator_sets_up_at_the_first_login_and_is_asked_at_the_next(coordinator, clock):
    client, page = logged_in(coordinator, "/admin/cites/")
    assert [url for url, _status in page.redirect_chain] == [
        "/admin/cites/",
        f"{CHECK}?{urlencode({'next': '/admin/cites/'})}",
        f"{SET_UP}?{urlencode({'next': '/admin/cites/'})}",
    ]
    assert not TOTPDevice.objects.exists()
    picture = page_of(page).select_one(".factor-picture")["src"]
    assert picture.startswith("data:image/svg+xml")

    shown = set_up(client, "/admin/cites/")

    assert len(set(codes_in(shown))) == 10
    assert page_of(shown).select_one("main a.button")["href"] == "/admin/cites/"
    assert client.get("/admin/cites/").status_code == 200
    clock.shift(60)
    other, asked = logged_in(coordinator, "/admin/cites/")
    field = page_of(asked).select_one("input[name=code]")
    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
    assert other.get(SET_UP)["Location"] == CHECK  # the password alone changes no device
    assert other.post(CHECK, {"code": code_of(coordinator), "next": "/admin/cites/"})["Location"] == "/admin/cites/"
    assert other.get("/admin/").status_code == 200


def test_wrong_key_or_code_sets_nothing_up(coordinator, editor):
    client = logged_in(coordinator)[0]
    foreign = page_of(logged_in(editor)[0].get(SET_UP))
    key, letters = foreign.select_one("[name=key]")["value"], foreign.select_one(".factor-key").text

    for given in ({"code": "000000"}, {"code": ""}, {"key": "x"}, {"key": key, "code": code_from(letters)}):
        assert codes_in(set_up(client, **given)) == []

    assert not TOTPDevice.objects.exists()
    assert client.get("/admin/")["Location"].startswith(CHECK)


def test_no_address_of_the_admin_answers_before_the_code(coordinator, clock):
    client = with_factor(coordinator, clock)[0]
    before = {"sessions": dict(client.session), "entries": ModelLogEntry.objects.count()}
    tried = set()
    for pattern in admin_patterns():
        path = fill(pattern, defaultdict(lambda: "1"))
        if resolve(path).view_name in OPEN:
            continue
        tried.add(resolve(path).view_name)
        asked, refused = client.get(path), client.post(path, {"next": "/admin/"})
        script = client.get(path, headers={"X-Requested-With": "XMLHttpRequest"})
        assert (asked.status_code, asked["Location"]) == (302, f"{CHECK}?{urlencode({'next': path})}"), path
        assert (refused.status_code, script.status_code) == (403, 403), path

    assert len(tried) > 200
    assert {"wagtailadmin_home", "wagtailadmin_account", "second_factor", "wagtailadmin_api:pages:listing"} <= tried
    assert before == {"sessions": dict(client.session), "entries": ModelLogEntry.objects.count()}


def test_what_is_open_before_the_code(coordinator):
    client = logged_in(coordinator)[0]

    assert client.get("/admin/login/", follow=True).redirect_chain[-1][0].startswith(SET_UP)
    assert client.post("/admin/logout/")["Location"] == "/admin/login/"
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert client.get(SET_UP)["Location"].startswith("/admin/login/")
    assert client.get(CHECK)["Location"].startswith("/admin/login/")


def test_a_superuser_is_asked_and_an_editor_without_is_not(editor):
    root = get_user_model().objects.create_superuser("root", "root@example.org", "password")

    assert logged_in(root)[1].redirect_chain[-1][0].startswith(SET_UP)
    assert logged_in(editor)[1].redirect_chain == [("/admin/", 302)]


def test_a_code_is_good_once_and_guessing_is_slowed_down(coordinator, clock):
    client, _codes = with_factor(coordinator, clock)
    code = code_of(coordinator)
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    assert "not right" in client.post(CHECK, {"code": wrong}).content.decode()
    assert "Please wait" in client.post(CHECK, {"code": code}).content.decode()
    clock.shift(2)
    assert client.post(CHECK, {"code": f"{code[:3]} {code[3:]}"})["Location"] == "/admin/"
    again = logged_in(coordinator)[0]
    assert "not right" in again.post(CHECK, {"code": code}).content.decode()
    assert again.get("/admin/")["Location"].startswith(CHECK)


def test_a_recovery_code_is_good_once(coordinator, clock):
    client, codes = with_factor(coordinator, clock)

    assert client.post(CHECK, {"code": codes[3]})["Location"] == "/admin/"
    assert "9 of 10" in " ".join(client.get(MINE).content.decode().split())
    again = logged_in(coordinator)[0]
    assert "not right" in again.post(CHECK, {"code": codes[3]}).content.decode()
    assert ModelLogEntry.objects.filter(action="portal.second_factor.recovered", user=coordinator).count() == 1


def test_a_new_password_does_not_replace_the_code(coordinator, clock):
    with_factor(coordinator, clock)
    user = stored(coordinator)
    user.set_password("another-password")
    user.save()

    client = Client()
    client.post("/admin/login/", {"username": "coordinator", "password": "another-password"})

    assert client.get("/admin/")["Location"].startswith(CHECK)


@pytest.mark.parametrize("wanted", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_the_code_leads_to_our_own_pages_only(coordinator, clock, wanted):
    client, _codes = with_factor(coordinator, clock)

    assert client.post(CHECK, {"code": code_of(coordinator), "next": wanted})["Location"] == "/admin/"


def test_an_editor_sets_it_up_and_removes_it_with_a_code(editor, clock):
    client = logged_in(editor)[0]
    assert f'href="{MINE}"' in client.get("/admin/account/").content.decode()
    assert client.get(CHECK)["Location"] == "/admin/"
    codes = codes_in(set_up(client, MINE))
    clock.shift(60)
    other, asked = logged_in(editor)
    assert asked.redirect_chain[-1][0].startswith(CHECK)
    assert other.post(MINE, {"code": codes[0], "remove": "1"}).status_code == 403  # not before the session's own code

    client.post(MINE, {"code": "000000", "remove": "1"})
    assert TOTPDevice.objects.filter(user=editor).exists()
    clock.shift(5)
    client.post(MINE, {"code": code_of(editor), "remove": "1"})

    assert not TOTPDevice.objects.filter(user=editor).exists()
    assert logged_in(editor)[1].redirect_chain == [("/admin/", 302)]


def test_a_coordinator_changes_phones_but_is_never_without(coordinator, clock):
    client, old = with_factor(coordinator, clock)
    client.post(CHECK, {"code": code_of(coordinator)})
    device = TOTPDevice.objects.get()

    refused = client.post(MINE, {"code": old[0], "remove": "1"})
    without_proof = set_up(client, current="000000000000")
    clock.shift(5)
    assert (TOTPDevice.objects.get(), codes_in(without_proof)) == (device, [])
    assert "needs one" in refused.content.decode()
    new = codes_in(set_up(client, current=old[1]))

    assert (len(new), set(new) & set(old)) == (10, set())
    assert TOTPDevice.objects.get() != device
    assert client.get("/admin/").status_code == 200
    assert "not right" in logged_in(coordinator)[0].post(CHECK, {"code": old[2]}).content.decode()


def test_new_recovery_codes_replace_the_former(editor, clock):
    client = logged_in(editor)[0]
    old = codes_in(set_up(client))
    new = codes_in(client.post(MINE, {"code": old[0]}))

    assert (len(new), set(new) & set(old)) == (10, set())
    assert "not right" in logged_in(editor)[0].post(CHECK, {"code": old[1]}).content.decode()


def test_a_lost_phone_is_reset_from_the_command_line(coordinator, clock):
    client, codes = with_factor(coordinator, clock)
    client.post(CHECK, {"code": codes[0]})
    said = StringIO()

    call_command("reset_second_factor", "coordinator", stdout=said)

    assert "must set up" in said.getvalue()
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(SET_UP)
    assert ModelLogEntry.objects.filter(action="portal.second_factor.reset").count() == 1
    with pytest.raises(CommandError, match="nobody"):
        call_command("reset_second_factor", "nobody")


ACTS = {
    "set_up": "A second factor was set up for your account",
    "new_codes": "New recovery codes were made for your account",
    "removed": "The second factor of your account was removed",
    "reset": "The second factor of your account was taken back",
}


def test_the_owner_is_told_by_mail_of_all_that_happens_to_the_second_factor(editor, clock):
    client = logged_in(editor)[0]
    codes = codes_in(set_up(client))
    client.post(MINE, {"code": codes[0]})
    clock.shift(60)
    client.post(MINE, {"code": "000000", "remove": "1"})  # refused: nothing to tell
    clock.shift(5)
    client.post(MINE, {"code": code_of(editor), "remove": "1"})
    set_up(client)
    call_command("reset_second_factor", "editor", stdout=StringIO())
    call_command("reset_second_factor", "editor", stdout=StringIO())  # has none any more

    letters = deliver_all()

    assert [letter.subject for letter in letters] == [
        *(ACTS["set_up"], ACTS["new_codes"], ACTS["removed"], ACTS["set_up"], ACTS["reset"])
    ]
    assert {tuple(letter.to) for letter in letters} == {("editor@example.org",)}
    assert re.search(r"at (13:00 \(UTC\+1\)|14:00 \(UTC\+2\)) to the account “editor”\.", letters[0].body)
    assert "If not, choose another password at once, and tell the coordinator of the network." in letters[0].body
    assert f"{settings.SITE_URL}/admin/password_reset/" in letters[0].body
    assert not any(code in letter.body for letter in letters for code in codes)
    for letter in letters:
        require_same(letter)


def test_the_mail_is_in_the_language_of_the_account_and_goes_to_its_address_of_that_time(editor, clock):
    UserProfile.objects.filter(user=editor).update(preferred_language="de")
    set_up(logged_in(editor)[0])
    get_user_model().objects.filter(pk=editor.pk).update(email="thief@example.org")

    (letter,) = deliver_all()

    assert (letter.to, '<html lang="de">' in letter.alternatives[0][0]) == (["editor@example.org"], True)


def test_an_account_without_an_address_gets_a_second_factor_without_mail(editor, clock):
    get_user_model().objects.filter(pk=editor.pk).update(email="")

    assert len(codes_in(set_up(logged_in(editor)[0]))) == 10
    assert deliver_all() == []


def test_no_page_of_the_second_factor_loads_anything_from_elsewhere(coordinator):
    page = logged_in(coordinator)[1].content.decode()

    assert not re.findall(r'(?:src|action)="(?:https?:)?//', page)
