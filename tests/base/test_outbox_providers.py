"""Every service that EMAIL_URL can name takes our mails: real backend class, real connection, stubbed answer."""

import base64
import datetime as dt
import json
import re
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives

from portal.base import outbox
from portal.base.models import OutgoingMail
from portal.base.outbox import deliver, drain, message_id, reference
from portal.mail_url import ANYMAIL, mail_from_url
from tests.factories import stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
MARIA = "maria@example.org"
TEXT = "Здравей, Zoë"
ICS = "BEGIN:VCALENDAR\r\nSUMMARY:Réunion – обучение\r\nEND:VCALENDAR\r\n"
KEYS = {  # what each wants beside its address
    "amazon-ses": [],
    "brevo": ["BREVO_API_KEY"],
    "mailersend": ["MAILERSEND_API_TOKEN"],
    "mailgun": ["MAILGUN_API_KEY", "MAILGUN_SENDER_DOMAIN"],
    "mailjet": ["MAILJET_API_KEY", "MAILJET_SECRET_KEY"],
    "mailtrap": ["MAILTRAP_API_TOKEN"],
    "mandrill": ["MANDRILL_API_KEY"],
    "postal": ["POSTAL_API_KEY"],
    "postmark": ["POSTMARK_SERVER_TOKEN"],
    "resend": ["RESEND_API_KEY"],
    "scaleway": ["SCALEWAY_SECRET_KEY", "SCALEWAY_PROJECT_ID"],
    "sparkpost": ["SPARKPOST_API_KEY"],
    "unisender-go": ["UNISENDER_GO_API_KEY"],
}
ANSWERS = {
    "amazon-ses": {"MessageId": "n-1"},
    "brevo": {"messageId": "n-1"},
    "mailersend": {},
    "mailgun": {"id": "n-1", "message": "Queued. Thank you."},
    "mailjet": {"Messages": [{"Status": "success", "To": [{"Email": MARIA, "MessageID": "n-1"}]}]},
    "mailtrap": {"success": True, "message_ids": ["n-1"]},
    "mandrill": [{"email": MARIA, "status": "sent", "_id": "n-1"}],
    "postal": {"status": "success", "data": {"messages": {MARIA: {"id": 71}}}},
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "n-1", "To": MARIA},
    "resend": {"id": "n-1"},
    "scaleway": {"emails": [{"mail_rcpt": MARIA, "id": "n-1", "status": "new"}]},
    "sparkpost": {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "n-1"}},
    "unisender-go": {"status": "success", "job_id": "n-1", "emails": [MARIA]},
}
WITHOUT_METADATA = {"mailersend", "postal"}
WITHOUT_MESSAGE_ID = {"mailersend", "mailjet"}
WITHOUT_TYPE = {"brevo", "mailersend"}  # of attachments: a calendar is a file


class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        answer = json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Message-Id", "n-1")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.bodies, server.status = [], 200
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}/"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def clock():
    outbox.renderers["full"] = full
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
    del outbox.renderers["full"]


def full(mail):
    message = EmailMultiAlternatives("Обучение", TEXT, to=[mail.to], reply_to=["contact@example.org"])
    message.attach_alternative(f"<p>{TEXT}</p>", "text/html")
    message.attach("event.ics", ICS, "text/calendar")
    return message


def use(settings, name, url):
    """Configure a service as an operator does, by EMAIL_URL, with its address moved to this machine."""
    query = "&".join([f"{name.upper().replace('-', '_')}_API_URL={url}", *(f"{key}=k" for key in KEYS[name])])
    email, anymail = mail_from_url(f"anymail+{name}:?{query}")
    settings.EMAIL_BACKEND, settings.ANYMAIL = email["EMAIL_BACKEND"], anymail
    if name == "amazon-ses":
        pytest.importorskip("boto3", reason="boto3 comes with requirements-production.txt")
        access = {"aws_access_key_id": "k", "aws_secret_access_key": "k", "region_name": "eu-west-3"}
        settings.ANYMAIL["AMAZON_SES_CLIENT_PARAMS"] = {
            **access,
            "endpoint_url": url,
            "config": {"retries": {"total_max_attempts": 1}},
        }


def make(key="1"):
    return OutgoingMail.objects.create(key=key, kind="full", to=MARIA, language="bg", next_try_at=NOON)


def unfolded(body):
    """What a request says, with JSON's escapes and SES' base64 taken away."""
    if not body.startswith(b"{"):
        return body.decode()
    data = json.loads(body)
    if "Content" in data and "Raw" in data["Content"]:
        raw = base64.b64decode(data["Content"]["Raw"]["Data"])
        mail = message_from_bytes(raw, policy=policy.default)
        parts = [f"{part.get_content_type()} {part.get_content()}" for part in mail.walk() if not part.is_multipart()]
        return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])
    return json.dumps(data, ensure_ascii=False).replace('\\"', '"')


def test_every_service_is_tried():
    assert set(KEYS) == set(ANSWERS) == set(ANYMAIL)


@pytest.mark.parametrize("name", ANYMAIL)
def test_service_takes_a_mail_with_all_that_ours_have(settings, provider, name):
    use(settings, name, provider.url)
    provider.answer = ANSWERS[name]
    row = make()

    result = deliver(row.pk)

    number = stored(row).message_id
    assert (result, len(provider.bodies), stored(row).attempts) == ("sent", 1, 1), stored(row).last_error
    assert number == {"postal": "71"}.get(name, "n-1") or (
        name == "unisender-go" and re.fullmatch(r"[\w-]{36}", number)
    )
    said = unfolded(provider.bodies[0])
    calendar = base64.b64encode(ICS.encode()).decode()
    assert {
        "text": TEXT in said,
        "html": f"<p>{TEXT}</p>" in said,
        "reply": "contact@example.org" in said,
        "calendar": calendar in said or ICS.replace("\r\n", "\n") in said.replace("\r\n", "\n"),
        "type": "text/calendar" in said,
        "id": message_id(row) in said,
        "automatic": "auto-generated" in said,
        "metadata": reference(row) in said,
        "tracking": bool(re.search(r"open_?track|track_?open", said, re.IGNORECASE)),
    } == {
        "text": True,
        "html": True,
        "reply": True,
        "calendar": True,
        "type": name not in WITHOUT_TYPE,
        "id": name not in WITHOUT_MESSAGE_ID,
        "automatic": name != "mailersend",
        "metadata": name not in WITHOUT_METADATA,
        "tracking": False,
    }


@pytest.mark.parametrize("name", ANYMAIL)
@pytest.mark.parametrize(
    ("status", "waits"), [(400, False), (422, False), (401, True), (429, True), (500, True), (503, True)]
)
def test_service_that_does_not_take_a_mail_is_asked_again(settings, provider, name, status, waits):
    use(settings, name, provider.url)
    provider.answer, provider.status = {"message": f"<{MARIA}> no"}, status
    rows = [make("1"), make("2")]

    drain()

    assert [(stored(row).state, stored(row).waits_for_server) for row in rows] == [
        ("queued", waits),
        ("queued", False),
    ]
    assert [stored(row).attempts for row in rows] == [1, int(not waits)]
    assert MARIA not in stored(rows[0]).last_error


@pytest.mark.parametrize("name", ANYMAIL)
def test_service_that_cannot_be_reached_loses_nothing(settings, provider, name):
    use(settings, name, "http://127.0.0.1:9/")
    rows = [make("1"), make("2")]
    drain()
    waiting = [(stored(row).waits_for_server, stored(row).attempts) for row in rows]

    use(settings, name, provider.url)
    provider.answer = ANSWERS[name]
    OutgoingMail.objects.update(next_try_at=NOON)
    drain()

    assert waiting == [(True, 1), (False, 0)]
    assert [stored(row).state for row in rows] == ["sent", "sent"]


def test_person_whom_the_service_refuses_is_told_of(settings, provider):
    use(settings, "mandrill", provider.url)
    provider.answer = [{"email": MARIA, "status": "rejected", "reject_reason": "hard-bounce"}]
    found = []
    outbox.when_returned(handler := lambda mail: found.append((mail.pk, mail.state)))
    row = make()

    deliver(row.pk)
    outbox.handlers.remove(handler)

    assert (stored(row).state, found) == ("failed", [(row.pk, "failed")])
