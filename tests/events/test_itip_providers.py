"""Invitations through each service that EMAIL_URL can name: whole, or a link and a file; never lost."""

import base64
import datetime as dt

import pytest
import time_machine

from events.calendar import single
from events.registration import cancel
from portal.base.models import OutgoingMail
from portal.base.outbox import deliver
from portal.mail_url import ANYMAIL, connection_from_url
from tests.base.providers import ANSWERS, MARIA, Provider, raw_of, unfolded, url_of, use
from tests.base.smtp import SmtpServer
from tests.events.itip_checklist import calendar_of, calendar_parts, problems, read
from tests.events.mails import NOON, SITE, forget
from tests.factories import admit, come, make_event

pytestmark = pytest.mark.django_db

SERVICES = [name for name in ANYMAIL if name != "amazon-ses"]
LIMITS = {"retries": {"total_max_attempts": 1}}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def provider():
    found = Provider()
    yield found
    found.stop()


@pytest.fixture
def event():
    event = make_event("Réunion, à « Paris »", in_days=60)
    admit(event, 1)
    return event


def deliver_all():
    mails = list(OutgoingMail.objects.waiting().order_by("pk"))
    return [deliver(mail.pk) for mail in mails]


def come_and_go(event, clock):
    """A seat, and its end; the mail that asks to confirm the address is not sent here."""
    row = come(event, MARIA, language="en")
    OutgoingMail.objects.filter(kind="registration_pending").update(withheld_at=NOON)
    results = deliver_all()
    clock.shift(dt.timedelta(minutes=1))
    cancel(row.pk)
    return results + deliver_all()


def test_amazon_ses_carries_them_whole(settings, provider, event, clock):
    use(settings, "amazon-ses", provider.url)
    provider.answer = ANSWERS["amazon-ses"]

    results = come_and_go(event, clock)

    invited, ended = (raw_of(body) for body in provider.bodies)
    assert (results, problems(invited), problems(ended, before=invited)) == (["sent", "sent"], [], [])
    assert [calendar_of(raw).value("METHOD") for raw in (invited, ended)] == ["REQUEST", "CANCEL"]


@pytest.mark.parametrize("name", SERVICES)
def test_other_services_get_a_link_and_a_plain_file(settings, provider, event, clock, name):
    use(settings, name, provider.url)
    provider.answer = ANSWERS[name]

    results = come_and_go(event, clock)

    invited, ended = (unfolded(body) for body in provider.bodies)
    file = single(bytes(event.calendar_entries.get(language="en").body))
    encoded, text = base64.b64encode(file).decode(), file.decode().replace("\r\n", "\n")
    assert results == ["sent", "sent"]
    assert encoded in invited or text in invited.replace("\r\n", "\n")
    assert f"{SITE}/en/calendar/event/{event.pk}.ics" in invited
    assert [word for word in ("METHOD", "method=", "You need not answer it") if word in invited + ended] == []
    assert encoded not in ended


@pytest.mark.parametrize("name", SERVICES)
def test_second_server_carries_what_the_service_cannot(settings, provider, event, clock, name):
    use(settings, name, provider.url)
    provider.answer = ANSWERS[name]
    smtp = SmtpServer()
    settings.INVITATION_EMAIL = connection_from_url(f"smtp://127.0.0.1:{smtp.port}", timeout=10, ses_limits=LIMITS)
    come(event, "first@example.org")
    forget()
    results = come_and_go(event, clock)  # onto the waiting list
    cancel(event.registrations.get(email="first@example.org").pk, user=None)
    results += deliver_all()
    smtp.stop()

    assert results == ["sent"] * 3
    assert len(provider.bodies) == 2
    assert [problems(raw) for raw in smtp.raw] == [[]]
    assert [calendar_of(raw).value("METHOD") for raw in smtp.raw] == ["CANCEL"]


def test_second_server_may_be_amazon_ses_with_keys_of_its_own(settings, provider, event, clock):
    main, apart = SmtpServer(), provider
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", main.port
    url = url_of("amazon-ses", apart.url)
    settings.INVITATION_EMAIL = connection_from_url(url, timeout=10, ses_limits=LIMITS)
    apart.answer = ANSWERS["amazon-ses"]
    come(event, "first@example.org", language="en")
    results = deliver_all()
    come(event, MARIA, language="en")
    results += deliver_all()
    main.stop()

    assert results == ["withheld", "sent", "withheld", "sent"]
    assert [problems(raw_of(body)) for body in apart.bodies] == [[]]
    assert [(read(raw)["To"], calendar_parts(read(raw))) for raw in main.raw] == [(MARIA, [])]
