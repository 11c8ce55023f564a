"""Links in mails: whoever has one may see and change that registration, and nothing else.

The token is an HMAC of the registration's uuid and a link version with the site's key. Only its SHA-256 is
stored, so a copy of the database opens nothing; mails compute it again when they are sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from events.models.registration import Registration

if TYPE_CHECKING:
    from uuid import UUID

PURPOSE = b"events.registration.link"


def make_token(uuid: UUID, version: int, key: str) -> str:
    """192 bits, in the letters of a URL."""
    message = uuid.bytes + version.to_bytes(4, "big")
    secret = hashlib.sha256(PURPOSE + key.encode()).digest()
    return base64.urlsafe_b64encode(hmac.digest(secret, message, "sha256")[:24]).decode()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_digest(registration: Registration) -> str:
    """The digest to store for a registration or a new version of its link."""
    return digest(make_token(registration.uuid, registration.link_version, settings.SECRET_KEY))


def token_of(registration: Registration) -> str:
    """The token of the link that is in force.

    After a change of the site's key the fallback keys still give it. If that key is gone too, the old link
    is dead and the new key's takes its place.
    """
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = make_token(registration.uuid, registration.link_version, key)
        if hmac.compare_digest(digest(token), registration.token_digest):
            return token
    registration.token_digest = new_digest(registration)
    registration.save(update_fields=["token_digest"])
    return make_token(registration.uuid, registration.link_version, settings.SECRET_KEY)


def registration_for(token: str) -> Registration | None:
    return Registration.objects.select_related("event").filter(token_digest=digest(token)).first()


def manage_url(registration: Registration) -> str:
    """The whole address, in the registrant's language."""
    with translation.override(registration.language):
        return settings.SITE_URL + reverse("registration", args=[token_of(registration)])
