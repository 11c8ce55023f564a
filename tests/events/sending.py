"""The public forms as strangers send them, and what came of it."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from django.core import signing
from django.utils import timezone

from events.approval import refuse
from events.fields import SALT
from events.links import token_of
from events.models import Registration
from events.registration import cancel, confirm, register
from portal.base.models import OutgoingMail
from tests.factories import admit, applicant, stored

if TYPE_CHECKING:
    from bs4 import Tag
    from django.http import HttpResponse

LANGUAGES = ["fr", "en", "it", "es", "pt", "de", "nl", "da", "bg"]
PRIVATE = "max-age=0, no-cache, no-store, must-revalidate, private"


def old_stamp(**ago: float) -> str:
    """What a form that was opened so long ago carries; a minute where nothing is said."""
    then = timezone.now() - dt.timedelta(**(ago or {"minutes": 1}))
    return signing.dumps(then.timestamp(), salt=SALT)


def filled(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Maria",
        "email": "maria@example.org",
        "organisation": "Cité de Porto",
        "country": "PT",
        "language": "pt",
        "website": "",
        "stamp": old_stamp(),
        **fields,
    }


def form_url(event: Any, language: str = "en") -> str:
    return f"/{language}/event/{event.pk}/register/"


def group_url(event: Any, language: str = "en") -> str:
    return f"/{language}/event/{event.pk}/register/group/"


def manage_url(row: Any, language: str = "en") -> str:
    return f"/{language}/{row.link_url_name}/{token_of(stored(row))}/"


def send(client: Any, event: Any, **fields: Any) -> Any:
    return client.post(form_url(event), filled(**fields))


def errors(response: Any, form: str = "form") -> dict[str, list[str]]:
    found = response.context[form].errors.get_json_data()
    return {name: [error["message"] for error in messages] for name, messages in found.items()}


def soup(response: HttpResponse) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def words(element: Tag | None) -> str:
    """What somebody reads; empty where there is nothing."""
    return " ".join(element.get_text(" ", strip=True).split()) if element else ""


def notices(response: HttpResponse) -> list[str]:
    return [words(notice) for notice in soup(response).select("main .notice")]


def buttons(response: HttpResponse) -> list[str]:
    """What can be done: the acts of the forms, in order."""
    return [str(element["value"]) for element in soup(response).select("main form [name=act]")]


def masked(response: HttpResponse, *emails: str) -> str:
    """A page without what must differ between two visits, and without the addresses that were typed."""
    text = response.content.decode()
    text = re.sub(r'name="(csrfmiddlewaretoken|stamp)" value="[^"]*"', r'name="\1"', text)
    for email in emails:
        text = text.replace(email, "…")
    return text


def everything() -> tuple[Any, ...]:
    """All that a reader must not be able to change."""
    rows = Registration.objects.order_by("pk").values()
    mails = OutgoingMail.objects.order_by("pk").values_list("key", "to")
    return list(rows), list(mails)


def kinds() -> list[str]:
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", flat=True))


def people() -> list[tuple[str, str]]:
    return list(Registration.objects.order_by("pk").values_list("email", "state"))


def registered(event: Any, email: str = "maria@example.org", **fields: Any) -> Registration:
    """Somebody who has sent the form and not confirmed it."""
    row = register(event.pk, applicant(email, **fields))
    assert row is not None
    return row


def in_state(event: Any, state: str, email: str = "maria@example.org", **fields: Any) -> Registration:
    """A registration in this state, as the rules bring it there. The event has one seat on site."""
    if state == "pending":
        admit(event, 1)
        return registered(event, email, **fields)
    if state in {"awaiting", "refused"}:
        admit(event, 1, needs_approval=True)
        row = confirm(registered(event, email, **fields).pk)
        return refuse(row.pk, user=None) if state == "refused" else row
    if state in {"waiting", "offered"}:
        admit(event, 1)
        first = confirm(registered(event, "first@example.org").pk)
        row = confirm(registered(event, email, **fields).pk)
        if state == "offered":
            cancel(first.pk)
            Registration.objects.filter(pk=first.pk).update(held_until=timezone.now())
            cancel(first.pk)
        return stored(row)
    admit(event, 1)
    row = registered(event, email, **fields)
    if state == "expired":
        Registration.objects.filter(pk=row.pk).update(held_until=timezone.now())
        return confirm(row.pk)
    row = confirm(row.pk)
    return cancel(row.pk) if state == "cancelled" else row
