import datetime as dt

import pytest
import time_machine
from django.core.management import CommandError, call_command

from events.models import AuditLine, Registration
from events.registration import confirm, register
from portal import ticking
from portal.base.models import OutgoingMail
from portal.ticking import tick
from tests.factories import admit, applicant, make_event, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(own_cache):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def confirmed(event, email):
    return confirm(register(event.pk, applicant(email, diet="Vegan")).pk)


def test_tick_does_what_is_due_of_events(clock):
    coming, full, past = make_event("coming"), make_event("full"), make_event("past", in_days=5)
    for event, seats in ((coming, 5), (full, 1), (past, 5)):
        admit(event, seats)
    seated, ate = confirmed(coming, "seated@example.org"), confirmed(past, "ate@example.org")
    clock.move_to(coming.begins_at - 48 * HOUR)
    pending = register(full.pk, applicant("pending@example.org"))
    waiting = confirmed(full, "waiting@example.org")
    clock.move_to(coming.begins_at - 24 * HOUR + HOUR)

    assert tick() == []

    assert stored(pending).state == "expired"
    assert (stored(waiting).state, stored(waiting).seat) == ("offered", 1)
    assert OutgoingMail.objects.filter(kind="registration_reminder", about=seated.uuid).count() == 1
    assert stored(ate).diet == "Vegan"  # not before thirty days after
    clock.move_to(past.begins_at + 31 * 24 * HOUR)
    tick()
    assert stored(ate).diet == ""
    assert AuditLine.objects.filter(event=past, what="forgotten").get().data == {"logistics": 1}


def test_tick_looks_for_what_to_forget_once_an_hour(clock):
    event = make_event(in_days=5)
    admit(event)
    row = confirmed(event, "ate@example.org")
    clock.move_to(event.begins_at + 31 * 24 * HOUR)
    tick()
    Registration.objects.update(diet="Vegan")

    clock.shift(HOUR - dt.timedelta(minutes=1))
    tick()
    within = stored(row).diet
    clock.shift(dt.timedelta(minutes=2))
    tick()

    assert (within, stored(row).diet) == ("Vegan", "")


def test_an_act_that_fails_stops_no_other(monkeypatch, caplog):
    done = []

    def breaks():
        raise RuntimeError("no")

    monkeypatch.setattr(ticking, "DUE", (breaks, lambda: done.append(1)))

    with pytest.raises(CommandError, match=r"^failed: breaks$"):
        call_command("tick")

    assert done == [1]
    assert "tick: breaks failed" in caplog.text


def test_acts_are_done_in_an_order_in_which_each_sees_what_the_one_before_did():
    assert [act.__name__ for act in ticking.DUE] == [
        "publish_scheduled",
        "settle_all",
        "queue_reminders",
        "ask_to_verify",
        "ask_to_check",
        "retry_due",
        "check_handbooks",
        "delete_abandoned_drafts",
        "forget_hourly",
        "forget_task_results",
    ]


def test_a_dry_run_does_nothing_else_that_is_due(capsys, clock):
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())
    clock.shift(dt.timedelta(days=2))

    call_command("tick", "--dry-run")

    assert stored(row).state == "pending"
    assert capsys.readouterr().out == "0 rows would be forgotten\n"
