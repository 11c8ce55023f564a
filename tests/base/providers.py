"""The services that EMAIL_URL can name: real backend class, real connection, an answer from this machine."""

from __future__ import annotations

import base64
import json
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from portal.mail_url import mail_from_url, ses_client

MARIA = "maria@example.org"
KEYS = {  # what each wants beside its address
    "amazon-ses": ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "REGION_NAME"],
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


class Answer(BaseHTTPRequestHandler):
    """One request to a service."""

    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        answer = json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Message-Id", "n-1")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 as the library names it
        """Say nothing."""


class Provider(ThreadingHTTPServer):
    """Takes everything, remembers what it was sent, and answers `answer` with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.bodies: list[bytes] = []
        self.status = 200
        self.answer: Any = None
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def url_of(name: str, address: str) -> str:
    """What an operator sets EMAIL_URL to, with the service's address moved to this machine."""
    if name == "amazon-ses":
        pytest.importorskip("boto3", reason="boto3 comes with requirements-production.txt")
    moved = "ENDPOINT_URL" if name == "amazon-ses" else f"{name.upper().replace('-', '_')}_API_URL"
    return f"anymail+{name}:?" + "&".join([f"{moved}={address}", *(f"{key}=k" for key in KEYS[name])])


def use(settings: Any, name: str, address: str) -> None:
    email, anymail = mail_from_url(url_of(name, address))
    client = ses_client(anymail, {"retries": {"total_max_attempts": 1}})
    settings.EMAIL_BACKEND, settings.ANYMAIL = email["EMAIL_BACKEND"], {**anymail, "AMAZON_SES_CLIENT_PARAMS": client}


def raw_of(body: bytes) -> bytes:
    """The whole mail in a request to Amazon SES."""
    return base64.b64decode(json.loads(body)["Content"]["Raw"]["Data"])


def unfolded(body: bytes) -> str:
    """What a request says, with JSON's escapes and SES' base64 taken away."""
    if not body.startswith(b"{"):
        return body.decode()
    data = json.loads(body)
    if "Content" in data and "Raw" in data["Content"]:
        mail = message_from_bytes(raw_of(body), policy=policy.default)
        parts = [f"{part.get_content_type()} {part.get_content()}" for part in mail.walk() if not part.is_multipart()]
        return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])
    return json.dumps(data, ensure_ascii=False).replace('\\"', '"')
