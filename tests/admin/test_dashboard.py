"""What somebody finds first: the next events with their people; for coordinators mails that did not arrive."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.base.models import OutgoingMail
from tests.admin.people import registered, several
from tests.factories import admit, make_event

pytestmark = pytest.mark.django_db


def panel(client, name):
    page = BeautifulSoup(client.get("/admin/").content, "html.parser")
    found = page.select_one(f"#{name}-section")
    return [" ".join(item.text.split()) for item in found.select("li")] if found else None


def test_editor_sees_how_full_own_events_are(editor, porto, lyon):
    mine, theirs = make_event("Mine", cite=porto), make_event("Theirs", cite=lyon)
    deciding = make_event("Deciding", cite=porto, in_days=40)
    for each in (mine, theirs):
        admit(each, 2)
        several(each, 3)
    admit(deciding, 5, needs_approval=True)
    registered(deciding, "x@example.org")

    lines = panel(editor, "next-events")

    assert len(lines) == 2
    assert lines[0].startswith("Mine ")
    assert lines[0].endswith("2 of 2 seats taken 1 on the waiting list")
    assert lines[1].endswith("0 of 5 seats taken 1 awaits approval")


def test_coordinator_sees_all_events_and_mails_that_did_not_arrive(coordinator, editor, porto, lyon):
    event = make_event("Theirs", cite=lyon)
    make_event("Network")
    admit(event)
    person = registered(event, name="Ines")
    old = registered(event, "old@example.org", name="Old")
    now = timezone.now()
    for row, at in ((person, now), (old, now - dt.timedelta(days=31))):
        mail = OutgoingMail.objects.filter(about=row.uuid).latest("pk")
        OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=at, bounced_at=at, last_error="550 unknown")

    events, mails = panel(coordinator, "next-events"), panel(coordinator, "returned-mails")

    assert [line.split()[0] for line in events] == ["Theirs", "Network"]
    assert len(mails) == 1
    assert mails[0].startswith("Ines seat confirmed · returned as undeliverable")
    page = BeautifulSoup(coordinator.get("/admin/").content, "html.parser")
    link = page.select_one("#returned-mails-section li a")["href"]
    assert link == f"/admin/events/{event.pk}/registrations/{person.pk}/"
    assert panel(editor, "returned-mails") is None


def test_dashboard_asks_as_many_queries_for_two_events_as_for_six(coordinator, porto):
    def with_people(number):
        for place in range(number):
            event = make_event(f"E{place}", cite=porto)
            admit(event, 1)
            several(event, 2)
        OutgoingMail.objects.update(bounced_at=timezone.now(), sent_at=timezone.now())

    with_people(2)
    coordinator.get("/admin/")
    few = queries(coordinator)
    with_people(4)

    assert queries(coordinator) == few


def queries(client):
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/admin/").status_code == 200
    return len(captured)


@pytest.mark.parametrize("who", ["editor", "coordinator"])
def test_dashboard_leads_to_our_own_guide_and_to_no_other_site(request, who):
    page = BeautifulSoup(request.getfixturevalue(who).get("/admin/").content, "html.parser")
    links = {link["href"]: link.text.strip() for link in page.select("main a[href]")}

    assert links["/admin/guide/"] == "Guide"
    assert links["/admin/account/"] == "Account"
    assert [address for address in links if address.startswith("http")] == []
