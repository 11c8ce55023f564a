"""Every address of the admin, tried by people whose it is not: nothing is read, nothing is changed."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.test import Client

from tests.admin.addresses import Pattern, addresses, admin_patterns
from tests.admin.world import FACT, FILE, MARKS, PAGE, PERSON, World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Rows that say who looked at what and when, not what is published.
NOT_COMPARED = {"Session", "EditingSession", "UserProfile", "LocaleSynchronization"}


@pytest.fixture
def world() -> World:
    return make_world()


def stored_rows() -> dict[str, list[str]]:
    """Everything that is stored, but for who was where."""
    models = [model for model in apps.get_models(include_auto_created=True) if model.__name__ not in NOT_COMPARED]
    return {model._meta.label: sorted(str(row) for row in model._base_manager.values_list()) for model in models}


class Person:
    """Somebody who tries addresses with what a coordinator would send there."""

    def __init__(self, world: World, user: Any) -> None:
        self.world = world
        self.client = Client(raise_request_exception=False)
        self.coordinator = Client(raise_request_exception=False)
        self.coordinator.force_login(world.superuser)
        if user is not None:
            self.client.force_login(user)
        self.cookies = self.client.cookies
        self.before = stored_rows()
        self.wrote = False

    def try_pattern(self, pattern: Pattern) -> set[str]:
        """The marks that were read, "changed …", and "500"."""
        return {found for address in addresses(pattern, self.world) for found in self.try_address(pattern, address)}

    def try_address(self, pattern: Pattern, address: str) -> set[str]:
        found = self.send("get", address)
        if "pk" not in pattern.arguments:
            found |= self.send("get", address, self.queries())
            found |= self.send("get", address, {"export": "csv"})
        data = self.fill_in(address)
        found |= self.send("post", address, data)
        if pattern.name.endswith(":edit"):
            found |= self.send("post", address, data, HTTP_ACCEPT="application/json")
        return found

    def send(self, method: str, address: str, data: Any = None, **headers: str) -> set[str]:
        """Undone afterwards, so that each attempt meets the same rows."""
        with transaction.atomic(), connection.execute_wrapper(self.note_writing):
            self.wrote = False
            self.client.cookies = SimpleCookie({name: morsel.value for name, morsel in self.cookies.items()})
            response = getattr(self.client, method)(address, data, **headers)
            found = {mark for mark in MARKS if mark in everything_said(response)}
            if response.status_code >= 500:
                found.add(f"500 {response.exc_info and response.exc_info[1]!r}")
            if self.wrote:
                after = stored_rows()
                found |= {f"changed {label}" for label in after if after[label] != self.before[label]}
            transaction.set_rollback(True)
        return found

    def note_writing(self, execute: Any, sql: str, *arguments: Any) -> Any:
        self.wrote = self.wrote or sql.startswith(("INSERT", "UPDATE", "DELETE"))
        return execute(sql, *arguments)

    def queries(self) -> dict[str, Any]:
        """What lists, choosers and bulk actions are asked for."""
        foreign = self.world.foreign
        rows = (foreign.cite, foreign.event, foreign.registration, foreign.page, foreign.event_page, foreign.image)
        return {"q": "secret", "id": [row.pk for row in rows], "event": foreign.event.pk, "p": "1"}

    def fill_in(self, address: str) -> dict[str, Any]:
        """The forms that a superuser meets there, with "publish" pressed; and what our own acts want."""
        response = self.coordinator.get(address)
        page = BeautifulSoup(response.content, "html.parser") if "html" in response.get("Content-Type", "") else None
        fields = filled_fields(page) if page else {}
        texts = {"page": self.world.foreign.draft_page.pk, "state": "cancelled", "seats_on_site": 3, "seats_online": 3}
        return {**texts, "action-publish": "1", **fields}


def everything_said(response: Any) -> str:
    """Body, headers, and what the next page would say."""
    body = b"".join(response) if response.streaming else response.content
    said = [str(message) for message in get_messages(response.wsgi_request)]
    return "\n".join([body.decode(errors="replace"), str(response.headers), *said])


def filled_fields(page: BeautifulSoup) -> dict[str, Any]:
    for template in page.find_all("template"):
        template.decompose()
    fields: dict[str, Any] = {}
    for form in page.find_all("form", method=lambda method: (method or "").lower() == "post"):
        for entry in form.find_all(["input", "textarea", "select"], attrs={"name": True}):
            if (value := filled_value(entry)) is not None:
                fields[entry["name"]] = value
    return fields


def filled_value(entry: Any) -> Any:
    if entry.name == "textarea":
        return entry.get_text()
    if entry.name == "select":
        chosen = [option.get("value", "") for option in entry.find_all("option", selected=True)]
        return chosen or None
    if entry.get("type") in {"checkbox", "radio"} and not entry.has_attr("checked"):
        return None
    return None if entry.get("type") in {"file", "submit"} else entry.get("value", "")


def attempts(world: World, user: Any) -> dict[str, set[str]]:
    """What somebody read and changed, by the name of the address."""
    person = Person(world, user)
    found: dict[str, set[str]] = {}
    for pattern in admin_patterns():
        found.setdefault(pattern.name, set()).update(person.try_pattern(pattern))
    return found


@pytest.mark.parametrize("who", ["editor", "superuser"])
def test_everybody(world: World, who: str) -> None:
    import logging
    logging.disable(logging.CRITICAL)
    found = attempts(world, world.people.get(who, world.superuser))
    for name, what in found.items():
        print("@@", who, name, what or "nothing")
