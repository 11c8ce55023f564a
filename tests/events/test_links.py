import hashlib
import uuid

import pytest
from django.db import connection

from events.links import digest, make_token, manage_url, new_digest, registration_for, token_of
from events.models import Registration
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
