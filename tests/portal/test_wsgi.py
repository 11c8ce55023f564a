"""What a client may say of its text before Django reads it."""

from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from portal.wsgi import application

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def same_connection():
    """The test's transaction goes on; Django would close the connection, as after any request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def answer(method, path, content_type, body=b""):
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
        "wsgi.input": BytesIO(body),
    }
    setup_testing_defaults(environ)
    started = []
    parts = application(environ, lambda status, headers: started.append(status))
    text = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    return int(started[0].split()[0]), text.decode()


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "hex", "zip", "rot13", "idna"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("quoted", [False, True])
def test_text_is_utf_8_whatever_the_client_says(method, charset, quoted):
    said = f'"{charset}"' if quoted else charset
    body = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n\\ud800@example.org\r\n--x--\r\n'

    status, text = answer(
        method, "/fr/my-registrations/?x=%5Cud800", f"multipart/form-data; boundary=x; Charset = {said}", body
    )

    # A POST without a token is refused as any other; it is read before that.
    assert status == (200 if method == "GET" else 403)
    assert "<html" in text


def test_form_in_utf_8_is_read():
    status, text = answer("GET", "/fr/search/?q=d%C3%A9tente", "text/plain; charset=utf-8")

    assert status == 200
    assert "détente" in text
