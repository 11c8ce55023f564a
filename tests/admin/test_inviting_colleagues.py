"""A colleague is invited by mail, gets in, and loses her rights when she is taken out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail as sent
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from home.colleagues import PER_INVITER, colleagues_of, invite_colleague
from portal.base.models import OutgoingMail
from tests.admin.conftest import told
from tests.events.mails import URL, deliver_all
from tests.factories import make_user, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_cache")]


def address(cite: Any, rest: str = "") -> str:
    return f"/admin/cites/{cite.pk}/colleagues/{rest}"


def invite(client: Client, cite: Any, email: str = "Ana@example.org", language: str = "pt") -> Any:
    return client.post(address(cite), {"email": email, "name": "Ana Costa", "language": language})


def test_a_colleague_is_invited_sets_a_password_and_edits_this_cite_alone(editor, porto, lyon):
    assert f'href="{address(porto)}"' in editor.get("/admin/").content.decode()
    assert f'href="{address(porto)}"' in editor.get(f"/admin/cites/{porto.pk}/").content.decode()

    invite(editor, porto)

    (letter,) = deliver_all()
    ana = get_user_model().objects.get(email="ana@example.org")
    assert (letter.to, ana.get_full_name(), ana.has_usable_password()) == (["ana@example.org"], "Ana Costa", False)
    assert "ana@example.org" in editor.get(address(porto)).content.decode()
    url = URL.findall(letter.body)[0]
    token = url.rstrip("/").rpartition("/")[2]
    assert token not in str(list(OutgoingMail.objects.values_list("params", "key")))
    client = Client()
    form = client.get(url, follow=True)
    sets = {"new_password1": "a-long-passphrase", "new_password2": "a-long-passphrase"}
    client.post(form.request["PATH_INFO"], sets)
    client.post("/admin/login/", {"username": "ana@example.org", "password": "a-long-passphrase"})
    assert client.get(f"/admin/cites/{porto.pk}/").status_code == 200
    assert client.get(f"/admin/cites/{lyon.pk}/").status_code == 403
    entry = ModelLogEntry.objects.get(action="home.colleague_invited")
    assert (entry.user.get_username(), entry.data, entry.object_id) == (
        "editor",
        {"email": "ana@example.org"},
        str(porto.pk),
    )


def test_the_inviter_is_not_told_whether_there_was_an_account(editor, porto, lyon):
    known = make_user("known", cite=lyon)

    answers = [invite(editor, porto, email) for email in ("new@example.org", "KNOWN@example.org")]

    assert [(answer.status_code, told(answer)[-1:]) for answer in answers] == [
        (302, [f"An invitation goes to {email}."]) for email in ("new@example.org", "known@example.org")
    ]
    assert get_user_model().objects.filter(email="known@example.org").get() == known
    assert set(known.groups.values_list("cite_team__cite__slug", flat=True)) == {"lyon", "porto"}
    new, old = deliver_all()
    assert ("/password_reset/" in new.body, "/password_reset/" in old.body) == (True, False)
    listed = editor.get(address(porto)).content.decode()
    assert "known@example.org" in listed
    assert "Ana Costa" not in listed


def test_only_the_editors_of_a_cite_invite_to_it(editor, lyon):
    answer = invite(editor, lyon)

    assert (answer.status_code, editor.get(address(lyon)).status_code) == (403, 403)
    assert not OutgoingMail.objects.exists()
    assert Client().get(address(lyon))["Location"].startswith("/admin/login/")


def test_invitations_are_limited(editor, porto):
    for number in range(PER_INVITER):
        invite(editor, porto, f"p{number}@example.org")

    refused = invite(editor, porto, "more@example.org")

    assert "try again in an hour" in refused.content.decode()
    assert not get_user_model().objects.filter(email="more@example.org").exists()


def test_a_colleague_who_is_taken_out_loses_access_at_once_and_drafts_stay(coordinator, editor, porto):
    person = get_user_model().objects.get(username="editor")
    changed = porto.get_latest_revision_as_object()
    changed.bearer = "Begun"
    revision = changed.save_revision(user=person)
    remove = address(porto, f"{person.pk}/remove/")
    assert editor.get(f"/admin/cites/{porto.pk}/").status_code == 200
    assert editor.post(remove).status_code == 403

    assert coordinator.get(remove).status_code == 200
    assert editor.get(f"/admin/cites/{porto.pk}/").status_code == 200  # asking takes nothing away
    coordinator.post(remove)

    assert editor.get(f"/admin/cites/{porto.pk}/")["Location"].startswith("/admin/login/")
    assert stored(porto).latest_revision == revision
    assert coordinator.post(remove).status_code == 404
    assert ModelLogEntry.objects.filter(action="home.colleague_removed").count() == 1


def test_no_mail_goes_to_somebody_who_was_taken_out_meanwhile(coordinator, porto):
    inviter = make_user("other", cite=porto)
    invite_colleague(porto, email="ana@example.org", name="Ana", language="pt", inviter=inviter)
    ana = colleagues_of(porto).get(email="ana@example.org")

    coordinator.post(address(porto, f"{ana.pk}/remove/"))

    assert deliver_all() == sent.outbox == []


def test_the_list_asks_the_database_as_often_for_many(editor, porto):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            editor.get(address(porto))
        return len(asked)

    queries()
    few = queries()
    for number in range(5):
        make_user(f"more{number}", cite=porto)

    assert queries() == few
