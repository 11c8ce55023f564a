"""HTTP for feeds and public data (RFC 9110): what polling clients need, so that most requests end in a 304.

The same bytes for every client, whatever it says of itself; only gzip is negotiated. Views add `require_safe`.
"""

import gzip
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import PurePath

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_etags

CONTENT_TYPES = {  # by the name of the file
    ".atom": "application/atom+xml; charset=utf-8",
    ".csv": "text/csv; charset=utf-8; header=present",
    ".ics": "text/calendar; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
}
GZIP_LEVEL = 1  # level 6 makes it a tenth smaller and takes three times as long
REFUSED = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
# Without no-cache a client may answer itself for a tenth of the calendar's age, revoked or not.
PRIVATE_HEADERS = (
    ("Cache-Control", "private, no-cache"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
)


@dataclass
class Body:
    """A file to be answered many times: its digest and its compressed bytes are made once, when first asked for."""

    raw: bytes
    compress: bool = True

    @cached_property
    def digest(self) -> str:
        return sha256(self.raw).hexdigest()[:32]

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.raw, GZIP_LEVEL, mtime=0)


def feed_response(
    request: HttpRequest,
    body: bytes | Body,
    *,
    filename: str,
    last_modified: datetime,
    public: bool = True,
    attachment: bool = False,
    max_age: int = 900,
) -> HttpResponse:
    """Answer a GET or HEAD with a file or, where the client has it already, with a 304."""
    _forget_cookies(request)
    if not isinstance(body, Body):
        body = Body(body)
    if not body.compress:
        request.META.pop("HTTP_ACCEPT_ENCODING", None)  # or Django's middleware would do it
    zipped = body.compress and _accepts_gzip(request)
    response = HttpResponse(content_type=CONTENT_TYPES[PurePath(filename).suffix])
    response["ETag"] = etag = _etag(request, body.digest, zipped=zipped)
    response["Last-Modified"] = http_date(last_modified.timestamp())
    response["Vary"] = "Accept-Encoding"
    response["Content-Disposition"] = content_disposition_header(attachment, filename) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    for name, value in _public_headers(max_age) if public else PRIVATE_HEADERS:
        response[name] = value
    answer = get_conditional_response(request, etag, int(last_modified.timestamp()), response)
    if answer is not None and answer is not response:
        return answer
    _fill(response, request, body, zipped=zipped)
    return response


def _forget_cookies(request: HttpRequest) -> None:
    """Leave malformed cookies alone: Django would replace them, in an answer that shared caches keep for others."""
    request.COOKIES.clear()
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)


def _public_headers(max_age: int) -> tuple[tuple[str, str], ...]:
    return (("Cache-Control", f"public, max-age={max_age}"), ("Access-Control-Allow-Origin", "*"))


def _fill(response: HttpResponse, request: HttpRequest, body: Body, *, zipped: bool) -> None:
    content = body.gzipped if zipped else body.raw
    if zipped:
        response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(content))
    if request.method != "HEAD":
        response.content = content


def _etag(request: HttpRequest, digest: str, *, zipped: bool) -> str:
    """Give each encoding an ETag of its own, and repeat the other one to a client that has that already."""
    own, other = f'"{digest}-gz"', f'"{digest}"'
    if not zipped:
        own, other = other, own
    known = {etag.removeprefix("W/") for etag in parse_etags(request.headers.get("If-None-Match", ""))}
    return other if other in known and own not in known else own


def _accepts_gzip(request: HttpRequest) -> bool:
    for coding in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() in {"gzip", "x-gzip"}:
            return REFUSED.fullmatch(weight) is None
    return False
