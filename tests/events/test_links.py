import datetime as dt
import hashlib
import uuid

import pytest
import time_machine
from django.core import signing
from django.db import connection

from events.erasure import erase, erase_group
from events.invitation import invite, revoke
from events.links import (
    address_for,
    address_token,
    delegation_for,
    digest,
    invitation_for,
    make_token,
    manage_url,
    new_digest,
    registration_for,
    renew_link,
    token_of,
)
from events.models import Delegation, Registration
from events.registration import register
from tests.factories import admit, applicant, make_event, stored

UUID = uuid.UUID("0b6f3a52-7f0c-4e0e-9d6a-3f6a5f5a2c11")


@pytest.fixture
def registration(db):
    event = make_event()
    admit(event)
    return register(event.pk, applicant())


def test_token_is_the_same_in_every_process_and_fits_into_a_url():
    token = make_token(UUID, 1, "a key")

    assert token == "H0DsdjB3VgRP_Qn16H_egKUBlGYlhyJB"


def test_token_differs_by_uuid_version_and_key():
    first = (UUID, 1, "a key")

    tokens = {
        make_token(*first),
        make_token(uuid.UUID(int=1), 1, "a key"),
        make_token(UUID, 2, "a key"),
        make_token(UUID, 256, "a key"),
        make_token(UUID, 1, "another key"),
    }

    assert len(tokens) == 5


def test_digest_is_what_a_look_up_compares():
    assert digest("token") == hashlib.sha256(b"token").hexdigest()


def test_token_is_stored_nowhere(registration):
    token = token_of(registration)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM events_registration")
        row = cursor.fetchone()
    assert [value for value in row if token in str(value)] == []


def test_registration_is_found_by_its_token_alone(registration):
    token = token_of(registration)

    found = [
        registration_for(text) for text in (token, token[:-1], token.lower(), registration.token_digest, "", "é\x00")
    ]

    assert found == [registration, None, None, None, None, None]


def test_a_new_version_ends_the_link(registration):
    old = token_of(registration)

    registration.link_version += 1
    registration.token_digest = new_digest(registration)
    registration.save()

    new = token_of(registration)
    assert (registration_for(old), registration_for(new)) == (None, registration)


def test_link_goes_on_after_the_key_has_changed(registration, settings):
    token, known = token_of(registration), registration.token_digest

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a newer key"

    assert (token_of(registration), stored(registration).token_digest) == (token, known)


def test_link_is_a_new_one_once_the_old_key_is_gone(registration, settings):
    old = token_of(registration)

    settings.SECRET_KEY = "a newer key"
    new = token_of(stored(registration))

    assert new == make_token(registration.uuid, 1, "a newer key")
    assert (registration_for(old), registration_for(new)) == (None, registration)


@pytest.mark.parametrize("language", ["fr", "bg"])
def test_manage_url_is_whole_and_in_the_language_of_the_mails(registration, settings, language):
    Registration.objects.update(language=language)

    url = manage_url(stored(registration))

    assert url == f"{settings.SITE_URL}/{language}/registration/{token_of(registration)}/"


# --- groups and guests

HALF_HOUR = dt.timedelta(minutes=30)
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def group(registration):
    row = Delegation(
        uuid=registration.uuid, event=registration.event, name="G", email="g@example.org", country="PT", language="pt"
    )
    row.token_digest = new_digest(row)
    row.save()
    return row


@pytest.fixture
def guest(registration):
    return invite(registration.event_id, [("Guest", "guest@example.org")], language="bg", user=None)[0]


def test_each_kind_opens_its_own_rows_alone(registration, group, guest):
    rows = [registration, group, guest]
    finders = [registration_for, delegation_for, invitation_for]

    found = [[finder(token_of(row)) for row in rows] for finder in finders]

    assert found == [[registration, None, None], [None, group, None], [None, None, guest]]


def test_the_same_uuid_gives_each_kind_another_token(registration, group):
    assert registration.uuid == group.uuid
    assert token_of(registration) != token_of(group)


def test_manage_url_is_that_of_the_kind(registration, group, guest, settings):
    found = [manage_url(row).removeprefix(settings.SITE_URL).replace(token_of(row), "…") for row in (group, guest)]

    assert found == ["/pt/delegation/…/", "/bg/invitation/…/"]


def test_what_is_erased_or_revoked_opens_nothing(registration, group, guest):
    tokens = [token_of(row) for row in (registration, group, guest)]

    erase(registration.pk)
    erase_group(group.pk)
    revoke(guest.pk, user=None)

    assert [registration_for(tokens[0]), delegation_for(tokens[1]), invitation_for(tokens[2])] == [None] * 3


def test_no_key_makes_the_link_of_what_is_erased(registration, settings):
    erase(registration.pk)
    row = stored(registration)

    assert digest(make_token(row.uuid, row.link_version, settings.SECRET_KEY)) != row.token_digest


def test_renewing_ends_the_old_link(registration):
    old = token_of(registration)

    renew_link(registration)
    registration.save()

    assert (registration_for(old), registration_for(token_of(registration))) == (None, registration)


# --- all of an address


def test_address_is_proved_for_half_an_hour(registration, group):
    with time_machine.travel(NOON, tick=False):
        tokens = [address_token(row) for row in (registration, group)]

    with time_machine.travel(NOON + HALF_HOUR - dt.timedelta(seconds=1), tick=False):
        assert [address_for(token, HALF_HOUR) for token in tokens] == ["maria@example.org", "g@example.org"]
    with time_machine.travel(NOON + HALF_HOUR + dt.timedelta(seconds=1), tick=False):
        assert [address_for(token, HALF_HOUR) for token in tokens] == ["", ""]


def test_address_token_does_not_hold_the_address(registration):
    body = signing.loads(address_token(registration), salt="events.my-registrations")

    assert body == ["registration", registration.uuid.hex, 1]


@pytest.mark.parametrize("end", ["renewed", "erased", "of another use", "garbled"])
def test_address_is_not_proved_by_an_ended_token(registration, end):
    token = address_token(registration)
    if end == "renewed":
        renew_link(registration)
        registration.save()
    elif end == "erased":
        erase(registration.pk)
    elif end == "of another use":
        token = signing.dumps(["registration", registration.uuid.hex, 1], salt="another")
    else:
        token = token[:-1]

    assert address_for(token, HALF_HOUR) == ""
