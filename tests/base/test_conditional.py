import gzip
import hashlib
from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from portal.base.conditional import Body, feed_response

RAW = b"BEGIN:VCALENDAR\r\n" + b"X-LINE:some text that can be compressed\r\n" * 50 + b"END:VCALENDAR\r\n"
DIGEST = hashlib.sha256(RAW).hexdigest()[:32]
ETAG, GZIP_ETAG = f'"{DIGEST}"', f'"{DIGEST}-gz"'
CHANGED = datetime(2026, 3, 1, 12, 0, 0, 900_000, tzinfo=UTC)
CHANGED_HTTP = "Sun, 01 Mar 2026 12:00:00 GMT"
GZIP = {"Accept-Encoding": "gzip, deflate, br"}
BODIES = [RAW, Body(RAW)]


def ask(body=RAW, method="get", headers=None, filename="all.ics", **options):
    request = getattr(RequestFactory(), method)("/fr/calendar/all.ics", headers=headers)
    return feed_response(request, body, filename=filename, last_modified=CHANGED, **options)


@pytest.mark.parametrize("body", BODIES, ids=["bytes", "ready"])
def test_get_gives_the_calendar(body):
    response = ask(body)

    assert (response.status_code, response.content) == (200, RAW)
    assert dict(response.headers) == {
        "Content-Type": "text/calendar; charset=utf-8",
        "ETag": ETAG,
        "Last-Modified": CHANGED_HTTP,
        "Vary": "Accept-Encoding",
        "Content-Disposition": 'inline; filename="all.ics"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=900",
        "Access-Control-Allow-Origin": "*",
        "Content-Length": str(len(RAW)),
    }
    assert not response.cookies


def test_get_of_a_private_calendar_is_for_one_person():
    response = ask(public=False, attachment=True, max_age=5)

    assert dict(response.headers) == {
        "Content-Type": "text/calendar; charset=utf-8",
        "ETag": ETAG,
        "Last-Modified": CHANGED_HTTP,
        "Vary": "Accept-Encoding",
        "Content-Disposition": 'attachment; filename="all.ics"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        "Content-Length": str(len(RAW)),
    }


@pytest.mark.parametrize(
    ("filename", "content_type"), [("all.ics", "text/calendar; charset=utf-8"), ("cites.json", "application/json")]
)
def test_type_is_told_by_the_name_of_the_file(filename, content_type):
    assert ask(filename=filename).headers["Content-Type"] == content_type


@pytest.mark.parametrize("body", BODIES, ids=["bytes", "ready"])
def test_gzip_holds_the_same_octets_each_time(body):
    first, second = ask(body, headers=GZIP), ask(body, headers=GZIP)

    assert first.content == second.content == Body(RAW).gzipped
    assert gzip.decompress(first.content) == RAW
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.headers["ETag"] == GZIP_ETAG
    assert first.headers["Content-Length"] == str(len(first.content))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("deflate, x-gzip", "gzip"),
        ("br;q=1.0, gzip; q=0.01", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.000, br", None),
        ("br", None),
        ("identity", None),
        ("*", None),
        ("", None),
        ("notgzip", None),
    ],
)
def test_gzip_is_sent_to_those_only_who_name_it(accepted, encoding):
    assert ask(headers={"Accept-Encoding": accepted}).headers.get("Content-Encoding") == encoding


def test_body_that_is_not_to_be_compressed_is_not():
    response = ask(Body(RAW, compress=False), headers=GZIP)

    assert (response.content, response.headers["ETag"]) == (RAW, ETAG)
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("body", BODIES, ids=["bytes", "ready"])
@pytest.mark.parametrize("headers", [{}, GZIP])
def test_head_is_get_without_the_calendar(body, headers):
    head, get = ask(body, "head", headers), ask(body, "get", headers)

    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    ("headers", "etag"),
    [
        ({"If-None-Match": ETAG}, ETAG),
        ({"If-None-Match": f"W/{ETAG}"}, ETAG),
        ({"If-None-Match": f'"other", {ETAG}'}, ETAG),
        ({"If-None-Match": "*"}, ETAG),
        ({"If-None-Match": GZIP_ETAG} | GZIP, GZIP_ETAG),
        ({"If-None-Match": f"W/{GZIP_ETAG}"} | GZIP, GZIP_ETAG),
        ({"If-None-Match": f"{ETAG}, {GZIP_ETAG}"} | GZIP, GZIP_ETAG),
        # A client that has the calendar in the other encoding has it.
        ({"If-None-Match": ETAG} | GZIP, ETAG),
        ({"If-None-Match": GZIP_ETAG}, GZIP_ETAG),
        ({"If-Modified-Since": CHANGED_HTTP}, ETAG),
        ({"If-Modified-Since": "Mon, 02 Mar 2026 12:00:00 GMT"}, ETAG),
        ({"If-None-Match": ETAG, "If-Modified-Since": "Sun, 01 Mar 2020 12:00:00 GMT"}, ETAG),
    ],
)
def test_client_that_has_the_calendar_gets_304(headers, etag, method):
    response = ask(method=method, headers=headers)

    assert (response.status_code, response.content) == (304, b"")
    assert dict(response.headers) == {
        "Cache-Control": "public, max-age=900",
        "ETag": etag,
        "Last-Modified": CHANGED_HTTP,
        "Vary": "Accept-Encoding",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"other"'},
        {"If-None-Match": "not an etag"},
        {"If-Modified-Since": "Sun, 01 Mar 2026 11:59:59 GMT"},
        {"If-Modified-Since": "yesterday"},
        # The hash knows better than the clock.
        {"If-None-Match": '"other"', "If-Modified-Since": CHANGED_HTTP},
        {
            "User-Agent": "Google-Calendar-Importer",
            "Accept": "application/json",
            "Accept-Language": "de",
            "Cookie": "a=b",
        },
    ],
)
def test_client_that_has_another_calendar_gets_this_one(headers):
    response = ask(headers=headers)

    assert (response.status_code, response.content, response.headers["Vary"]) == (200, RAW, "Accept-Encoding")


def test_another_octet_is_another_etag():
    assert ask(RAW + b" ").headers["ETag"] != ETAG


def test_filename_cannot_add_a_header():
    request = RequestFactory().get("/")
    response = feed_response(request, RAW, filename='a"b\\é.ics', last_modified=CHANGED)

    assert response.headers["Content-Disposition"] == "inline; filename*=utf-8''a%22b%5C%C3%A9.ics"
