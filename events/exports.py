"""The list of registrations as a file for a spreadsheet, in which nothing that strangers typed is ever run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from events.below_hub import OfEvent
from events.models.registration import Answer, AuditLine, RegistrationState
from events.registration_filter import FilterForm
from events.registrations_admin import ranks
from portal.base.languages import language_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from events.models import Event, Registration

# Where a spreadsheet would begin a formula: at the start of a cell, and of what it may take for the next one where
# lists are separated by semicolons.
FORMULA = re.compile(r"(?:^|(?<=[;\r\n]))(?=\s*[=+\-@＝＋－＠]|[\t\r\n])")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | dt.datetime | None


class Column(NamedTuple):
    heading: str
    value: Callable[[Registration], Cell]


def harmless(text: str) -> str:
    """As text, also where a spreadsheet would take it for a formula."""
    return FORMULA.sub("'", text)


def columns(event: Event) -> list[Column]:
    """What the file tells of each registration; the event's own questions come last."""
    places = ranks(event)
    return [
        Column(_("State"), lambda row: str(row.get_state_display())),
        Column(_("Rank"), lambda row: places.get(row.pk)),
        Column(_("Takes part"), lambda row: str(row.get_way_display())),
        Column(_("Seat"), lambda row: row.seat),
        Column(_("Name"), lambda row: row.name),
        Column(_("E-mail"), lambda row: row.email),
        Column(_("Organisation"), lambda row: row.organisation),
        Column(_("Country"), lambda row: row.country_name),
        Column(_("Language of the mails"), lambda row: language_name(row.language)),
        Column(_("Access needs"), lambda row: row.access_needs),
        Column(_("Diet"), lambda row: row.diet),
        Column(_("Needs interpretation from"), lambda row: ", ".join(map(language_name, row.interpretation))),
        Column(_("Came by"), lambda row: str(row.get_channel_display())),
        Column(
            _("Registered at (%(zone)s)") % {"zone": event.timezone},
            lambda row: row.created_at.astimezone(event.zone).replace(tzinfo=None, microsecond=0),
        ),
        *answer_columns(event),
    ]


def answer_columns(event: Event) -> list[Column]:
    questions = list(event.questions.prefetch_related("choices"))
    found = Answer.objects.filter(question__event=event).values_list("question", "registration", "value")
    given = {(question, registration): value for question, registration, value in found}

    def answered(number: int) -> Callable[[Registration], Cell]:
        question = questions[number]

        def value(row: Registration) -> Cell:
            answer = given.get((question.pk, row.pk))
            return "" if answer is None else question.said(answer)

        return value

    return [Column(str(question), answered(number)) for number, question in enumerate(questions)]


def as_csv(shown: Sequence[Column], rows: Iterable[Registration]) -> bytes:
    """Comma-separated, begun with the mark by which Excel knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(column.heading) for column in shown])
    for row in rows:
        writer.writerow([csv_cell(column.value(row)) for column in shown])
    return BOM_UTF8 + text.getvalue().encode()


def csv_cell(value: Cell) -> str:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return harmless(value) if isinstance(value, str) else str("" if value is None else value)


def as_xlsx(shown: Sequence[Column], rows: Iterable[Registration]) -> bytes:
    """One sheet; every text is a text there."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=_("Registrations")[:31])
    sheet.freeze_panes = "A2"
    sheet.append([xlsx_cell(sheet, column.heading) for column in shown])
    for row in rows:
        sheet.append([xlsx_cell(sheet, column.value(row)) for column in shown])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xlsx_cell(sheet: Any, value: Cell) -> WriteOnlyCell:
    is_text = isinstance(value, str)
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value)
    if is_text:
        cell.data_type = "s"
    if isinstance(value, dt.datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    return cell


FORMATS = {"csv": (as_csv, "text/csv; charset=utf-8"), "xlsx": (as_xlsx, EXCEL)}


class ExportView(OfEvent):
    """POST: the filtered list as a file, and a line that says who took it. Whoever may see the list may take it."""

    http_method_names = ["post", "options"]
    act_action = "view"

    def post(self, request: Any, pk: int) -> HttpResponse:
        form = FilterForm(request.GET, event=self.event)
        rows = form.found()
        is_asked = request.POST.get("pending") or form.asked.get("state") == RegistrationState.PENDING
        if not is_asked:
            rows = rows.exclude(state=RegistrationState.PENDING)
        kind = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
        write, content_type = FORMATS[kind]
        found = list(rows)
        body = write(columns(self.event), found)
        AuditLine.objects.create(
            event=self.event,
            user=request.user,
            who="organiser",
            what="exported",
            data={"rows": len(found), "format": kind},
        )
        name = slugify(f"{_('registrations')}-{self.event}")[:80] or "registrations"
        disposition = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
        return HttpResponse(body, content_type=content_type, headers=disposition)
