"""Guests of an event: pasted as they come out of a mail program, listed with how far it has come, revoked."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError

from events.invitation import invite
from events.invitations_admin import GuestsField
from events.models import AuditLine, Invitation
from events.registration import register
from portal.base.models import OutgoingMail
from tests.admin.conftest import told
from tests.factories import admit, applicant, make_event, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(porto):
    event = make_event("Formation", cite=porto)
    admit(event, by_invitation=True)
    return event


def address(event, rest=""):
    return f"/admin/events/{event.pk}/invitations/{rest}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("maria@example.org", [("", "maria@example.org")]),
        ("Maria Silva <Maria@Example.org>", [("Maria Silva", "maria@example.org")]),
        ('"Silva, Maria" <m@example.org>', [("Silva, Maria", "m@example.org")]),
        ("Silva, Maria <m@example.org>", [("Silva, Maria", "m@example.org")]),
        ("Ana <a@example.org>; Bea <b@example.org>;", [("Ana", "a@example.org"), ("Bea", "b@example.org")]),
        ("a@example.org, b@example.org\r\n\r\n", [("", "a@example.org"), ("", "b@example.org")]),
        ("Ana <a@example.org>\nA@example.org", [("Ana", "a@example.org")]),
    ],
)
def test_pasted_lines_are_understood(text, expected):
    assert GuestsField().clean(text) == expected


@pytest.mark.parametrize("text", ["Maria", "Maria <nowhere>", "a@example.org\nBea <b@>", "a b@example.org", ""])
def test_what_holds_no_address_is_refused(text):
    with pytest.raises(ValidationError):
        GuestsField().clean(text)


def test_too_many_at_once_are_refused():
    with pytest.raises(ValidationError):
        GuestsField(max_length=100_000).clean("\n".join(f"g{number}@example.org" for number in range(501)))


def test_guests_get_a_mail_in_their_language(editor, event):
    answer = editor.post(address(event), {"guests": "Ana <ana@example.org>\nbea@example.org", "language": "it"})

    assert (answer["Location"], told(answer)) == (address(event), ["2 guests are invited."])
    assert list(Invitation.objects.values_list("name", "email", "language")) == [
        ("Ana", "ana@example.org", "it"),
        ("", "bea@example.org", "it"),
    ]
    assert set(OutgoingMail.objects.values_list("kind", "to")) == {
        ("invitation", "ana@example.org"),
        ("invitation", "bea@example.org"),
    }
    assert AuditLine.objects.get(what="invited").user.username == "editor"


def test_mistake_is_shown_with_the_line(editor, event):
    answer = editor.post(address(event), {"guests": "ana@example.org\nBea", "language": "it"})

    assert (answer.status_code, Invitation.objects.count()) == (422, 0)
    assert "No e-mail address: Bea" in answer.content.decode()


def test_list_says_how_far_each_has_come(editor, event):
    guests = invite(
        event.pk,
        [("Ana", "a@example.org"), ("Bea", "b@example.org"), ("Cem", "c@example.org")],
        language="fr",
        user=None,
    )
    register(event.pk, applicant("a@example.org"), invitation=guests[0])
    editor.post(address(event, f"{guests[1].pk}/revoke/"))

    page = BeautifulSoup(editor.get(address(event)).content, "html.parser")

    rows = [[" ".join(cell.text.split()) for cell in row.select("th, td")][:3] for row in page.select("tbody tr")]
    assert rows == [
        ["Anaa@example.org", "Français", "registered"],
        ["Beab@example.org", "Français", "revoked"],
        ["Cemc@example.org", "Français", "invited"],
    ]
    assert len(page.select("form[action*=revoke]")) == 2


def test_invitation_is_revoked_once(editor, event):
    guest = invite(event.pk, [("Ana", "a@example.org")], language="fr", user=None)[0]

    said = [told(editor.post(address(event, f"{guest.pk}/revoke/")))[-1] for _time in range(2)]

    assert said == ["The invitation is revoked; its link opens nothing any more."] * 2
    assert stored(guest).revoked_at is not None
    assert AuditLine.objects.filter(what="invitation revoked").count() == 1


def test_invitation_of_another_event_is_not_found(editor, lyon, event):
    theirs = make_event("Theirs", cite=lyon)
    guest = invite(theirs.pk, [("Ana", "a@example.org")], language="fr", user=None)[0]

    answer = editor.post(address(event, f"{guest.pk}/revoke/"))

    assert (answer.status_code, stored(guest).revoked_at) == (404, None)
