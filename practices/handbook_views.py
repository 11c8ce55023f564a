"""The handbook over HTTP: the stored files, and sheets that somebody chose, typeset on request."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from portal.base.conditional import Body, feed_response
from portal.base.languages import current_language
from portal.base.limits import is_over, network_of
from practices.address import MAX_SHEETS as MAX_SELECTION
from practices.address import number
from practices.handbook import of_selection, sheets_of
from practices.handbook_building import MAX_SHEETS, filename
from practices.models import Chapter, Handbook
from practices.typesetting import TypesettingFailed, typeset

if TYPE_CHECKING:
    from django.http import HttpRequest

    from practices.handbook import Handbook as Contents

PER_NETWORK = 60  # selections that are typeset for one network, an hour; those that are kept cost nothing
LONGEST_TYPESETTING = 20  # seconds; thirty sheets take one or two
LONGEST_WAIT = 8  # seconds for the one before
KEPT_BYTES = 16 * 2**20  # of typeset selections, in the memory of a process
MAX_AGE = 300  # seconds that others may keep an answer
SOON, SHORTLY = 60, 10  # seconds until it is worth asking again

logger = logging.getLogger(__name__)
one_at_a_time = threading.BoundedSemaphore(1)


@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    if "sheet" in request.GET:
        return selection(request)
    code = request.GET.get("chapter", "")[:40]
    chapter = Chapter.objects.filter(code=code).first() if code else None
    if code and chapter is None:
        return message(request, 404, gettext("There is no such chapter"), gettext("Take the whole vademecum instead."))
    row = Handbook.objects.filter(language=current_language(), chapter=chapter).select_related("chapter").first()
    return stored(request, row) if row and row.file else missing(request, row)


def stored(request: HttpRequest, row: Handbook) -> HttpResponse:
    try:
        with row.file.open() as file:
            body = Body(file.read(), compress=False)
    except FileNotFoundError:
        return missing(request, None)
    return feed_response(
        request, body, filename=filename(row), last_modified=row.built_at or timezone.now(), max_age=MAX_AGE
    )


def missing(request: HttpRequest, row: Handbook | None) -> HttpResponse:
    if row and row.sheets > MAX_SHEETS:
        text = gettext("It has more than %(most)s sheets. Take one chapter, or choose sheets in the vademecum.")
        return message(request, 404, gettext("This is too much for one file"), text % {"most": MAX_SHEETS})
    if row and row.due_at is None:
        text = gettext("As soon as one is published, the file is made.")
        return message(request, 404, gettext("There is no sheet in it yet"), text)
    text = gettext("It will be ready in some minutes. Please come back then.")
    return message(request, 503, gettext("The handbook is being made"), text, retry=SOON)


# --- chosen sheets


def selection(request: HttpRequest) -> HttpResponse:
    wanted = list(dict.fromkeys(value for value in request.GET.getlist("sheet") if value))
    if not wanted:
        text = gettext("Mark the sheets that you want in the vademecum, and ask for the file again.")
        return message(request, 400, gettext("You have chosen no sheet"), text)
    if len(wanted) > MAX_SELECTION:
        title = gettext("You have chosen %(number)s sheets") % {"number": len(wanted)}
        text = gettext("At most %(most)s fit into one file. Choose fewer, or take a chapter or the whole vademecum.")
        return message(request, 400, title, text % {"most": MAX_SELECTION})
    keys = {value: number(value) for value in wanted}
    found = sheets_of().in_bulk(list(keys.values()))
    practices = [found[pk] for pk in dict.fromkeys(keys.values()) if pk in found]
    gone = [value for value in wanted if keys[value] not in found]
    if gone:
        return without(request, gone, [practice.pk for practice in practices])
    return typeset_on_request(request, of_selection(practices))


def without(request: HttpRequest, gone: list[str], left: list[int]) -> HttpResponse:
    """Say which sheets are not there, and offer the file with the others."""
    title = ngettext(
        "%(number)s of these sheets is not published", "%(number)s of these sheets are not published", len(gone)
    )
    text = gettext("The number is wrong, or the sheet was taken back: %(numbers)s.")
    numbers = ", ".join(value[:20] for value in gone)
    others = "&".join(f"sheet={pk}" for pk in left)
    link = (f"{reverse('handbook')}?{others}", gettext("Get the file without them")) if left else None
    return message(request, 404, title % {"number": len(gone)}, text % {"numbers": numbers}, link=link)


class Kept(NamedTuple):
    body: Body
    made_at: dt.datetime


class Memory:
    """The files that were asked for last, as many as fit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.files: OrderedDict[tuple[str, dt.date], Kept] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: tuple[str, dt.date]) -> Kept | None:
        with self.lock:
            if key in self.files:
                self.files.move_to_end(key)
            return self.files.get(key)

    def keep(self, key: tuple[str, dt.date], kept: Kept) -> None:
        with self.lock:
            self.files[key] = kept
            while len(self.files) > 1 and sum(len(each.body.raw) for each in self.files.values()) > self.limit:
                self.files.popitem(last=False)


memory = Memory(KEPT_BYTES)


def typeset_on_request(request: HttpRequest, contents: Contents) -> HttpResponse:
    key = (contents.digest, timezone.localdate())  # the day is on the cover
    kept = memory.get(key)
    if kept is None:
        network = network_of(request)
        if network and is_over("handbook", network, PER_NETWORK):
            text = gettext("Too many files were asked for from your network. Please try again in an hour.")
            return message(request, 429, gettext("Please wait"), text, retry=3600)
        if not one_at_a_time.acquire(timeout=LONGEST_WAIT):
            text = gettext("Other files are being made just now. Please try again in a moment.")
            return message(request, 503, gettext("Please wait"), text, retry=SHORTLY)
        try:
            kept = memory.get(key) or make(key, contents)
        except TypesettingFailed:
            logger.exception("a selection of sheets cannot be typeset")
            text = gettext("We have been told. The pages of the sheets are there, and can be printed.")
            return message(request, 503, gettext("The file could not be made"), text, retry=SOON)
        finally:
            one_at_a_time.release()
    response = feed_response(
        request,
        kept.body,
        filename=f"vademecum-{current_language()}-{contents.digest[:8]}.pdf",
        last_modified=kept.made_at,
        max_age=MAX_AGE,
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def make(key: tuple[str, dt.date], contents: Contents) -> Kept:
    kept = Kept(Body(typeset(contents, seconds=LONGEST_TYPESETTING).pdf, compress=False), timezone.now())
    memory.keep(key, kept)
    return kept


# --- what is said instead of a file


def message(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    *,
    link: tuple[str, str] | None = None,
    retry: int | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"title": title, "text": text, "link": link}
    response = render(request, "practices/handbook_message.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    if retry is not None:
        response["Retry-After"] = str(retry)
    return response
