"""Links in mails: whoever has one may see and change that one thing, and nothing else.

The token is an HMAC of the row's uuid and a link version with the site's key. Only its SHA-256 is stored, so a
copy of the database opens nothing; mails compute it again when they are sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation

from events.models.registration import Delegation, Invitation, Registration

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from events.models.registration import Linked

ALL_OF_AN_ADDRESS = "events.my-registrations"


def make_token(uuid: UUID, version: int, key: str, purpose: bytes = Registration.link_purpose) -> str:
    """192 bits, in the letters of a URL."""
    message = uuid.bytes + version.to_bytes(4, "big")
    secret = hashlib.sha256(purpose + key.encode()).digest()
    return base64.urlsafe_b64encode(hmac.digest(secret, message, "sha256")[:24]).decode()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_digest(row: Linked) -> str:
    """The digest to store for a new row or a new version of its link."""
    return digest(make_token(row.uuid, row.link_version, settings.SECRET_KEY, row.link_purpose))


def renew_link(row: Linked) -> None:
    """Give the row another link; the old one opens nothing any more. The caller saves."""
    row.link_version += 1
    row.token_digest = new_digest(row)


def token_of(row: Linked) -> str:
    """The token of the link that is in force.

    After a change of the site's key the fallback keys still give it. If that key is gone too, the old link
    is dead and the new key's takes its place.
    """
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = make_token(row.uuid, row.link_version, key, row.link_purpose)
        if hmac.compare_digest(digest(token), row.token_digest):
            return token
    row.token_digest = new_digest(row)
    row.save(update_fields=["token_digest"])
    return make_token(row.uuid, row.link_version, settings.SECRET_KEY, row.link_purpose)


def registration_for(token: str) -> Registration | None:
    found = Registration.objects.filter(token_digest=digest(token), erased_at=None)
    return found.select_related("event", "event__admission").first()


def delegation_for(token: str) -> Delegation | None:
    found = Delegation.objects.filter(token_digest=digest(token), erased_at=None)
    return found.select_related("event", "event__admission").first()


def invitation_for(token: str) -> Invitation | None:
    return Invitation.objects.filter(token_digest=digest(token), revoked_at=None, erased_at=None).first()


def manage_url(row: Linked) -> str:
    """The whole address, in the registrant's language."""
    with translation.override(row.language):
        return settings.SITE_URL + reverse(row.link_url_name, args=[token_of(row)])


def address_token(row: Registration | Delegation) -> str:
    """What proves, for a short time, that somebody reads the mails of the row's address.

    It names the row and the version of its link, not the address; a row that is handed over proves nothing more.
    """
    return signing.dumps([row.link_url_name, row.uuid.hex, row.link_version], salt=ALL_OF_AN_ADDRESS)


def address_for(token: str, valid_for: dt.timedelta) -> str:
    """The address that the token was mailed to; empty if it is no such token, or an old one."""
    try:
        kind, uuid, version = signing.loads(token, salt=ALL_OF_AN_ADDRESS, max_age=valid_for)
    except signing.BadSignature:
        return ""
    model = Delegation if kind == Delegation.link_url_name else Registration
    found = model.objects.filter(uuid=uuid, link_version=version, erased_at=None)
    return found.values_list("email", flat=True).first() or ""
