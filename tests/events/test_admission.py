import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from events.admission import AdmissionRefused, change_admission
from events.models import Admission, AuditLine
from events.registration import cancel, register
from tests.factories import admit, applicant, make_event, make_user, stored

pytestmark = pytest.mark.django_db

OPENS = dt.datetime(2027, 1, 1, 8, tzinfo=dt.UTC)
CLOSES = dt.datetime(2027, 1, 9, 8, tzinfo=dt.UTC)


def admissions(event):
    return list(
        Admission.objects.filter(event=event).values_list("seats_on_site", "seats_online", "opens_at", "closes_at")
    )


def audit(event):
    return list(event.audit_lines.values_list("user", "who", "what", "data"))


def test_admission_is_one_row_however_often_it_changes():
    event = make_event()

    first = change_admission(event.pk, seats_on_site=10, seats_online=0, opens_at=None, closes_at=None)
    second = change_admission(event.pk, seats_on_site=12, seats_online=5, opens_at=OPENS, closes_at=CLOSES)

    assert first.pk == second.pk
    assert admissions(event) == [(12, 5, OPENS, CLOSES)]


def test_admission_changes_are_noted_with_who_made_them():
    event, user = make_event(), make_user()

    admit(event, 10)
    change_admission(event.pk, seats_on_site=12, seats_online=5, opens_at=OPENS, closes_at=CLOSES, user=user)

    window = {"opens_at": "2027-01-01T08:00:00+00:00", "closes_at": "2027-01-09T08:00:00+00:00"}
    assert audit(event) == [
        (user.pk, "organiser", "admission", {"seats_on_site": 12, "seats_online": 5, **window}),
        (None, "system", "admission", {"seats_on_site": 10, "seats_online": 0, "opens_at": None, "closes_at": None}),
    ]


def test_admission_can_shrink_to_what_is_taken_and_no_further():
    event = make_event()
    admit(event, 10, 10)
    people = [
        register(event.pk, applicant(f"{n}@example.org", way=way))
        for n, way in enumerate(["on-site", "on-site", "online"])
    ]

    for seats in ((1, 10), (10, 0)):
        with pytest.raises(AdmissionRefused):
            admit(event, *seats)
    refused = admissions(event)
    admit(event, 2, 1)

    assert (refused, admissions(event)) == ([(10, 10, None, None)], [(2, 1, None, None)])
    assert [(stored(row).state, stored(row).seat) for row in people] == [("pending", 1), ("pending", 2), ("pending", 1)]


def test_admission_refusal_names_the_number_and_leaves_no_trace():
    event = make_event()
    admit(event, 10)
    for number in range(3):
        register(event.pk, applicant(f"{number}@example.org"))
    before = audit(event)

    with translation.override("en"), pytest.raises(AdmissionRefused) as refused:
        admit(event, 2)

    assert str(refused.value) == "3 people have a seat already (on site); fewer seats are not possible."
    assert audit(event) == before


def test_admission_does_not_count_who_has_cancelled():
    event = make_event()
    admit(event, 1)
    cancel(register(event.pk, applicant()).pk)

    admit(event, 0)

    assert admissions(event) == [(0, 0, None, None)]


@pytest.mark.parametrize("closes_at", [OPENS, OPENS - dt.timedelta(days=1)])
def test_admission_must_close_after_it_opens(closes_at):
    event = make_event()

    with translation.override("en"), pytest.raises(AdmissionRefused) as refused:
        admit(event, opens_at=OPENS, closes_at=closes_at)

    assert str(refused.value) == "Registration must close after it opens."
    assert (admissions(event), audit(event)) == ([], [])


def test_admission_window_is_held_by_the_database_too():
    event = make_event()

    with pytest.raises(IntegrityError), transaction.atomic():
        Admission.objects.create(event=event, opens_at=CLOSES, closes_at=OPENS)

    assert admissions(event) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, True),
        ({"state": "planned"}, True),
        ({"state": "cancelled"}, False),
        ({"state": "postponed"}, False),
        ({"state": "withdrawn"}, False),
        ({"live": False}, False),
        ({"precision": "month"}, False),
        ({"in_days": -1}, False),
        # Registration ends a day before the start.
        ({"in_days": 0}, False),
    ],
)
def test_admission_is_open_for_what_takes_place(facts, expected):
    event = make_event(**facts)
    admission = admit(event)

    assert admission.is_open(timezone.now()) is expected


def test_admission_lines_of_the_audit_go_with_nobody():
    event, user = make_event(), make_user()
    change_admission(event.pk, seats_on_site=1, seats_online=0, opens_at=None, closes_at=None, user=user)

    user.delete()

    assert [(line.user, line.who) for line in AuditLine.objects.filter(event=event)] == [(None, "organiser")]
