"""Public data as JSON: what is known, with its sources, in the reader's language; what is not known is null.

What is promised of the format stands in docs/data.md; what breaks a reader raises FORMAT.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from portal.base.conditional import feed_response
from portal.base.editions import changed_at
from portal.base.languages import current_language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from portal.base.facts import FigureLine, SourceLine
    from portal.base.languages import Text

FORMAT = 1


class Part(NamedTuple):
    """Which part of a list a file has, from 1, of how many, and how long the whole list is."""

    number: int
    parts: int
    total: int


def data_response(
    request: HttpRequest, name: str, rows: list[dict[str, Any]], part: Part, *, title: str, description: str
) -> HttpResponse:
    """Answer with one list as a file; its date and its ETag are others only after something in it has changed."""
    here = settings.SITE_URL + request.path
    content = {
        "title": title,
        "description": description,
        "format": FORMAT,
        "language": current_language(),
        "url": f"{here}?page={part.number}" if part.number > 1 else here,
        "documentation": absolute(reverse("data")),
        "licence": settings.DATA_LICENCE,
        "count": part.total,
        "next": f"{here}?page={part.number + 1}" if part.number < part.parts else None,
        name: rows,
    }
    since = changed_at(f"{name}/{current_language()}/{part.number}", written(content))
    body = written({"changed_at": moment(since), **content})
    return feed_response(request, body, filename=f"{name}.json", last_modified=since)


def written(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"


def absolute(url: str) -> str:
    return urljoin(f"{settings.SITE_URL}/", url)


def said(text: Text) -> dict[str, str | None] | None:
    """Words with the language that they are in."""
    return {"text": text.text, "language": text.language or None} if text else None


def moment(at: dt.datetime | None) -> str | None:
    """A moment in UTC."""
    return None if at is None else f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def clock(time: dt.time | None) -> str | None:
    """A time as local clocks show it."""
    return None if time is None else f"{time:%H:%M}"


def day(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()


def source(title: str, url: str = "", date: str = "") -> dict[str, str | None] | None:
    return {"title": title, "url": url or None, "date": date or None} if title else None


def sources(rows: Iterable[SourceLine]) -> list[dict[str, str | None] | None]:
    return [source(row.title, row.url, row.as_of) for row in rows]


def figures(rows: Iterable[FigureLine]) -> list[dict[str, Any]]:
    return [
        {
            "label": said(row.label),
            "value": said(row.value),
            "date": row.as_of or None,
            "source": source(row.source_title, row.source_url),
        }
        for row in rows
    ]
