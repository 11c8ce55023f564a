import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone

from events.models import Admission, CalendarEntry
from events.registration import register
from portal.audit import problems
from portal.base.models import OutgoingMail
from portal.ticking import tick
from tests import factories

pytestmark = pytest.mark.django_db


def test_audit_is_content_with_what_the_rules_made():
    event = factories.make_event()
    factories.admit(event, 1)
    register(event.pk, factories.applicant())

    assert problems() == []


def test_audit_names_each_broken_promise(capsys):
    event = factories.make_event("Rencontre")
    factories.admit(event, 1)
    register(event.pk, factories.applicant())
    Admission.objects.update(seats_on_site=0)
    CalendarEntry.objects.filter(language="fr").update(body=b"x")
    yesterday = timezone.now() - dt.timedelta(days=1)
    OutgoingMail.objects.create(
        key="k", kind="registration_links", to="a@example.org", language="fr", next_try_at=yesterday
    )

    with pytest.raises(SystemExit) as ended:
        call_command("audit")

    assert ended.value.code == 2
    assert [line.split(" (")[0] for line in capsys.readouterr().out.splitlines()] == [
        f"event {event.pk}",
        f"mail {OutgoingMail.objects.get(key='k').pk}",
        f"event {event.pk}",
    ]


def test_render_calendar_mends_stale_entries(capsys):
    factories.make_event()
    CalendarEntry.objects.filter(language="fr").update(body=b"x", digest="x")

    call_command("render_calendar")

    assert capsys.readouterr().out == "1 entries changed\n"
    assert problems() == []


def test_tick_deletes_drafts_that_were_begun_and_left():
    old = factories.make_event("Commencé", live=False)
    old.latest_revision.created_at = timezone.now() - dt.timedelta(days=31)
    old.latest_revision.save(update_fields=["created_at"])
    young = factories.make_event("En cours", live=False)

    failed = tick()

    assert failed == []
    assert list(type(old).objects.values_list("pk", flat=True)) == [young.pk]


def test_tick_publishes_what_was_scheduled():
    event = factories.make_event("Programmé", live=False)
    draft = event.get_latest_revision_as_object()
    draft.go_live_at = timezone.now() - dt.timedelta(minutes=1)
    revision = draft.save_revision()
    revision.approved_go_live_at = draft.go_live_at
    revision.save(update_fields=["approved_go_live_at"])

    tick()

    assert factories.stored(event).live
