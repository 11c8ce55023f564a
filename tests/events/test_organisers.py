import pytest
from django.core import mail as sent
from django.utils import translation
from wagtail.users.models import UserProfile

from events.organisers import language_of, organisers_of, tell_organisers
from events.registration import cancel
from portal.base.models import OutgoingMail
from portal.base.outbox import deliver, tell_handlers
from tests.events.mails import deliver_all, html_of, require_same
from tests.factories import admit, come, make_cite, make_event, make_user, stored

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


def speaks(user, language):
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})
    return user


def organised(**facts):
    """A published event of a Cité, with seats."""
    cite = make_cite()
    event = make_event(cite=cite, **facts)
    admit(event)
    return cite, event


def come_back(event, email="maria@example.org", **fields):
    """Somebody comes, and the mail about it is returned."""
    row = come(event, email, **fields)
    deliver_all()
    mail = OutgoingMail.objects.get(kind="registration_confirmed", to=email)
    tell_handlers(mail)
    return row, mail


def to_organisers():
    rows = OutgoingMail.objects.filter(kind="organiser_returned").order_by("pk")
    return list(rows.values_list("to", "language", "about"))


def test_editors_of_the_cite_organise_its_events():
    cite, event = organised()
    first, second = make_user("first", cite=cite), make_user("second", cite=cite)
    make_user("other", cite=make_cite("roma"))
    make_user("coordinator", is_coordinator=True)
    make_user("nobody")

    assert organisers_of(event) == [first, second]


def test_coordinators_organise_events_of_the_network():
    make_user("editor", cite=make_cite())
    coordinator = make_user("coordinator", is_coordinator=True)

    assert organisers_of(make_event()) == [coordinator]


@pytest.mark.parametrize("without", [{"is_active": False}, {"email": ""}])
def test_who_cannot_be_written_to_is_left_out_and_the_coordinators_stand_in(without):
    cite, event = organised()
    user = make_user("editor", cite=cite)
    coordinator = make_user("coordinator", is_coordinator=True)
    for name, value in without.items():
        setattr(user, name, value)
    user.save()

    assert organisers_of(event) == [coordinator]


def test_an_organiser_in_two_groups_is_one():
    cite, event = organised()
    user = make_user("editor", cite=cite, is_coordinator=True)

    assert organisers_of(event) == [user]
    assert organisers_of(make_event()) == [user]


@pytest.mark.parametrize(
    ("preferred", "expected"),
    [("", "fr"), ("en", "en"), ("pt-br", "pt"), ("zh-hans", "fr"), (None, "fr")],
)
def test_organisers_are_written_to_in_the_language_they_work_in(preferred, expected):
    user = make_user()
    if preferred is not None:
        speaks(user, preferred)

    assert language_of(user) == expected


def test_each_organiser_is_told_once_that_a_mail_came_back():
    cite, event = organised()
    speaks(make_user("anna", cite=cite), "it")
    speaks(make_user("jens", cite=cite), "da")

    row, mail = come_back(event)
    tell_handlers(mail)

    assert to_organisers() == [("anna@example.org", "it", None), ("jens@example.org", "da", None)]
    assert stored(row).bounced_at is not None


def test_coordinators_are_told_for_an_event_of_the_network():
    event = make_event()
    admit(event)
    make_user("coordinator", is_coordinator=True)

    come_back(event)

    assert to_organisers() == [("coordinator@example.org", "fr", None)]


def test_what_organisers_read():
    cite, event = organised(name="Rencontre <b>&</b> %s")
    speaks(make_user("anna", cite=cite), "en")
    row, _mail = come_back(event, name="Maria <i>")

    [message] = deliver_all()

    assert (message.subject, message.to, message.reply_to) == (
        "A mail came back: Rencontre <b>&</b> %s",
        ["anna@example.org"],
        [],
    )
    assert (
        message.body
        == f"""\
Good day,

Our mail to Maria <i> (maria@example.org) could not be delivered.

No seat is offered to this address any more until you send a mail again from the page below.

See the registration:
{SITE}/admin/events/{event.pk}/registrations/{row.pk}/

Cités des métiers
{SITE}
"""
    )
    assert require_same(message).language == "en"


def test_address_in_the_mail_leads_to_the_registration(client):
    cite, event = organised()
    user = make_user("anna", cite=cite)
    row, _mail = come_back(event)
    [message] = deliver_all()
    client.force_login(user)

    address = message.body.split(f"{SITE}/admin/")[1].split("\n")[0]
    response = client.get(f"/admin/{address}", follow=True)

    assert (response.status_code, str(row.name) in response.content.decode()) == (200, True)


def test_organisers_are_told_nothing_of_somebody_who_is_erased_meanwhile():
    cite, event = organised()
    make_user("anna", cite=cite)
    row, _mail = come_back(event)
    row.erased_at, row.name, row.email = row.created_at, "", ""
    row.save()

    assert (deliver_all(), len(to_organisers())) == ([], 1)


def test_a_mail_to_an_organiser_that_comes_back_is_nobodys_news():
    cite, event = organised()
    make_user("anna", cite=cite)
    come_back(event)
    deliver_all()

    tell_handlers(OutgoingMail.objects.get(kind="organiser_returned"))

    assert len(to_organisers()) == 1


def test_a_mail_to_somebody_who_has_cancelled_is_nobodys_news():
    cite, event = organised()
    make_user("anna", cite=cite)
    row = come(event)
    deliver_all()
    cancel(row.pk)

    tell_handlers(OutgoingMail.objects.get(kind="registration_confirmed"))

    assert to_organisers() == []


def test_organisers_are_told_in_a_transaction_of_the_cause():
    cite, event = organised()
    make_user("anna", cite=cite)

    for _time in range(2):
        tell_organisers(event, "organiser_returned", "cause", registration=1)

    assert len(to_organisers()) == 1
    assert [deliver(row.pk) for row in OutgoingMail.objects.filter(kind="organiser_returned")] == ["withheld"]
    assert sent.outbox == []


def test_html_for_organisers_is_in_their_language():
    cite, event = organised()
    speaks(make_user("anna", cite=cite), "de")
    come_back(event)

    [message] = deliver_all()

    with translation.override("de"):
        assert '<html lang="de">' in html_of(message)
