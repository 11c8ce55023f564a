"""Two Cités with their pages in French, and people in the admin, who read it in English."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from wagtail.users.models import UserProfile

from tests import factories


@pytest.fixture
def trees() -> dict[str, dict[str, Any]]:
    return factories.make_tree("fr", "en")


@pytest.fixture
def porto(trees: dict[str, dict[str, Any]]) -> Any:
    return cite_with_page(trees, "porto")


@pytest.fixture
def lyon(trees: dict[str, dict[str, Any]]) -> Any:
    return cite_with_page(trees, "lyon")


def cite_with_page(trees: dict[str, dict[str, Any]], slug: str) -> Any:
    cite = factories.make_cite(slug)
    factories.cite_page(trees["fr"]["network"], cite, f"Cité {slug}", slug=slug)
    return factories.stored(cite)


@pytest.fixture
def editor(porto: Any) -> Client:
    return logged_in(factories.make_user("editor", cite=porto))


@pytest.fixture
def coordinator(trees: dict[str, dict[str, Any]]) -> Client:
    return logged_in(factories.make_user("coordinator", is_coordinator=True))


def logged_in(user: Any, language: str = "en") -> Client:
    UserProfile.objects.create(user=user, preferred_language=language)
    client = Client()
    client.force_login(user)
    return client


def told(response: Any) -> list[str]:
    """What the next page of the admin says on top."""
    return [str(message).strip() for message in get_messages(response.wsgi_request)]
