"""Every address of the admin, tried by people whose it is not: nothing is read, nothing is changed.

A superuser tries everything beside them. What he meets there shows that the attempts are real, and the forms he
is given are what the others send.
"""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client

from tests.admin.addresses import addresses, admin_patterns
from tests.admin.world import FILE, MARKS, NAME, PAGE, World, make_world

pytestmark = pytest.mark.slow

Found = dict[str, set[str]]

# Who looked at what and when, and smaller copies of a picture: no content.
NOT_COMPARED = {"Session", "EditingSession", "PageSubscription", "PortalRendition", "UserProfile"}
TRACES = {model._meta.db_table for model in apps.get_models() if model.__name__ in NOT_COMPARED}
WRITING = ("INSERT", "UPDATE", "DELETE")


def stored_rows() -> dict[str, list[str]]:
    models = [model for model in apps.get_models(include_auto_created=True) if model.__name__ not in NOT_COMPARED]
    return {model._meta.label: sorted(str(row) for row in model._base_manager.values_list()) for model in models}


class Person:
    """Somebody who tries addresses; all that an attempt changes is undone."""

    def __init__(self, user: Any, before: dict[str, list[str]] | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)
        self.cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}
        self.before = before
        self.wrote = False
        self.answers: set[str] = set()

    def send(self, method: str, address: str, data: Any = None, **headers: str) -> tuple[Any, set[str]]:
        """The answer, and in it: marks that were read, "changed …", "broken …"."""
        with transaction.atomic(), connection.execute_wrapper(self.note_writing):
            self.wrote = False
            self.client.cookies = SimpleCookie(self.cookies)
            response = getattr(self.client, method)(address, data, **headers)
            self.answers.add(f"answered {response.status_code}")
            said = everything_said(response)
            found = {mark for mark in MARKS if mark in said}
            if response.status_code >= 500:
                found.add(f"broken {response.exc_info and response.exc_info[1]!r}")
            if self.wrote:
                found |= self.changes()
            transaction.set_rollback(True)
        return response, found

    def changes(self) -> set[str]:
        if self.before is None:
            return {"changed"}
        after = stored_rows()
        return {f"changed {label}" for label in after if after[label] != self.before[label]}

    def note_writing(self, execute: Any, sql: str, *arguments: Any) -> Any:
        self.wrote = self.wrote or (sql.startswith(WRITING) and sql.split('"')[1] not in TRACES)
        return execute(sql, *arguments)


def everything_said(response: Any) -> str:
    """Body, headers, and what the next page would say."""
    body = b"".join(response) if response.streaming else response.content
    said = [str(message) for message in get_messages(response.wsgi_request)]
    return "\n".join([body.decode(errors="replace"), str(response.headers), *said])


def sent_fields(response: Any, world: World) -> dict[str, Any]:
    """The forms of a page as a superuser would send them, each text changed, and what other acts want."""
    fields = {} if response.streaming else filled_fields(BeautifulSoup(response.content, "html.parser"))
    changed = {name: f"{text} x" for name, text in fields.items() if name.endswith(("title", "name", "labels_fr"))}
    acts = {
        "page": world.foreign.draft_page.pk,
        "state": "cancelled",
        "seats_on_site": 3,
        "seats_online": 3,
        "registration": world.foreign.registration.pk,
        "act": "cancel",
        "action": "approve",
        "confirm": "1",
        "why": "x",
        "guests": "x@example.org",
        "language": "fr",
        "name": "x",
        "email": "y@example.org",
        "country": "PT",
        "way": "on-site",
        "kind": "text",
        "labels_fr": "x",
        "purposes_fr": "x",
        "retention": "logistics",
    }
    po_file = ContentFile(
        str(world.foreign.translation.export_po()).replace('msgstr ""\n\n', 'msgstr "x"\n\n').encode(), "t.po"
    )
    return {
        **acts,
        "body-count": "0",
        "documents-count": "0",
        "value": "x",
        "file": po_file,
        "action-publish": "1",
        **fields,
        **changed,
    }


def filled_fields(page: BeautifulSoup) -> dict[str, Any]:
    for template in page.find_all("template"):
        template.decompose()
    forms = page.find_all("form", method=lambda method: (method or "").lower() == "post")
    entries = [
        entry for form in forms for entry in form.find_all(["input", "textarea", "select"], attrs={"name": True})
    ]
    values = {entry["name"]: filled_value(entry) for entry in entries}
    return {name: value for name, value in values.items() if value is not None}


def filled_value(entry: Any) -> Any:
    if entry.name == "textarea":
        return entry.get_text()
    if entry.name == "select":
        return [option.get("value", "") for option in entry.find_all("option", selected=True)] or None
    if entry.get("type") in {"checkbox", "radio"} and not entry.has_attr("checked"):
        return None
    return None if entry.get("type") in {"file", "submit"} else entry.get("value", "")


def queries(world: World) -> list[str]:
    """What lists and choosers are asked for; no mark, since a page may repeat what it was asked."""
    foreign = world.foreign
    asked: list[dict[str, Any]] = [
        {"q": PAGE[:5], "event": foreign.event.pk, "id": foreign.page.pk},
        {"search": FILE[:5], "id": foreign.image.pk},
        {"export": "csv"},
    ]
    return ["", *(f"?{urlencode(query, doseq=True)}" for query in asked)]


def try_everything(world: World) -> dict[str, Found]:
    """What everybody read, changed and broke, and what he was answered: by person and name of the address."""
    superuser = Person(world.superuser)
    people = {name: Person(user) for name, user in world.people.items()}
    before = stored_rows()  # after they have logged in
    for person in people.values():
        person.before = before
    found: dict[str, Found] = {name: defaultdict(set) for name in ("superuser", *people)}
    tried: set[str] = set()
    for pattern in admin_patterns():
        for address in addresses(pattern, world, queries(world)):
            if address in tried:
                continue
            tried.add(address)
            response, read = superuser.send("get", address)
            fields = sent_fields(response, world)
            found["superuser"][pattern.name] |= read | write(superuser, address, fields)
            for name, person in people.items():
                person.answers = set()
                said = person.send("get", address)[1] | write(person, address, fields)
                found[name][pattern.name] |= said | person.answers
    return found


def write(person: Person, address: str, fields: dict[str, Any]) -> set[str]:
    found = person.send("post", address, fields)[1]
    if "/edit/" in address:
        found |= person.send("post", address, fields, HTTP_ACCEPT="application/json")[1]
    if "/localize/translate/" in address:
        found |= person.send("put", address, "value=x", content_type="application/x-www-form-urlencoded")[1]
        found |= person.send("delete", address)[1]
    return found


@pytest.fixture(scope="module")
def found(django_db_setup: None, django_db_blocker: Any) -> dict[str, Found]:
    logging.disable()  # hundreds of refusals
    with django_db_blocker.unblock(), transaction.atomic(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Wagtail leaves files open, and lists in no order
        found = try_everything(make_world())
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)
    return found


# What Wagtail shows of other branches by design, and why that is borne: titles of pages, nothing below them.
SHOWN: dict[str, str] = {
    "wagtailadmin_choose_page": "an editor may link to any page of the portal",
    "wagtailadmin_choose_page_child": "an editor may link to any page of the portal",
    "wagtailadmin_choose_page_search": "an editor may link to any page of the portal",
    "wagtailadmin_choose_page_chosen_multiple": "an editor may link to any page of the portal",
    "wagtailadmin_pages:workflow_action": "the refusal names the page that is not in moderation",
    "wagtailadmin_pages:collect_workflow_action_data": "the same",
    "wagtailadmin_pages:workflow_preview": "the same",
}
NAMED: dict[str, str] = {"practices:add": "which of the public Cités have taken the practice up"}
# Addresses that Wagtail answers with an error when something is missing that its own pages always send.
BREAKS: dict[str, str] = {
    "wagtailadmin_error_test": "it is there to break",
    "wagtailadmin_choose_page_external_link": "POST without an address",
    "wagtaildocs:add_multiple": "POST without files",
    "wagtailimages:add_multiple": "POST without files",
}
OWN_ROWS = {"wagtailadmin_account": "the user's own name and language"}
PEOPLE = ["editor", "without Cité", "without rights", "anonymous"]


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_reads_what_is_not_his(found: dict[str, Found], who: str) -> None:
    read = {name: what & set(MARKS) for name, what in found[who].items()}

    titles = {name for name, what in read.items() if what == {PAGE}}
    rest = {name: what for name, what in read.items() if what and name not in titles}
    rest = {name: what for name, what in rest.items() if what != {NAME} or name not in NAMED}

    assert rest == {}
    assert titles <= set(SHOWN)


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_changes_what_is_not_his(found: dict[str, Found], who: str) -> None:
    changed = {name: {one for one in what if one.startswith("changed")} for name, what in found[who].items()}

    assert {name: what for name, what in changed.items() if what and name not in OWN_ROWS} == {}


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_breaks_anything(found: dict[str, Found], who: str) -> None:
    broken = {name: {one for one in what if one.startswith("broken")} for name, what in found[who].items()}

    assert {name: what for name, what in broken.items() if what and name not in BREAKS} == {}


def test_people_of_others_are_refused_and_not_led_elsewhere(found: dict[str, Found]) -> None:
    """405: a GET where only a POST does anything."""
    refused = {"answered 403", "answered 404", "answered 405"}
    names = {
        pattern.name
        for pattern in admin_patterns()
        if pattern.namespace in {"events", "registrations"} and "pk" in pattern.arguments
    } - {"events:revisions_compare"}  # also tried from the earliest to the latest of an own event

    answered = {name: {one for one in found["editor"][name] if one.startswith("answered")} for name in names}

    assert {"events:registrations_export", "events:registration_mails", "registrations:inspect"} <= names
    assert {name: what for name, what in answered.items() if not what or not what <= refused} == {}


# Where a superuser finds nothing either, in the parts of the admin that hold the rows of Cités.
NOTHING: dict[str, set[str]] = {
    "facts come first; there is no copy, and nothing is private": {
        *(f"wagtailadmin_pages:{name}" for name in ("add", "copy", "set_privacy")),
    },
    "it only leads elsewhere": {
        *(f"wagtailadmin_api:{name}:find" for name in ("pages", "images", "documents")),
        *(f"wagtailadmin_pages:{name}" for name in ("choose_parent", "confirm_workflow_cancellation", "convert_alias")),
        *("wagtailadmin_pages:revisions_index", "cites:first_words", "events:first_words", "practices:first_words"),
        "modules:first_words",
    },
    "registrations change by their rules alone": {
        *(f"registrations:{name}" for name in ("add", "edit", "delete", "history", "history_results", "usage")),
        "registrations:inspect",  # leads to the page below the event
    },
    "a picture has no words": {
        *(f"wagtailimages:{name}" for name in ("preview", "url_generator", "url_generator_output"))
    },
    "lines of a history name who and when": {
        *(f"{name}:history_results" for name in ("cites", "events", "modules", "practices", "projects")),
    },
    "the form is not complete": {"cites:add"},
    "it holds no rows": {"wagtail_localize:javascript_catalog"},
}
PLACES = (
    *("cites", "events", "modules", "practices", "projects", "registrations"),
    *("wagtailadmin_api", "wagtailadmin_pages"),
)
PLACES += ("wagtailimages", "wagtaildocs", "wagtailimages_chooser", "wagtaildocs_chooser", "wagtail_localize")


def test_the_attempts_are_real(found: dict[str, Found]) -> None:
    """Where this finds nothing for a superuser, the tests above would prove nothing for the others."""
    held = {name: what for name, what in found["superuser"].items() if name.partition(":")[0] in PLACES}

    nothing = {name for name, what in held.items() if not what}

    assert nothing == set().union(*NOTHING.values())
